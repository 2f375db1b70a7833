package engine

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// Verdict says what a reload did to one rule.
type Verdict struct {
	Group, Rule string
	Action      Action
}

// Action is what became of a rule in a reload.
type Action string

// The actions. A changed rule starts anew, as an added one does.
const (
	Kept    Action = "kept"
	Added   Action = "added"
	Changed Action = "changed"
	Removed Action = "removed"
)

type ruleID struct{ group, name string }

func idOf(r *rules.Rule) ruleID { return ruleID{r.Group, r.Name} }

// Swap takes over another set of rules at the time at (microseconds, the clock
// of Advance). Rules whose group, name and meaning are the same keep their
// windows and alerts; the others start anew with the next event (absent_for: at
// once), and the alerts they had resolve. A rule counts as changed, too, when a
// record that it uses is waited for in another way. Verdicts are in order of the new set, then of the
// removed rules in the old one's.
func (m *Machine) Swap(set *rules.Set, at int64) (Decision, []Verdict) {
	m.advance(at)
	verdicts := m.judge(set)
	m.resettle(lanesOf(set), verdicts, at)
	return m.decided(false), verdicts
}

// judge compares the rules that run with those of a new set.
func (m *Machine) judge(set *rules.Set) []Verdict {
	old := make(map[ruleID]*rules.Rule)
	for _, l := range m.lanes {
		for _, r := range l.rules {
			old[idOf(r)] = r
		}
	}
	out := make([]Verdict, 0, set.Len())
	for _, r := range set.Rules() {
		was, v := old[idOf(r)], Verdict{Group: r.Group, Rule: r.Name, Action: Changed}
		switch {
		case was == nil:
			v.Action = Added
		case was.Meaning == r.Meaning && laneOf(was) == laneOf(r):
			v.Action = Kept
		}
		delete(old, idOf(r))
		out = append(out, v)
	}
	for _, l := range m.lanes {
		for _, r := range l.rules {
			if old[idOf(r)] != nil {
				out = append(out, Verdict{Group: r.Group, Rule: r.Name, Action: Removed})
			}
		}
	}
	return out
}

// resettle moves the state of kept rules into the partitions of new lanes and
// ends what the others had.
func (m *Machine) resettle(lanes []*lane, verdicts []Verdict, at int64) {
	actions := make(map[ruleID]Action, len(verdicts))
	for _, v := range verdicts {
		actions[ruleID{v.Group, v.Rule}] = v.Action
	}
	state := make(map[placeID]*partition)
	for _, level := range m.places {
		for _, p := range level {
			state[p.id()] = p
			p.retire(actions, at)
		}
	}
	before, kept := seatsOf(m.lanes), seatsOf(lanes)
	for id, now := range kept {
		if actions[id] == Kept {
			was := before[id]
			now.lane.since[now.i] = was.lane.since[was.i]
			now.lane.done[now.i] = was.lane.done[was.i]
		} else {
			now.lane.since[now.i] = m.number
			delete(kept, id)
		}
	}
	m.number++ // what time makes of itself from now on is for the new rules, too
	m.rebuild(lanes)
	for _, level := range m.places {
		for _, p := range level {
			p.takeOver(state[p.id()], kept, at)
		}
	}
	m.find()
}

// retire ends the alerts of rules that do not go on.
func (p *partition) retire(actions map[ruleID]Action, at int64) {
	p.watermark()
	for _, i := range p.known() {
		rs := p.rules[i]
		switch actions[idOf(rs.rule)] {
		case Changed:
			rs.drop(p, max(at, p.mark), alert.ReasonRuleChanged)
		case Removed:
			rs.drop(p, max(at, p.mark), alert.ReasonRuleRemoved)
		}
	}
}

// rebuild makes the partitions of all known VMs anew for other lanes.
func (m *Machine) rebuild(lanes []*lane) {
	m.settle(lanes)
	for _, v := range m.order {
		v.offers, v.covers = nil, nil
		m.furnish(v)
	}
	for _, v := range m.order {
		if v.away {
			continue
		}
		for _, p := range v.covers {
			if p.shared {
				p.admit(v)
			}
		}
	}
}

// takeOver continues what the partition was that stood in this place before
// (nil: none did), with the rules that are kept, and begins with the others.
func (p *partition) takeOver(was *partition, kept map[ruleID]seat, at int64) {
	if was != nil {
		p.inherit(was, kept)
	}
	p.watermark()
	if p.census == nil {
		return
	}
	heard := p.heard()
	if was == nil || was.census == nil {
		for _, v := range heard {
			p.census.known[v] = true
		}
	}
	if len(heard) == 0 {
		return
	}
	for _, i := range p.lane.missing {
		if _, goesOn := kept[idOf(p.lane.rules[i])]; !goesOn {
			p.appear(i, max(at, p.mark))
		}
	}
}

// inherit takes over the queue, the watermark and the kept rules of the
// partition that stood in this place before.
func (p *partition) inherit(was *partition, kept map[ruleID]seat) {
	p.mark, p.waiting, p.due, p.born = was.mark, was.waiting, was.due, was.born
	p.members, p.orphan, p.asked = was.members, was.orphan, was.asked
	if p.census != nil && was.census != nil {
		p.census = was.census
	}
	for i, rs := range was.rules {
		if now, ok := kept[idOf(rs.rule)]; ok {
			rs.rule = p.lane.rules[now.i] // labels and texts may be new
			p.rules[now.i] = rs
			if was.suspended != nil && was.suspended[i] {
				p.suspend(now.i)
			}
		}
	}
}
