package methods

// Push stands before its type.
func (s *Stack[T]) Push(values ...T) {
	s.items = append(s.items, values...)
	s.grow(T(1))
}

// Stack is generic.
type Stack[T any] struct {
	items []T
	Base
}

func (s Stack[T]) Len() int { return len(s.items) }

func (s *Stack[_]) grow(n int) {
	s.Len()
	s.inherited()
	(*s).Push()
	other := s
	other.Len()
	s.items.Len()
}

func (*Stack[T]) Unnamed() {}

func (_ Stack[T]) Blank() {}

func (Stack[T]) _() {}

type Base struct{ *Root }

func (b Base) named() { b.inherited(); b.unknown() }

type Root struct{}

func (r *Root) inherited() { r.inherited() }

// Celsius is no struct.
type Celsius float64

func (c Celsius) Fahrenheit() Fahrenheit { return Fahrenheit(c*9/5 + 32) }

func (c *Celsius) Set(to Celsius) {
	*c = to
	func() {
		c.Fahrenheit()
		c := 1
		c.Fahrenheit()
	}()
}

type Fahrenheit float64

type HandlerFunc func(string)

func (f HandlerFunc) Serve(s string) { f(s) }

// Elsewhere is declared in another file.
func (e *Elsewhere) Run(a, b int) error { return e.stop() }

func (e elsewhere) stop() error { return nil }

func ((*Celsius)) Parenthesised() {}

func (p pkg.Type) Wrong() {}

type Doer interface{ Do() }

func use(d Doer) {
	Stack.Len(nil)
	(*Celsius).Set(nil, 1)
	Celsius.Fahrenheit(1)
	(&Root{}).inherited()
	Root{}.inherited()
	Stack[int]{}.Len()
	Doer.Do(d)
	_ = (*Root)(nil)
	_ = Celsius(1)
	_ = HandlerFunc(nil)
	_ = Stack[int](nil)
}
