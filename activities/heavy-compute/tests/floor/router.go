// Package router finds the handler of a request.
package router

import (
	"context"
	"errors"
	"net/http"
	"sync"
)

// ErrNotFound is what a lookup without an answer gives.
var ErrNotFound = errors.New("func missing() {}")

const usage = `
func inUsage() {
type InUsage struct {
`

type Handler func(ctx context.Context, w http.ResponseWriter, r *http.Request) error

type (
	Params  map[string]string
	Visitor interface {
		Visit(path string, h Handler) bool
	}
)

type node[T any] struct {
	children map[string]*node[T]
	value    T
	mu       sync.RWMutex
}

type Router struct {
	root *node[Handler]
	pool struct {
		sync.Pool
		size int
	}
	onError func(error)
}

type Matcher interface {
	Match(path string) (Handler, Params, error)
	http.Handler
}

type Pair[K comparable, V any] struct {
	Key K
	Val V
}

type Names []string

type Level int

const (
	Debug Level = iota
	Info
)

type Alias = Router

func New(options ...func(*Router)) *Router {
	r := &Router{root: &node[Handler]{}}
	for _, option := range options {
		option(r)
	}
	return r
}

func WithErrors(f func(error)) func(*Router) { return func(r *Router) { r.onError = f } }

func (n *node[T]) child(
	name string,
	create bool,
) (*node[T], bool) {
	n.mu.RLock()
	defer n.mu.RUnlock()
	c, ok := n.children[name]
	return c, ok || create
}

func (r *Router) Match(path string) (Handler, Params, error) {
	if n, ok := r.root.child(path, false); ok {
		return n.value, nil, nil
	}
	return nil, nil, ErrNotFound
}

func (r *Router) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h, _, err := r.Match(req.URL.Path)
	if err == nil {
		err = h(req.Context(), w, req)
	}
	if err != nil && r.onError != nil {
		r.onError(err)
	}
}

func (Router) String() string { return usage }

func (l Level) String() string {
	switch l {
	case Debug:
		return "debug"
	default:
		return "info"
	}
}

func (p Pair[K, V]) Swap(f func(K, V) (V, K)) Pair[V, K] {
	v, k := f(p.Key, p.Val)
	return Pair[V, K]{v, k}
}

/*
func commentedOut() {
}
*/

func Map[A, B any](in []A, f func(A) B) (out []B) {
	type step struct{ from, to int }
	for i, a := range in {
		_ = step{i, i + 1}
		out = append(out, f(a))
	}
	return out
}

func walk(n *node[Handler], v Visitor) bool {
	visit := func(name string, c *node[Handler]) bool { return v.Visit(name, c.value) && walk(c, v) }
	for name, c := range n.children {
		if !visit(name, c) {
			return false
		}
	}
	return true
}

func init() { _ = New() }

var _ Matcher = (*Router)(nil)

func assembled(p *byte) uintptr
