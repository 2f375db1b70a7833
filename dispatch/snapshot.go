package dispatch

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
)

// Snapshot is the state of a Planner as plain data. Equal states give equal
// snapshots.
type Snapshot struct {
	// Told has an entry for each firing alert, in order of fingerprint.
	Told []Told `json:"told,omitempty"`
}

// Told is an alert that fires and who was told so. An alert that nobody was
// told of is an entry too: its end tells nobody either.
type Told struct {
	Fingerprint alert.Fingerprint `json:"fingerprint"`
	StartsAt    int64             `json:"startsAt"` // microseconds since 1970 UTC
	Receivers   []string          `json:"receivers,omitempty"`
}

// Snapshot copies the state out.
func (p *Planner) Snapshot() Snapshot {
	var s Snapshot
	for f, l := range p.told {
		s.Told = append(s.Told, Told{Fingerprint: f, StartsAt: l.startsAt, Receivers: slices.Clone(l.receivers)})
	}
	slices.SortFunc(s.Told, func(a, b Told) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return s
}

// Restore returns a Planner that goes on where the Snapshot was taken.
func Restore(cfg Config, s Snapshot) *Planner {
	p := New(cfg)
	for _, t := range s.Told {
		p.told[t.Fingerprint] = life{startsAt: t.StartsAt, receivers: slices.Clone(t.Receivers)}
	}
	return p
}
