package broken

import (
	"fmt
)

func Before() { helper() }

func unfinished(a int, {
	if a {
		helper()

// After ÿþ is not UTF-8.
func After(name string) string { helper(); return "ÿ" }

type Broken struct {
	A int

func (b *Broken) Method() { b.Method() }

func helper() {}

x := 1

func (b *Broken) () {}
