// Package scopes calls functions named seen where the package's is meant, and hidden where something local hides it:
// nothing may call hidden.
package scopes

func hidden(...any) any { return nil }

func seen1(...any) any { return nil }
func seen2(...any) any { return nil }
func seen3(...any) any { return nil }
func seen4(...any) any { return nil }
func seen5(...any) any { return nil }
func seen6(...any) any { return nil }

func err() error { return nil }

type T struct{}

type Hidden struct{}

func parameters(hidden func(), _ int) { hidden(); seen1() }

func results() (hidden func()) { hidden(); return }

func typeParameter[Hidden any](x any) { _ = Hidden(x); _ = T(x) }

func (Hidden *T) receiver() { Hidden(nil) }

func before() {
	seen1()
	seen1, hidden := seen2(), 1
	hidden(seen1)
}

func inBlock() {
	{
		seen1 := hidden
		seen1()
		func() { seen1() }()
	}
	seen2()
	{
		seen2 := 1
	}
	seen2()
}

func afterBlock() {
	{
		seen1 := 1
		_ = seen1
	}
	seen1()
}

func ifElse() {
	if hidden, seen1 := seen1(), 0; hidden() > 0 {
		hidden()
		seen2()
	} else if seen2 := hidden(seen1); seen2 > 0 {
		hidden()
	} else {
		hidden()
		hidden(seen2)
	}
	seen3()
}

func loops() {
	for hidden := seen1(); hidden() < 1; hidden(hidden) {
		hidden()
	}
	for hidden, seen2 := range seen2() {
		hidden(seen2)
	}
	for seen4 = range seen3() {
		seen4()
	}
	for range seen5() {
		hidden := 1
		hidden()
	}
	seen6()
}

func switches(v any) {
	switch hidden := v; hidden() {
	case seen1():
		seen2 := 1
		_ = seen2
	case seen2():
		hidden()
	}
	switch seen3 := seen3().(type) {
	case T:
		hidden := seen3
		hidden()
	default:
		seen4()
	}
	switch seen5(); hidden := v.(type) {
	case error:
		hidden()
	default:
		hidden()
	}
}

func selects() {
	select {
	case hidden := <-seen1():
		hidden()
	case hidden, ok := <-seen2():
		hidden(ok)
	case seen3 = <-seen3():
		seen3()
	default:
		seen4()
	}
}

func closures() {
	hidden := func(seen1 int) int {
		hidden := seen1
		hidden()
		return seen2(seen1)
	}
	hidden()
	func() {
		seen3()
		seen3 := 1
		_ = seen3
	}()
	defer func() { seen4() }()
	go func(hidden func()) { hidden() }(seen5)
}

func declarations() {
	var hidden = seen1()
	hidden()
	const seen2 = 1
	var (
		seen4 = seen3()
		seen5 = seen4
	)
	type Hidden struct{ next *Hidden }
	_ = Hidden(hidden)
}

func ownType() {
	_ = Hidden(T(nil))
}

func again() {
	a, err := seen1(), err()
	b, err := seen2(), a
	_ = b
label:
	for {
		break label
	}
}

func generic[K any](k K) K { return k }

func instances(hidden []func()) {
	generic[int](1)
	hidden[0]()
	pointers[0]()
	(*pointer)()
}

func moreInstances() {
	generic[map[string]int](nil)
	(generic[T])(T{})
}

var pointer *func()

var pointers []func()

func recursive() { recursive() }
