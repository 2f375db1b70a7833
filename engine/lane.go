package engine

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// maxNames bounds the memory of which rules want an event that the table of
// events does not have.
const maxNames = 1_000

// lane holds the rules that see time pass alike: those of one scope and one
// lateness. Each host, VM or the fleet has a partition of it.
type lane struct {
	scope    rules.Scope
	lateness int64 // microseconds
	rules    []*rules.Rule
	since    []uint64 // by rule: the last event that arrived before it was loaded

	byKind [256][]int       // rules that want an event of this kind
	byName map[string][]int // those of an unknown event
}

// index fills byKind; rules may be replaced only by a new lane.
func (l *lane) index() {
	for _, d := range qmp.Defs() {
		l.byKind[d.Kind] = l.wanting(d.Kind, d.Name)
	}
	l.byName = make(map[string][]int)
}

func (l *lane) wanting(kind qmp.Kind, name string) []int {
	var out []int
	for i, r := range l.rules {
		if r.Wants(kind, name) {
			out = append(out, i)
		}
	}
	return out
}

// wants returns the rules, by index, that the event may be something to.
func (l *lane) wants(ev *event.Event) []int {
	if ev.Kind != qmp.Unknown {
		return l.byKind[ev.Kind]
	}
	if w, ok := l.byName[ev.Name]; ok {
		return w
	}
	w := l.wanting(ev.Kind, ev.Name)
	if len(l.byName) >= maxNames {
		clear(l.byName)
	}
	l.byName[string(append([]byte(nil), ev.Name...))] = w
	return w
}
