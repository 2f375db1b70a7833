package dispatch

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// group is the alerts that one receiver is told of together. It lives as long
// as one of them fires.
type group struct {
	key        string
	ordinal    uint64 // of all groups, by age
	receiver   string
	route      *route
	labels     alert.Labels
	escalation bool // of a receiver of `escalate`: told once, then of updates and the end

	all     map[alert.Fingerprint]*member
	told    members // in the order of messages
	waiting members // that wait, the longest first
	open    members // that nobody acknowledged or escalated, the oldest first
	// shown counts those told that nothing hides, unanswered those of them that
	// nobody acknowledged.
	shown, unanswered int
	ended             []alert.Change // told, over, and the receiver is to hear it
	past              []*past        // over before they were told, the longest waiting first

	number     uint64 // messages so far
	since      int64  // first message of this life; never: none yet
	last       int64  // newest message that was not quiet
	repeatFrom int64  // the message that the next repetition counts from
	drawn      int64  // newest message of any kind
	update     int64  // when a quiet one is due
	escalated  string // who was told because nobody acknowledged
	timeline   []notifiers.Moment

	next  int64 // when something is due
	ends  bool  // that is an end
	place int   // in the agenda; -1: not there
	empty bool  // and among those to be forgotten
}

// put files a member by what it waits for; take is the inverse. What decides
// about that is changed only between take and put.
func (g *group) put(m *member) {
	g.all[m.life.fingerprint()] = m
	if m.told {
		g.told.insert(m, byStart)
	}
	if m.told && !m.life.muted {
		g.shown++
	}
	if m.waits() {
		g.waiting.insert(m, bySince)
	}
	if m.unanswered() {
		g.unanswered++
	}
	if m.open() {
		g.open.insert(m, byTold)
	}
}

func (g *group) take(m *member) {
	delete(g.all, m.life.fingerprint())
	if m.told {
		g.told.remove(m, byStart)
	}
	if m.told && !m.life.muted {
		g.shown--
	}
	if m.waits() {
		g.waiting.remove(m, bySince)
	}
	if m.unanswered() {
		g.unanswered--
	}
	if m.open() {
		g.open.remove(m, byTold)
	}
}

// settings are how it tells. An escalation is no route.
func (g *group) settings() Settings {
	if g.escalation {
		return Settings{}
	}
	return g.route.settings
}

// asleep says that it is no time at which this receiver is told of a beginning.
func (g *group) asleep() bool {
	return !g.escalation && g.route.clock != nil && g.route.clock.asleep
}

// dueNews is when the receiver is told of what it was not told of, whether it
// fires or is over by now; never if there is no such thing.
func (g *group) dueNews() int64 {
	first := never
	if len(g.waiting) > 0 && !g.asleep() {
		first = g.waiting[0].since
	}
	if len(g.past) > 0 { // while it is asleep, too: then they are not told
		first = min(first, g.past[0].since)
	}
	if first == never {
		return never
	}
	s := g.settings()
	due := first + micros(s.GroupWait)
	if g.since != never {
		due = max(due, g.last+micros(s.GroupInterval))
	}
	return due
}

// dueFiring is when those that fire are told; never if none waits.
func (g *group) dueFiring() int64 {
	if len(g.waiting) == 0 || g.asleep() {
		return never
	}
	return g.dueNews()
}

// dueRepeat is when the receiver is told again.
func (g *group) dueRepeat() int64 {
	s := g.settings()
	if s.RepeatInterval == 0 || g.unanswered == 0 || g.asleep() {
		return never
	}
	return g.repeatFrom + micros(s.RepeatInterval)
}

// dueEscalation is when somebody else is told.
func (g *group) dueEscalation() int64 {
	s := g.settings()
	if s.Escalate == nil || len(g.open) == 0 || g.asleep() {
		return never
	}
	return g.open[0].toldAt + micros(s.Escalate.After)
}

// due is when anything is, not before now.
func (g *group) due(now int64) int64 {
	if len(g.ended) > 0 {
		return now
	}
	return max(now, min(g.dueNews(), g.dueRepeat(), g.dueEscalation(), g.update))
}

// over begins a new life of the group, if all that the receiver was told of is
// over.
func (g *group) over() bool {
	if len(g.told)+len(g.ended) > 0 {
		return false
	}
	g.since, g.last, g.repeatFrom, g.drawn, g.update = never, 0, 0, 0, never
	g.escalated, g.timeline = "", nil
	return true
}

// updateAt makes a quiet message due, if there is one to edit.
func (g *group) updateAt(at int64) {
	if len(g.told) > 0 {
		g.update = min(g.update, at)
	}
}
