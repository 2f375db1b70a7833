package engine

import (
	"encoding/json"
	"fmt"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/rules"
)

// SnapshotVersion is the form of Snapshot that this package writes and reads.
const SnapshotVersion = 1

// Snapshot is the state of a Machine as plain data that encoding/json carries
// without loss. Events stand once in Events and are referred to by index.
type Snapshot struct {
	Version   int               `json:"version"`
	ClockStep int64             `json:"clock_step"`
	Clock     int64             `json:"clock"`
	Number    uint64            `json:"number"`
	Events    []json.RawMessage `json:"events"`
	Loaded    []LoadState       `json:"loaded"`
	VMs       []VMState         `json:"vms"`
	Places    []PlaceState      `json:"places"`
}

// VMState is what is known of a VM.
type VMState struct {
	Host     string `json:"host"`
	Name     string `json:"name"`
	Newest   int64  `json:"newest"`
	Received int64  `json:"received"`
	Reach    int64  `json:"reach"`
	Shift    int64  `json:"shift"`
	Before   int64  `json:"before"`
	Away     bool   `json:"away"`
}

// PlaceState is the state of the rules of one scope and lateness for one VM,
// host or the fleet. Members are indices of Snapshot.VMs.
type PlaceState struct {
	Scope    rules.Scope  `json:"scope"`
	Lateness int64        `json:"lateness"`
	Host     string       `json:"host"`
	VM       string       `json:"vm"`
	Mark     int64        `json:"mark"`
	Born     uint64       `json:"born"`
	Orphan   bool         `json:"orphan"`
	Members  []int        `json:"members"`
	Waiting  []WaitState  `json:"waiting"`
	Rules    []RuleMemory `json:"rules"`
}

// WaitState is an event that waits for the watermark.
type WaitState struct {
	Time    int64  `json:"time"`
	Arrival uint64 `json:"arrival"`
	Event   int    `json:"event"`
}

// LoadState says that events up to number Since arrived before a rule was
// loaded. Rules that were there from the beginning are left out.
type LoadState struct {
	Group string `json:"group"`
	Rule  string `json:"rule"`
	Since uint64 `json:"since"`
}

// RuleMemory is the state of one rule; Tracks are in order of last match. Rules
// without one are left out.
type RuleMemory struct {
	Group  string       `json:"group"`
	Rule   string       `json:"rule"`
	Tracks []TrackState `json:"tracks"`
}

// TrackState is the state of one key of a rule.
type TrackState struct {
	Key       []string     `json:"key"`
	Born      uint64       `json:"born"`
	Window    []MatchState `json:"window"`
	LastMatch int64        `json:"last_match"`
	Holds     bool         `json:"holds"`
	Status    alert.Status `json:"status"`
	ActiveAt  int64        `json:"active_at"`
	StartsAt  int64        `json:"starts_at"`
	Labels    alert.Labels `json:"labels"`
	Count     int64        `json:"count"`
	First     []int        `json:"first"`
	Last      []int        `json:"last"`
	Bounded   int64        `json:"bounded"`
	FirstTime int64        `json:"first_time"`
	LastTime  int64        `json:"last_time"`
	EndCause  alert.Reason `json:"end_cause"`
	Due       []int64      `json:"due"`
}

// MatchState is a match in a window.
type MatchState struct {
	Time  int64 `json:"time"`
	Event int   `json:"event"`
}

// Snapshot returns the state as plain data. It may be called between any two
// other calls.
func (m *Machine) Snapshot() Snapshot {
	s := Snapshot{Version: SnapshotVersion, ClockStep: m.clockStep, Clock: m.clock, Number: m.number}
	index := make(map[*kept]int)
	put := func(k *kept) int {
		i, ok := index[k]
		if !ok {
			i = len(s.Events)
			index[k] = i
			s.Events = append(s.Events, k.AppendJSON(nil))
		}
		return i
	}
	for _, l := range m.lanes {
		for i, r := range l.rules {
			if l.since[i] > 0 {
				s.Loaded = append(s.Loaded, LoadState{r.Group, r.Name, l.since[i]})
			}
		}
	}
	number := make(map[*vm]int)
	for i, v := range m.order {
		number[v] = i
		s.VMs = append(s.VMs, VMState{v.host, v.name, v.newest, v.received, v.reach, v.shift, v.before, v.away})
	}
	for _, p := range m.places {
		s.Places = append(s.Places, p.state(number, put))
	}
	return s
}

func (p *partition) state(number map[*vm]int, put func(*kept) int) PlaceState {
	s := PlaceState{
		Scope: p.lane.scope, Lateness: p.lane.lateness, Host: p.host, VM: p.vm,
		Mark: p.mark, Born: p.born, Orphan: p.orphan,
	}
	for _, v := range p.members {
		s.Members = append(s.Members, number[v])
	}
	for _, w := range p.waiting {
		s.Waiting = append(s.Waiting, WaitState{w.time, w.arrival, put(w.event)})
	}
	for _, i := range p.known() {
		rs := p.rules[i]
		if rs.oldest == nil {
			continue
		}
		mem := RuleMemory{Group: rs.rule.Group, Rule: rs.rule.Name}
		for tr := rs.oldest; tr != nil; tr = tr.newer {
			mem.Tracks = append(mem.Tracks, tr.state(put))
		}
		s.Rules = append(s.Rules, mem)
	}
	return s
}

func (tr *track) state(put func(*kept) int) TrackState {
	s := TrackState{
		Key: append([]string{}, tr.key...), Born: tr.born, LastMatch: tr.lastMatch, Holds: tr.holds, Status: tr.status,
		ActiveAt: tr.activeAt, StartsAt: tr.startsAt, Labels: tr.labels,
		Count: tr.evidence.count, Bounded: tr.evidence.bounded,
		FirstTime: tr.firstTime, LastTime: tr.lastTime, EndCause: tr.endCause,
	}
	for i := range tr.window.len() {
		m := tr.window.at(i)
		s.Window = append(s.Window, MatchState{m.time, put(m.event)})
	}
	for _, ev := range tr.evidence.first {
		s.First = append(s.First, put(ev))
	}
	for _, ev := range tr.evidence.last {
		s.Last = append(s.Last, put(ev))
	}
	s.Due = append([]int64(nil), tr.due[:]...)
	return s
}

// Restore makes a machine that goes on as if nothing had happened. set must be
// the rules that the snapshot was made with; a rule that is missing, and a
// snapshot that refers to what it does not hold, are errors.
func Restore(set *rules.Set, s Snapshot) (*Machine, error) {
	if s.Version != SnapshotVersion {
		return nil, fmt.Errorf("snapshot has version %d, this program reads %d", s.Version, SnapshotVersion)
	}
	m := New(set, Options{})
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
	for _, p := range m.places {
		places[p.id()] = p
	}
	for _, ps := range s.Places {
		p := places[placeID{ps.Scope, ps.Lateness, ps.Host, ps.VM}]
		if p == nil {
			return nil, fmt.Errorf("snapshot was made with other rules: none has scope %d and lateness %dµs", ps.Scope, ps.Lateness)
		}
		if err := r.place(p, ps); err != nil {
			return nil, err
		}
	}
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
	for _, w := range ps.Waiting {
		ev, err := r.event(w.Event)
		if err != nil {
			return err
		}
		p.waiting.push(waiting{w.Time, w.Arrival, ev})
	}
	for _, mem := range ps.Rules {
		at := r.seats[ruleID{mem.Group, mem.Rule}]
		if at.lane != p.lane {
			return fmt.Errorf("snapshot was made with other rules: group %s has no alert %s with that scope and lateness", mem.Group, mem.Rule)
		}
		rs := p.rule(at.i)
		for _, ts := range mem.Tracks {
			if err := r.track(p, rs, ts); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *restorer) track(p *partition, rs *ruleState, s TrackState) error {
	if len(s.Due) != int(phases) || len(s.Key) != len(rs.rule.By) {
		return fmt.Errorf("snapshot of alert %s does not fit the rule", rs.rule.Name)
	}
	tr := p.m.store.newTrack(rs, string(appendID(nil, s.Key)), s.Key, s.Born)
	tr.lastMatch, tr.holds, tr.status = s.LastMatch, s.Holds, s.Status
	tr.activeAt, tr.startsAt, tr.labels = s.ActiveAt, s.StartsAt, s.Labels
	tr.fingerprint = s.Labels.Fingerprint()
	tr.evidence.count, tr.evidence.bounded = s.Count, s.Bounded
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
	rs.adopt(tr)
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
