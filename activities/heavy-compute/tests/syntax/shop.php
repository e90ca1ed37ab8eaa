<html>
<?php
declare(strict_types=1);

namespace App\Shop;

use App\Base;

const LIMIT = 10;

/**
 * A shop.
 */
#[Attribute]
abstract class Shop extends Base implements Countable
{
    use Loggable;

    public const VERSION = '1.0', BUILD = 2;
    private ?string $name = null, $other;
    protected static int $count = 0;

    /** Makes one. */
    public function __construct(private string $label, public readonly int $size = 3)
    {
        $this->reset();
    }

    // An ordinary comment is no documentation.
    public static function make(string $label, int ...$sizes): static
    {
        if ($label === '' && count($sizes) > 0 or $label === 'x') {
            return self::fallback();
        }
        foreach ($sizes as $size) {
            $x = match ($size) { 1, 2 => 'a', default => 'b' };
        }
        try {
            helper($label);
        } catch (\Exception $e) {
        }
        return new static($label ?? 'none');
    }

    private static function fallback(): static { return static::make('x'); }

    protected function reset(): void
    {
        $f = function ($a) { return $a ? 1 : 2; };
        $g = fn ($a) => $a + 1;
        array_map($f, []);
        $other->total();
    }

    abstract public function total(array $items = ['a', /* why */ 'b',]): ?int;
}

trait Loggable
{
    private function log(string $text): void { \error_log($text); }
}

interface Priced
{
    const CURRENCY = 'EUR';
    public function price(): int;
}

enum Suit: string
{
    case Hearts = 'H';
    case Spades = 'S';
    const Wild = self::Spades;

    public function label(): string { return ucfirst($this->name); }
}

/** Helps. */
function helper(string $text, &$out = null): string
{
    function inner() { return 1; }
    $anonymous = new class { public function hidden() { return inner(); } };
    return \App\Shop\other($text);
}

function other($a) { return $a; }
?>
<p><?= helper('x') ?></p>
<?php if ($a): ?>
  <b>yes</b>
<?php endif; ?>
</html>
