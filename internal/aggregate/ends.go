package aggregate

import "github.com/qmpalert/qmpalert/qmp"

// place numbers the matches of a window, so that an accumulator that keeps only
// some of them knows which one leaves.
type place struct{ oldest, next uint64 }

// push returns the number of the match that comes.
func (p *place) push() uint64 {
	p.next++
	return p.next - 1
}

// pop returns the number of the match that leaves.
func (p *place) pop() (uint64, bool) {
	if p.oldest == p.next {
		return 0, false
	}
	p.oldest++
	return p.oldest - 1, true
}

// placed is a value and the number of its match.
type placed struct {
	at uint64
	v  qmp.Value
}

// first is the oldest value.
type first struct {
	place
	all ring[placed]
}

func (a *first) Push(v qmp.Value) {
	at := a.push()
	if !v.IsNil() {
		a.all.push(placed{at, v})
	}
}

func (a *first) Pop() {
	if at, ok := a.pop(); ok && a.all.len() > 0 && a.all.front().at == at {
		a.all.pop()
	}
}

func (a *first) Value() qmp.Value {
	if a.all.len() == 0 {
		return qmp.Value{}
	}
	return a.all.front().v
}

// last is the newest value. When its match leaves all older ones have left.
type last struct {
	place
	newest placed
}

func (a *last) Push(v qmp.Value) {
	at := a.push()
	if !v.IsNil() {
		a.newest = placed{at, v}
	}
}

func (a *last) Pop() {
	if at, ok := a.pop(); ok && at == a.newest.at {
		a.newest = placed{}
	}
}

func (a *last) Value() qmp.Value { return a.newest.v }
