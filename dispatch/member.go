package dispatch

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// life is an alert from when it fires until it is resolved.
type life struct {
	change  alert.Change // by which it fired, or a newer state of it
	began   int64        // when the Planner was told that it fires
	muted   bool         // an alert or a silence hides it
	ack     *notifiers.Ack
	members []*member // in the order of its targets; escalations behind them
}

func (l *life) fingerprint() alert.Fingerprint { return l.change.Fingerprint }

// inOrder is the order of alerts in messages.
func inOrder(a, b *alert.Change) int {
	return cmp.Or(cmp.Compare(a.StartsAt, b.StartsAt), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Fingerprint, b.Fingerprint))
}

// member is what an alert that fires is to a group.
type member struct {
	life  *life
	group *group

	told      bool
	toldAt    int64
	since     int64 // since when the receiver is to be told, if it was not
	left      bool  // by other routes: told, but of nothing more than the end
	escalated bool
}

// What a member is waiting for. An acknowledgement or a mute takes it out of
// the first two, and only out of them.
func (m *member) waits() bool      { return !m.told && !m.left && !m.life.muted }
func (m *member) unanswered() bool { return m.told && !m.left && !m.life.muted && m.life.ack == nil }
func (m *member) open() bool       { return m.unanswered() && !m.escalated }

// members is a list that is kept in an order.
type members []*member

func (ms *members) insert(m *member, order func(a, b *member) int) {
	i, _ := slices.BinarySearchFunc(*ms, m, order)
	*ms = slices.Insert(*ms, i, m)
}

func (ms *members) remove(m *member, order func(a, b *member) int) {
	if i, ok := slices.BinarySearchFunc(*ms, m, order); ok {
		*ms = slices.Delete(*ms, i, i+1)
	}
}

// The orders: as messages list them, and by how long they have waited for the
// message, or for an answer.
func byStart(a, b *member) int { return inOrder(&a.life.change, &b.life.change) }
func bySince(a, b *member) int { return cmp.Or(cmp.Compare(a.since, b.since), byStart(a, b)) }
func byTold(a, b *member) int  { return cmp.Or(cmp.Compare(a.toldAt, b.toldAt), byStart(a, b)) }
