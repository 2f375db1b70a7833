package dispatch

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
)

// Snapshot is the state of a Planner as plain data. Equal states give equal
// snapshots.
type Snapshot struct {
	// Told has an entry for each firing alert, in order of fingerprint.
	Told []ToldLife `json:"told,omitempty"`
	// Held are the alerts that fire and are silenced, in the same order.
	Held []Held `json:"held,omitempty"`
	// Inhibitors are the alerts that fire and silence others, in the same order.
	Inhibitors []Inhibitor `json:"inhibitors,omitempty"`
}

// ToldLife is an alert that fires and who was told so. An alert that nobody was
// told of is an entry too: its end tells nobody either.
type ToldLife struct {
	Fingerprint alert.Fingerprint `json:"fingerprint"`
	StartsAt    int64             `json:"startsAt"` // microseconds since 1970 UTC
	Receivers   []string          `json:"receivers,omitempty"`
}

// Held is the change by which an alert fired that is silenced. Evidence is in
// Events, as records.
type Held struct {
	Change Change            `json:"change"`
	Events []json.RawMessage `json:"events,omitempty"`
}

// Change is alert.Change, which has a JSON form for people, as plain data.
type Change alert.Change

// Inhibitor is an alert that fires and silences others.
type Inhibitor struct {
	Fingerprint alert.Fingerprint `json:"fingerprint"`
	StartsAt    int64             `json:"startsAt"` // microseconds since 1970 UTC
	Names       []string          `json:"names"`
	Host        string            `json:"host,omitempty"`
	VM          string            `json:"vm,omitempty"`
}

// Snapshot copies the state out.
func (p *Planner) Snapshot() Snapshot {
	var s Snapshot
	for f, l := range p.told {
		s.Told = append(s.Told, ToldLife{Fingerprint: f, StartsAt: l.startsAt, Receivers: slices.Clone(l.receivers)})
	}
	for _, c := range p.held {
		s.Held = append(s.Held, held(c))
	}
	for f, in := range p.inhibitors {
		s.Inhibitors = append(s.Inhibitors, Inhibitor{f, in.startsAt, slices.Clone(in.names), in.place.host, in.place.vm})
	}
	slices.SortFunc(s.Told, func(a, b ToldLifeLife) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	slices.SortFunc(s.Held, func(a, b Held) int { return cmp.Compare(a.Change.Fingerprint, b.Change.Fingerprint) })
	slices.SortFunc(s.Inhibitors, func(a, b Inhibitor) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return s
}

// held is a change that shares nothing that a caller could write to.
func held(c alert.Change) Held {
	h := Held{Change: Change(c)}
	for _, e := range c.Evidence.Events {
		h.Events = append(h.Events, e.AppendJSON(nil))
	}
	h.Change.Evidence.Events = nil
	h.Change.Labels, h.Change.Annotations = slices.Clone(c.Labels), slices.Clone(c.Annotations)
	h.Change.Receivers, h.Change.Inhibits, h.Change.Attach = slices.Clone(c.Receivers), slices.Clone(c.Inhibits), slices.Clone(c.Attach)
	return h
}

// change is the inverse of held. An event that is no record is left out: the
// alert is worth more than its evidence.
func (h *Held) change() alert.Change {
	c := alert.Change(held(alert.Change(h.Change)).Change)
	for _, line := range h.Events {
		if e, err := event.Parse(line); err == nil {
			c.Evidence.Events = append(c.Evidence.Events, e)
		}
	}
	return c
}

// Restore returns a Planner that goes on where the Snapshot was taken.
func Restore(cfg Config, s Snapshot) *Planner {
	p := New(cfg)
	for _, t := range s.Told {
		p.told[t.Fingerprint] = life{startsAt: t.StartsAt, receivers: slices.Clone(t.Receivers)}
	}
	for i := range s.Held {
		p.hold(s.Held[i].change())
	}
	for _, in := range s.Inhibitors {
		p.inhibits(in.Fingerprint, inhibitor{in.StartsAt, slices.Clone(in.Names), place{in.Host, in.VM}})
	}
	return p
}
