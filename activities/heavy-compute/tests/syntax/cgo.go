package cgo

/*
#include <stdio.h>
int add(int a, int b) { return a + b; }
*/
import "C"

import (
	. "math"
	_ "embed"
	alias "os"
)

// Add calls C.
func Add(a, b int) int { return int(C.add(C.int(a), C.int(b))) }

//export goCallback
func goCallback(p *C.char) { Add(1, 2); alias.Exit(1); Abs(1) }
