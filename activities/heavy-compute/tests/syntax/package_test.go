package sample_test

import "testing"

func TestAdd(t *testing.T) {
	t.Parallel()
	tests := []struct{ name string }{{"a"}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, tt.name) })
	}
}

func BenchmarkAdd(b *testing.B) {
	for b.Loop() {
		check(nil, "")
	}
}

func ExampleAdd() {
	check(nil, "")
	// Output: 1
}

func check(t testing.TB, name string) { t.Helper() }
