package aggregate

import "github.com/qmpalert/qmpalert/qmp"

// count is how many matches there are.
type count struct{ n int64 }

func (c *count) Push(qmp.Value)   { c.n++ }
func (c *count) Pop()             { c.n = max(0, c.n-1) }
func (c *count) Value() qmp.Value { return qmp.Int(c.n) }

// rate is how many there are for each second of the window.
type rate struct {
	count
	seconds float64
}

func (r *rate) Value() qmp.Value {
	if r.seconds <= 0 {
		return qmp.Value{}
	}
	return qmp.Float(float64(r.n) / r.seconds)
}

// countIf is how many matches have true as their argument.
type countIf struct {
	held  ring[bool]
	holds int64
}

func (c *countIf) Push(v qmp.Value) {
	b, _ := v.AsBool()
	if b {
		c.holds++
	}
	c.held.push(b)
}

func (c *countIf) Pop() {
	if c.held.pop() {
		c.holds--
	}
}

func (c *countIf) Value() qmp.Value { return qmp.Int(c.holds) }
