package engine

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// SnapshotVersion is the form of Snapshot that this package writes and reads.
const SnapshotVersion = 2

// Snapshot is the state of a Machine as plain data that encoding/json carries
// without loss. Events stand once in Events and are referred to by index.
type Snapshot struct {
	Version   int               `json:"version"`
	ClockStep int64             `json:"clock_step"`
	Confirm   ConfirmMode       `json:"confirm"`
	Clock     int64             `json:"clock"`
	Number    uint64            `json:"number"`
	Events    []json.RawMessage `json:"events"`
	Loaded    []LoadState       `json:"loaded"`
	VMs       []VMState         `json:"vms"`
	Places    []PlaceState      `json:"places"`
}

// AppendJSON appends the snapshot as encoding/json reads it, in less time than
// that takes to write it: it would read each event again.
func (s *Snapshot) AppendJSON(b []byte) ([]byte, error) {
	type plain Snapshot
	if len(s.Events) == 0 {
		text, err := json.Marshal(s)
		return append(b, text...), err
	}
	text, err := json.Marshal(struct {
		plain
		Events []json.RawMessage `json:"events,omitempty"`
	}{plain: plain(*s)})
	if err != nil {
		return b, err
	}
	b = append(b, text[:len(text)-len("}")]...)
	b = append(b, `,"events":[`...)
	for i, ev := range s.Events {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, ev...)
	}
	return append(b, "]}"...), nil
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

// PlaceState is the state of the rules of one scope, lateness and level for one
// VM, host or the fleet. Members and Known are indices of Snapshot.VMs.
type PlaceState struct {
	Scope    rules.Scope  `json:"scope"`
	Lateness int64        `json:"lateness"`
	Level    int          `json:"level"`
	Records  rules.Scope  `json:"records"`
	Host     string       `json:"host"`
	VM       string       `json:"vm"`
	Mark     int64        `json:"mark"`
	Born     uint64       `json:"born"`
	Orphan   bool         `json:"orphan"`
	Members  []int        `json:"members"`
	Known    []int        `json:"known,omitempty"`
	Waiting  []WaitState  `json:"waiting"`
	Rules    []RuleMemory `json:"rules"`
}

// WaitState is an event or record that waits for the watermark.
type WaitState struct {
	Time  int64      `json:"time"`
	Order uint64     `json:"order"`
	Event int        `json:"event"`
	From  *FromState `json:"from,omitempty"`
}

// FromState says where a record comes from. Level -1: this is no record, but
// stands for an event that only says that its VM is there.
type FromState struct {
	Level  int      `json:"level"`
	Key    []string `json:"key"`
	Number uint64   `json:"number"`
	Gap    bool     `json:"gap"`
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
	Group     string       `json:"group"`
	Rule      string       `json:"rule"`
	Slow      []int64      `json:"slow,omitempty"`
	Suspended bool         `json:"suspended,omitempty"`
	Tracks    []TrackState `json:"tracks"`
}

// TrackState is the state of one key of a rule.
type TrackState struct {
	Key       []string     `json:"key"`
	Born      uint64       `json:"born"`
	Window    []MatchState `json:"window"`
	LastMatch int64        `json:"last_match"`
	Holds     bool         `json:"holds"`
	Denied    bool         `json:"denied,omitempty"`
	Asked     bool         `json:"asked,omitempty"`
	Status    alert.Status `json:"status"`
	ActiveAt  int64        `json:"active_at"`
	StartsAt  int64        `json:"starts_at"`
	Labels    alert.Labels `json:"labels"`
	Count     int64        `json:"count"`
	Seen      int64        `json:"seen"`
	First     []int        `json:"first"`
	Last      []int        `json:"last"`
	Bounded   int64        `json:"bounded"`
	Note      string       `json:"note,omitempty"`
	FirstTime int64        `json:"first_time"`
	LastTime  int64        `json:"last_time"`
	EndCause  alert.Reason `json:"end_cause"`
	Due       []int64      `json:"due"`

	Held     []ValueState   `json:"held,omitempty"`     // having: aggregates when it last held
	Attempts [][]MatchState `json:"attempts,omitempty"` // sequence: by the step they wait for
	Steps    []uint32       `json:"steps,omitempty"`    // all_of: of each match in the window
}

// MatchState is a match in a window.
type MatchState struct {
	Time  int64 `json:"time"`
	Event int   `json:"event"`
}

// Snapshot returns the state as plain data. It may be called between any two
// other calls.
func (m *Machine) Snapshot() Snapshot {
	s := Snapshot{Version: SnapshotVersion, ClockStep: m.clockStep, Confirm: m.confirm, Clock: m.clock, Number: m.number}
	index := make(map[*kept]int)
	var text []byte
	put := func(k *kept) int {
		i, ok := index[k]
		if !ok {
			i = len(s.Events)
			index[k] = i
			text = k.AppendJSON(text[:0])
			s.Events = append(s.Events, bytes.Clone(text))
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
	for _, level := range m.places {
		for _, p := range level {
			s.Places = append(s.Places, p.state(number, put))
		}
	}
	return s
}

func (p *partition) state(number map[*vm]int, put func(*kept) int) PlaceState {
	s := PlaceState{
		Scope: p.lane.scope, Lateness: p.lane.lateness, Level: p.lane.level, Records: p.lane.records,
		Host: p.host, VM: p.vm, Mark: p.mark, Born: p.born, Orphan: p.orphan,
	}
	for _, v := range p.members {
		s.Members = append(s.Members, number[v])
	}
	if p.census != nil {
		for v := range p.census.known {
			s.Known = append(s.Known, number[v])
		}
		slices.Sort(s.Known)
	}
	for _, w := range p.waiting {
		ws := WaitState{Time: w.time, Order: w.order, Event: put(w.event)}
		if from := w.event.from; from != nil {
			ws.From = &FromState{from.level, from.key, from.number, from.gap}
		}
		s.Waiting = append(s.Waiting, ws)
	}
	for _, i := range p.known() {
		rs := p.rules[i]
		mem := RuleMemory{Group: rs.rule.Group, Rule: rs.rule.Name, Slow: slices.Clone(rs.slow), Suspended: p.suspended != nil && p.suspended[i]}
		if rs.oldest == nil && len(mem.Slow) == 0 && !mem.Suspended {
			continue
		}
		for tr := rs.oldest; tr != nil; tr = tr.newer {
			mem.Tracks = append(mem.Tracks, tr.saved(put))
		}
		s.Rules = append(s.Rules, mem)
	}
	return s
}

func (tr *track) saved(put func(*kept) int) TrackState {
	s := TrackState{
		Key: append([]string{}, tr.key...), Born: tr.born, LastMatch: tr.lastMatch,
		Holds: tr.holds, Denied: tr.denied, Asked: tr.asked, Status: tr.status,
		ActiveAt: tr.activeAt, StartsAt: tr.startsAt, Labels: tr.labels,
		Count: tr.evidence.count, Seen: tr.evidence.seen, Bounded: tr.evidence.bounded, Note: tr.evidence.note,
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
	tr.home.cond.save(tr, &s, put)
	return s
}
