package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
)

const (
	evidenceFirst = 3
	evidenceLast  = 7
)

// evidence collects the first and the last events of an alert, and holds them.
type evidence struct {
	count   int64 // matches; after a sequence or all_of completions, of several events each
	seen    int64 // events
	first   []*kept
	last    []*kept
	bounded int64
	note    string
}

func (e *evidence) add(s *store, k *kept) {
	e.seen++
	k.hold()
	if len(e.first) < evidenceFirst {
		e.first = append(e.first, k)
		return
	}
	if len(e.last) == evidenceLast {
		s.drop(e.last[0])
		copy(e.last, e.last[1:])
		e.last = e.last[:evidenceLast-1]
	}
	e.last = append(e.last, k)
}

// newest is shown with the next picture.
func (e *evidence) newest() *event.Event {
	if n := len(e.last); n > 0 {
		return &e.last[n-1].Event
	}
	if n := len(e.first); n > 0 {
		return &e.first[n-1].Event
	}
	return nil
}

// picture is for a Change, which outlives what is added later.
func (e *evidence) picture() alert.Evidence {
	events := make([]*event.Event, 0, len(e.first)+len(e.last))
	for _, k := range e.first {
		events = append(events, k.show())
	}
	for _, k := range e.last {
		events = append(events, k.show())
	}
	return alert.Evidence{Events: events, Omitted: e.seen - int64(len(events)), Bounded: e.bounded, Note: e.note}
}
