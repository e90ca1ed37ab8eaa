package types

import "io"

// Point is a struct.
type Point struct {
	// X and Y.
	X, Y int `json:"x,omitempty"`
	hidden string
	_ [4]byte
}

type (
	// Circle embeds.
	Circle struct {
		Point
		*io.Reader
		Generic[int] "tag"
		center *Point
		style struct {
			Color string
		}
	}

	Shape interface {
		io.Closer
		Sizer
		~int | ~string
		// Area is a method.
		Area() float64
		scale(by float64, origin Point) (Shape, error)
	}
)

// Alone documents the group of one.
type (
	Alone int
)

// Not of the first.
type (
	First  string
	Second = First
)

type Generic[T any] struct{ value T }

type Handler func(w io.Writer, args ...string) error

type Tree[K interface{ ~int; Less(K) bool }, V any] interface {
	Get(key K) (V, bool)
	Walk(func(K, V) bool)
}

type Alias = map[string]struct{ A int }

type GenericAlias[T any] = []T

type hidden struct{ Shown int }

type empty struct{}

type Any interface{}

type _ struct{}

type wrapped (struct{ A int })

func (w *hidden) Exported() {}

func local() {
	type testCase struct {
		Name string
		Run  func()
	}
	type runner interface{ run() }
	for _, c := range []testCase{{Name: "a"}} {
		type testCase struct{ c testCase }
		_ = testCase{c}
	}
}

func other() {
	// testCase has the name of one of another function.
	type testCase struct{ Name string }
}
