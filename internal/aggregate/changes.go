package aggregate

import "github.com/qmpalert/qmpalert/qmp"

// changes is how often a value differs from the one before it.
type changes struct {
	last
	steps ring[step] // of the matches that have a value
	n     int64
}

// step says of a value whether it differs from the one before it.
type step struct {
	at      uint64
	differs bool
}

func (c *changes) Push(v qmp.Value) {
	if !v.IsNil() {
		before := c.newest.v
		s := step{c.next, !before.IsNil() && !qmp.Equal(before, v)}
		if s.differs {
			c.n++
		}
		c.steps.push(s)
	}
	c.last.Push(v)
}

// Pop removes the oldest value; the one after it has none before it then.
func (c *changes) Pop() {
	oldest := c.oldest
	c.last.Pop()
	if c.steps.len() == 0 || c.steps.front().at != oldest {
		return
	}
	c.steps.pop()
	if c.steps.len() > 0 && c.steps.front().differs {
		c.n--
	}
}

func (c *changes) Value() qmp.Value { return qmp.Int(c.n) }
