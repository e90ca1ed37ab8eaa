//go:build linux && !cgo

// Package sample is the documentation of the package, not of what follows.
package sample

import "fmt"

// Plain adds.
// It has two lines.
func Plain(a, b int) int { return a + b }

// Detached from what follows by a blank line.

func unnamed(int, string, ...byte) (int, error) { return 0, nil }

func variadic(format string, args ...any) (n int, err error) {
	return fmt.Printf(format, args...)
}

// Long has a signature over several lines.
//
//	Long(ctx, nil, 0)
//
//go:noinline
//nolint:revive
func Long(
	ctx context.Context, // who waits
	callback func(a int, b string) error, /* may be nil */
	limit [' ']map[string]chan<- int,
) (
	result []byte, // what came
	err error,
) {
	for i := 0; i < limit; i++ {
		if a && b || c {
			continue
		} else if d {
			break
		}
	}
	switch {
	case a, b:
	case c:
	default:
	}
	switch v := x.(type) {
	case int:
		_ = v
	default:
	}
	select {
	case <-done:
	case v := <-queue:
		_ = v
	default:
	}
	func() {
		if nested && notCounted {
			return
		}
	}()
	return nil, nil
}

/*
Block comments
document, too.
*/
func Generic[K comparable, V int | ~string](m map[K]V, f func(K) V) map[K]V { return Generic[K, V](m, f) }

/* One line. */ func sameLine() {}

var trailing = 1 // belongs to the variable
func afterTrailing() {}

//go:linkname assembled runtime.assembled
func assembled(p *byte) uintptr

//export OnlyDirective
func OnlyDirective() {}

func init() { Plain(1, 2) }

func init() { unnamed(1, "") }

func _() { sameLine() }

func Ünicode() {}

func élan() {}

func main() {
	defer sameLine()
	go afterTrailing()
	func() { variadic("%d") }()
	fmt.Println(`
func inRawString() {
	if x { /* " */
`, '{', "func inString() {")
}
