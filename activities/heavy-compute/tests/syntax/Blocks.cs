namespace A.B
{
    namespace C
    {
        class Inner { class Deep { void M() { } } }
    }
}

namespace A.B
{
    class Second { }
}

class Program
{
    static int Main(string[] args) => 0;
}
