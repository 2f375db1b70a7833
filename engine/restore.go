package engine

import (
	"fmt"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/rules"
)

// Restore makes a machine that goes on as if nothing had happened, but for
// Options.Trace, which is off. set must be the rules that the snapshot was made
// with; a rule that is missing, and a snapshot that refers to what it does not
// hold, are errors.
func Restore(set *rules.Set, s Snapshot) (*Machine, error) {
	if s.Version != SnapshotVersion {
		return nil, fmt.Errorf("snapshot has version %d, this program reads %d", s.Version, SnapshotVersion)
	}
	m := New(set, Options{Confirm: s.Confirm})
	m.clockStep, m.clock, m.number = s.ClockStep, s.Clock, s.Number
	r := restorer{m: m, seats: seatsOf(m.lanes)}
	for _, load := range s.Loaded {
		at := r.seats[ruleID{load.Group, load.Rule}]
		if at.lane == nil {
			return nil, fmt.Errorf("snapshot was made with other rules: group %s has no alert %s", load.Group, load.Rule)
		}
		at.lane.since[at.i] = load.Since
	}
	for i, raw := range s.Events {
		ev, err := event.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("event %d of the snapshot: %w", i, err)
		}
		r.events = append(r.events, &kept{Event: *ev})
	}
	for _, v := range s.VMs {
		n := &vm{host: v.Host, name: v.Name, newest: v.Newest, received: v.Received, reach: v.Reach,
			shift: v.Shift, before: v.Before, away: v.Away}
		m.vms[vmID{n.host, n.name}] = n
		m.order = append(m.order, n)
	}
	m.rebuild(m.lanes)
	places := make(map[placeID]*partition)
	for _, level := range m.places {
		for _, p := range level {
			places[p.id()] = p
		}
	}
	for _, ps := range s.Places {
		p := places[placeID{laneID{ps.Scope, ps.Lateness, ps.Level, ps.Records}, ps.Host, ps.VM}]
		if p == nil {
			return nil, fmt.Errorf("snapshot was made with other rules: none has scope %d and lateness %dµs", ps.Scope, ps.Lateness)
		}
		if err := r.place(p, ps); err != nil {
			return nil, err
		}
	}
	m.find()
	return m, nil
}

type restorer struct {
	m      *Machine
	events []*kept
	seats  map[ruleID]seat
}

// event returns an event to one that will hold it.
func (r *restorer) event(i int) (*kept, error) {
	if i < 0 || i >= len(r.events) {
		return nil, fmt.Errorf("snapshot has no event %d", i)
	}
	return r.events[i].hold(), nil
}

func (r *restorer) place(p *partition, ps PlaceState) error {
	p.mark, p.born, p.orphan, p.members = ps.Mark, ps.Born, ps.Orphan, nil
	for _, i := range ps.Members {
		if i < 0 || i >= len(r.m.order) {
			return fmt.Errorf("snapshot has no VM %d", i)
		}
		p.members = append(p.members, r.m.order[i])
	}
	if err := r.census(p, ps.Known); err != nil {
		return err
	}
	for _, w := range ps.Waiting {
		k, err := r.event(w.Event)
		if err != nil {
			return err
		}
		p.waiting.push(r.waiting(&w, k))
	}
	for _, mem := range ps.Rules {
		at := r.seats[ruleID{mem.Group, mem.Rule}]
		if at.lane != p.lane {
			return fmt.Errorf("snapshot was made with other rules: group %s has no alert %s with that scope and lateness", mem.Group, mem.Rule)
		}
		rs := p.rule(at.i)
		rs.slow = mem.Slow
		if mem.Suspended {
			p.suspend(at.i)
		}
		for _, ts := range mem.Tracks {
			if err := r.track(p, rs, ts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *restorer) census(p *partition, known []int) error {
	for _, i := range known {
		if i < 0 || i >= len(r.m.order) || p.census == nil {
			return fmt.Errorf("snapshot has no VM %d that rules need to know", i)
		}
		p.census.known[r.m.order[i]] = true
	}
	return nil
}

func (r *restorer) waiting(s *WaitState, k *kept) waiting {
	if s.From != nil {
		k.from = &origin{level: s.From.Level, key: s.From.Key, number: s.From.Number, gap: s.From.Gap}
		if s.From.Level < 0 {
			k.from.sign = r.m.vms[vmID{k.Host, k.VM.Name}]
		}
	}
	return waiting{time: s.Time, order: s.Order, event: k}
}

func (r *restorer) track(p *partition, rs *ruleState, s TrackState) error {
	if len(s.Due) != int(phases) || len(s.Key) != len(rs.rule.By) || s.Asked && rs.rule.Confirm == nil {
		return fmt.Errorf("snapshot of alert %s does not fit the rule", rs.rule.Name)
	}
	tr := p.m.store.newTrack(rs, string(appendID(nil, s.Key)), s.Key, s.Born)
	tr.lastMatch, tr.status = s.LastMatch, s.Status
	tr.holds, tr.denied, tr.asked = s.Holds, s.Denied, s.Asked
	tr.activeAt, tr.startsAt, tr.labels = s.ActiveAt, s.StartsAt, s.Labels
	tr.fingerprint = s.Labels.Fingerprint()
	tr.evidence = evidence{count: s.Count, seen: s.Seen, bounded: s.Bounded, note: s.Note}
	tr.firstTime, tr.lastTime, tr.endCause = s.FirstTime, s.LastTime, s.EndCause
	for _, ms := range s.Window {
		ev, err := r.event(ms.Event)
		if err != nil {
			return err
		}
		tr.window.push(ms.Time, ev)
	}
	var err error
	if tr.evidence.first, err = r.all(s.First); err != nil {
		return err
	}
	if tr.evidence.last, err = r.all(s.Last); err != nil {
		return err
	}
	if err = rs.cond.load(r.m, tr, &s, r.event); err != nil {
		return err
	}
	rs.adopt(tr)
	if tr.asked {
		p.expect(tr)
	}
	for ph, t := range s.Due {
		if t != never {
			p.due.set(tr, phase(ph), t)
		}
	}
	return nil
}

func (r *restorer) all(indices []int) ([]*kept, error) {
	var out []*kept
	for _, i := range indices {
		ev, err := r.event(i)
		if err != nil {
			return nil, err
		}
		out = append(out, ev)
	}
	return out, nil
}
