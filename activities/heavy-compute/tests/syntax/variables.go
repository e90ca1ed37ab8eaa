// Package variables has variables and constants.
package variables

// Pi is close.
const Pi = 3.14

// Weekday documents a group of several.
const (
	// Sunday is first.
	Sunday Weekday = iota
	Monday
	_
	Wednesday, Thursday = iota, iota + 1 // trailing
)

// A, b and C share this.
var A, b, C = compute(), 1, func() { compute() }

var first, second = pair()

var (
	zero  int
	Table = map[string]func(int) int{
		"double": func(n int) int { return double(n) },
	}
	// Nested is a function.
	Nested func(int) int = (func(n int) int {
		if n > 0 {
			return double(n)
		}
		inner := func() int { return compute() }
		return inner()
	})
	_ = double(1)
	_, shown = pair()
)

// Only one.
var (
	single = compute()
)

var F = func(a int, rest ...string) (int, error) { return double(a), nil }

var empty = func() {}

var _ Interface = (*T)(nil)

var called = func() int { return double(2) }()

var command = &Command{
	Use: "run",
	Run: func(cmd *Command, args []string) { F(1); empty() },
}

func compute() int { return 1 }

func double(n int) int { return n * 2 }

func pair() (int, int) { return compute(), double(1) }

func use() {
	const local = 1
	var alsoLocal, F = 1, 2
	F()
	called()
	Table["double"](1)
}
