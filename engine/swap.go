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
// windows and alerts; the others start anew with the next event, and the
// alerts they had resolve. Verdicts are in order of the new set, then of the
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
		case was.Meaning == r.Meaning:
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
	for _, p := range m.places {
		state[p.id()] = p
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
	before, kept := seatsOf(m.lanes), seatsOf(lanes)
	for id, now := range kept {
		if actions[id] == Kept {
			was := before[id]
			now.lane.since[now.i] = was.lane.since[was.i]
		} else {
			now.lane.since[now.i] = m.number
			delete(kept, id)
		}
	}
	m.rebuild(lanes)
	for _, p := range m.places {
		if was := state[p.id()]; was != nil {
			p.inherit(was, kept)
		} else {
			p.watermark()
		}
	}
}

// placeID names a partition across sets of rules.
type placeID struct {
	scope    rules.Scope
	lateness int64
	host, vm string
}

func (p *partition) id() placeID {
	return placeID{p.lane.scope, p.lane.lateness, p.host, p.vm}
}

// rebuild makes the partitions of all known VMs anew for other lanes.
func (m *Machine) rebuild(lanes []*lane) {
	m.lanes, m.places, m.fleet = lanes, nil, nil
	clear(m.hosts)
	for _, v := range m.order {
		v.lanes = nil
		m.furnish(v)
	}
	for _, v := range m.order {
		if v.away {
			continue
		}
		for _, p := range m.wide(v.host) {
			p.members = append(p.members, v)
		}
	}
}

// inherit takes over the queue, the watermark and the kept rules of the
// partition that stood in this place before.
func (p *partition) inherit(was *partition, kept map[ruleID]seat) {
	p.mark, p.waiting, p.due, p.born = was.mark, was.waiting, was.due, was.born
	p.members, p.orphan = was.members, was.orphan
	for _, rs := range was.rules {
		if now, ok := kept[idOf(rs.rule)]; ok {
			rs.rule = p.lane.rules[now.i] // labels and texts may be new
			p.rules[now.i] = rs
		}
	}
}
