package aggregate

import "github.com/qmpalert/qmpalert/qmp"

// extreme is the least value, or the greatest if sign is -1. The deque keeps
// what can still become it: a value that leaves before a better one comes after
// it never can.
type extreme struct {
	place
	sign  int
	deque ring[placed]
}

func (e *extreme) Push(v qmp.Value) {
	at := e.push()
	if rank(v) == 0 {
		return
	}
	for e.deque.len() > 0 && e.sign*compare(e.deque.back().v, v) > 0 {
		e.deque.popBack()
	}
	e.deque.push(placed{at, v})
}

func (e *extreme) Pop() {
	if at, ok := e.pop(); ok && e.deque.len() > 0 && e.deque.front().at == at {
		e.deque.pop()
	}
}

func (e *extreme) Value() qmp.Value {
	if e.deque.len() == 0 {
		return qmp.Value{}
	}
	return e.deque.front().v
}

// rank orders the kinds that have an order; 0 is for what has none.
func rank(v qmp.Value) int {
	if _, ok := qmp.Compare(v, v); !ok {
		return 0
	}
	switch v.Kind() {
	case qmp.StringValue:
		return 2
	case qmp.TimeValue:
		return 3
	case qmp.DurationValue:
		return 4
	}
	return 1 // a number
}

// compare is the order of all values that have a rank.
func compare(a, b qmp.Value) int {
	if order, ok := qmp.Compare(a, b); ok {
		return order
	}
	return rank(a) - rank(b)
}
