package dispatch

import (
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// maxNames is how many alerts a moment names.
const maxNames = 5

// moment notes what happened to an alert in the life of a group. What happened
// to several alike at one instant is one moment. Of too many the first and the
// newest are kept.
func (g *group) moment(m notifiers.Moment, c *alert.Change) {
	if n := len(g.timeline); n > 0 {
		last := &g.timeline[n-1]
		if last.At == m.At && last.What == m.What && last.By == m.By && last.Text == m.Text {
			addName(last, c)
			return
		}
	}
	addName(&m, c)
	if len(g.timeline) >= notifiers.MaxTimeline {
		g.timeline = slices.Delete(g.timeline, 1, 2)
	}
	g.timeline = append(g.timeline, m)
}

func addName(m *notifiers.Moment, c *alert.Change) {
	if len(m.Names) < maxNames {
		m.Names = append(m.Names, title(c))
	} else {
		m.More++
	}
}

// title names an alert for people.
func title(c *alert.Change) string {
	for _, name := range [2]string{"vm", "host"} {
		if where := c.Labels.Get(name); where != "" {
			return c.Name + " on " + where
		}
	}
	return c.Name
}
