package dispatch

import (
	"encoding/json"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// SnapshotVersion is the newest form of a Snapshot that Restore reads.
const SnapshotVersion = 2

// Snapshot is the state of a Planner as plain data that goes through
// encoding/json without loss. Equal states give equal snapshots. What follows
// from the rest, such as who is hidden, is not in it.
type Snapshot struct {
	Version  int          `json:"version"`
	Now      int64        `json:"now"` // until when time has passed
	Ordinal  uint64       `json:"ordinal,omitempty"`
	Round    int64        `json:"round,omitempty"`
	Lives    []Life       `json:"lives,omitempty"`    // in order of fingerprint
	Groups   []Group      `json:"groups,omitempty"`   // by age
	Silences []SilenceRun `json:"silences,omitempty"` // in order of ID
	Decided  *Decided     `json:"decided,omitempty"`  // what Advance has not returned yet
}

// Life is an alert that fires.
type Life struct {
	Change  Change         `json:"change"`
	Relabel *Change        `json:"relabel,omitempty"` // by which the next Advance takes over labels
	Ack     *notifiers.Ack `json:"ack,omitempty"`
	Began   int64          `json:"began,omitempty"` // when the Planner heard of it; since version 2
	Members []Membership   `json:"members,omitempty"`
}

// Change is alert.Change in its stored form.
type Change alert.Change

// MarshalJSON writes the whole of it.
func (c Change) MarshalJSON() ([]byte, error) { return (*alert.Change)(&c).AppendStored(nil), nil }

// UnmarshalJSON is the inverse of MarshalJSON.
func (c *Change) UnmarshalJSON(text []byte) error {
	parsed, err := alert.ParseStored(text)
	*c = Change(parsed)
	return err
}

// Membership is what an alert is to a group.
type Membership struct {
	Group     string `json:"group"` // key
	Told      bool   `json:"told,omitempty"`
	ToldAt    int64  `json:"toldAt,omitempty"`
	Since     int64  `json:"since"`
	Left      bool   `json:"left,omitempty"`
	Escalated bool   `json:"escalated,omitempty"`
}

// Past is an alert that was over before its group was told of it. Since version
// 2.
type Past struct {
	Change Change `json:"change"` // by which it ended
	Since  int64  `json:"since"`
}

// Group is the state of a group.
type Group struct {
	Key        string             `json:"key"`
	Ordinal    uint64             `json:"ordinal"`
	Receiver   string             `json:"receiver"`
	Route      string             `json:"route"` // key
	Labels     alert.Labels       `json:"labels,omitempty"`
	Escalation bool               `json:"escalation,omitempty"`
	Ended      []Change           `json:"ended,omitempty"`
	Past       []Past             `json:"past,omitempty"` // the longest waiting first
	Number     uint64             `json:"number,omitempty"`
	Since      int64              `json:"since"`
	Last       int64              `json:"last,omitempty"`
	RepeatFrom int64              `json:"repeatFrom,omitempty"`
	Drawn      int64              `json:"drawn,omitempty"`
	Update     int64              `json:"update"`
	Escalated  string             `json:"escalated,omitempty"`
	Timeline   []notifiers.Moment `json:"timeline,omitempty"`
	Fresh      bool               `json:"fresh,omitempty"` // refreshed since the last Advance
}

// SilenceRun is a silence and what it has done.
type SilenceRun struct {
	Silence
	Warned bool `json:"warned,omitempty"`
}

// Decided is a Decision; the notifications are in their stored form.
type Decided struct {
	Notifications []json.RawMessage `json:"notifications,omitempty"`
	Notes         []Note            `json:"notes,omitempty"`
	Keep          bool              `json:"keep,omitempty"`
}

// Snapshot copies the state out.
func (p *Planner) Snapshot() Snapshot {
	s := Snapshot{Version: SnapshotVersion, Now: p.now, Ordinal: p.ordinal, Round: p.round}
	for _, l := range p.firing() {
		one := l.snapshot()
		if c, ok := p.relabeled[l.fingerprint()]; ok {
			one.Relabel = (*Change)(&c)
		}
		s.Lives = append(s.Lives, one)
	}
	for _, g := range p.inOrder() {
		s.Groups = append(s.Groups, g.snapshot(p.fresh.has(g)))
	}
	for _, one := range p.silences.sorted() {
		run := SilenceRun{one.Silence, one.warned}
		run.Matchers = slices.Clone(run.Matchers)
		s.Silences = append(s.Silences, run)
	}
	if !p.out.Empty() {
		s.Decided = &Decided{Notes: slices.Clone(p.out.Notes), Keep: p.out.Keep}
		for i := range p.out.Notifications {
			s.Decided.Notifications = append(s.Decided.Notifications, p.out.Notifications[i].AppendStored(nil))
		}
	}
	return s
}

func (l *life) snapshot() Life {
	out := Life{Change: Change(l.change), Began: l.began}
	if l.ack != nil {
		ack := *l.ack
		out.Ack = &ack
	}
	for _, m := range l.members {
		out.Members = append(out.Members, Membership{m.group.key, m.told, m.toldAt, m.since, m.left, m.escalated})
	}
	return out
}

func (g *group) snapshot(fresh bool) Group {
	out := Group{
		Key: g.key, Ordinal: g.ordinal, Receiver: g.receiver, Route: g.route.key, Labels: slices.Clone(g.labels),
		Escalation: g.escalation, Number: g.number, Since: g.since, Last: g.last, RepeatFrom: g.repeatFrom,
		Drawn: g.drawn, Update: g.update, Escalated: g.escalated, Fresh: fresh,
	}
	for _, c := range g.ended {
		out.Ended = append(out.Ended, Change(c))
	}
	for _, one := range g.past {
		out.Past = append(out.Past, Past{Change(one.change), one.since})
	}
	for _, m := range g.timeline {
		m.Names = slices.Clone(m.Names)
		out.Timeline = append(out.Timeline, m)
	}
	return out
}
