package lang

import "github.com/qmpalert/qmpalert/qmp"

// Program is a compiled expression. It is immutable and safe for concurrent
// use with one Frame for each goroutine.
type Program struct {
	source, canonical string
}

// Compile parses, checks and compiles an expression. The program is nil if
// there are problems; these are sorted by offset. Time and memory are bounded
// whatever the source is.
func Compile(src string, env Env, want Want) (*Program, []Problem) { return nil, nil }

// True evaluates a condition: anything but true is false.
func (p *Program) True(f *Frame) bool { return false }

// Value evaluates the expression. Strings in the result may share memory with
// the event.
func (p *Program) Value(f *Frame) qmp.Value { return qmp.Value{} }

// Source is the text that was compiled.
func (p *Program) Source() string { return p.source }

// Canonical is a normal form of the expression: two sources with the same one
// mean the same; white space, comments, needless parentheses and the two
// spellings of an operator (and, &&) do not matter.
func (p *Program) Canonical() string { return p.canonical }
