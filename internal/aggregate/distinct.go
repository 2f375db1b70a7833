package aggregate

import "github.com/qmpalert/qmpalert/qmp"

// distinct is how many different values there are.
type distinct struct {
	pool
	all ring[int32]
}

func (d *distinct) Push(v qmp.Value) { d.all.push(d.take(v)) }

func (d *distinct) Pop() {
	if d.all.len() > 0 {
		d.drop(d.all.pop())
	}
}

func (d *distinct) Value() qmp.Value { return qmp.Int(int64(len(d.ids))) }

// firstSeen is whether no other match has the value of the newest one.
type firstSeen struct{ distinct }

func (s *firstSeen) Value() qmp.Value {
	if s.all.len() == 0 {
		return qmp.Bool(false)
	}
	id := *s.all.back()
	return qmp.Bool(id != skipped && s.entries[id].count == 1)
}
