package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
)

const (
	evidenceFirst = 3
	evidenceLast  = 7
)

// evidence collects the first and the last matches of an alert.
type evidence struct {
	count   int64
	first   []*event.Event
	last    []*event.Event
	bounded int64
}

func (e *evidence) add(ev *event.Event) {
	e.count++
	if len(e.first) < evidenceFirst {
		e.first = append(e.first, ev)
		return
	}
	if len(e.last) == evidenceLast {
		copy(e.last, e.last[1:])
		e.last = e.last[:evidenceLast-1]
	}
	e.last = append(e.last, ev)
}

func (e *evidence) newest() *event.Event {
	if n := len(e.last); n > 0 {
		return e.last[n-1]
	}
	if n := len(e.first); n > 0 {
		return e.first[n-1]
	}
	return nil
}

// picture is a copy for a Change, which outlives what is added later.
func (e *evidence) picture() alert.Evidence {
	events := make([]*event.Event, 0, len(e.first)+len(e.last))
	events = append(append(events, e.first...), e.last...)
	return alert.Evidence{Events: events, Omitted: e.count - int64(len(events)), Bounded: e.bounded}
}
