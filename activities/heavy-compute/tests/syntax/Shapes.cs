using System;

namespace Geo.Shapes;

/// <summary>A shape.</summary>
[Serializable]
public abstract class Shape : IShape
{
    public const int Limit = 10;
    private readonly int _count, _other;
    public string Name { get; private set; } = "x";
    public event EventHandler? Changed;

    public Shape(string name) : this(name, 0) { }
    protected Shape(string name, int n) { _count = n; }
    ~Shape() { Reset(); }
    static Shape() { }

    /// <summary>
    /// The area.
    /// </summary>
    [Obsolete("no")]
    public virtual async Task<double> Area<T>(double scale = 1.0, params int[] sizes) where T : class
    {
        if (scale > 1 && sizes.Length > 0 || scale is < 0 and > -5)
        {
            return await this.Helper(sizes);
        }
        foreach (var size in sizes)
        {
            switch (size)
            {
                case 1: break;
                default: break;
            }
        }
        var kind = scale switch { 1 => "a", 2 => "b", _ => "c" };
        try { Helper(sizes); } catch (Exception e) when (e != null) { }
        int Local(int x) => x > 1 ? Local(x - 1) : Util.Twice(x);
        return Local(3) + (kind ?? "z").Length;
    }

    private async Task<double> Helper(int[] sizes) => 1;

    internal void Reset() { Changed?.Invoke(this, null); Name.Unknown(); }
    public static Shape operator +(Shape a, Shape b) => a;
    public static implicit operator int(Shape s) => 0;
    public int this[int i] => i;
    void IShape.Draw(int a) { }
}

public partial class Part
{
    public void First() { Second(); }
}

public partial class Part
{
    void Second() { }
}

public interface IShape
{
    void Draw(int a);
    int Count { get; }
}

public record Point(int X, int Y)
{
    public int Sum() => X + Y;
}

public record struct Size(int W);
public struct Pair { public int A; }
internal enum Color { Red, Green = 2 }
public delegate int Compare(int a, int b);

static class Util
{
    public static int Twice(this int x) => x * 2;
}
