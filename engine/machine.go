package engine

import (
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// DefaultClockStep is the default of Options.ClockStep.
const DefaultClockStep = 10 * time.Second

// Options of a Machine; the zero value has the defaults.
type Options struct {
	// ClockStep is how far back an event may be before its VM's newest time
	// without being taken for a step of the host's clock. 0: DefaultClockStep.
	ClockStep time.Duration
	// Confirm says what becomes of questions; the default asks them.
	Confirm ConfirmMode
	// Trace asks for Decision.Trace, which costs time and memory.
	Trace bool
}

// Decision is what one call decided. Changes are in the order in which they
// were decided: for each alert in order of At, but not across alerts. The
// slices are the caller's.
type Decision struct {
	Changes   []alert.Change
	Questions []Question // to be asked now; an answer is a QMPALERT_ANSWER
	Trace     []Trace    // if Options.Trace
	Late      bool       // the event was before the watermark of a rule that wants it
}

// Machine is the whole running state. It is not safe for concurrent use.
type Machine struct {
	clockStep int64
	confirm   ConfirmMode
	tracing   bool
	clock     int64  // wall clock: the newest `received` of all, or qmp.NoTime
	number    uint64 // of the last event that arrived

	lanes  []*lane // lower levels first
	vms    map[vmID]*vm
	order  []*vm                  // in order of becoming known
	last   *vm                    // of the last event
	places [][]*partition         // all of them by level, in order of creation
	shared map[placeID]*partition // those that several VMs have in common
	firing map[alert.Fingerprint]spot

	decision Decision
	store    store
	arriving arrival        // being offered
	waited   arrival        // being evaluated after it waited
	made     []*event.Event // made by the machine, not yet shown to the rules

	// Scratch space, so that an event that matches nothing allocates nothing.
	frame, text lang.Frame
	key, other  []string
	parts       []rules.KeyPart
	id          []byte
	candidates  []int
	batch       []match
}

type vmID struct{ host, name string }

// New returns a machine without state.
func New(set *rules.Set, opts Options) *Machine {
	m := &Machine{
		clockStep: micros(DefaultClockStep),
		confirm:   opts.Confirm,
		tracing:   opts.Trace,
		clock:     qmp.NoTime,
		vms:       make(map[vmID]*vm),
		firing:    make(map[alert.Fingerprint]spot),
	}
	if opts.ClockStep > 0 {
		m.clockStep = micros(opts.ClockStep)
	}
	m.settle(lanesOf(set))
	return m
}

// settle takes over lanes without partitions.
func (m *Machine) settle(lanes []*lane) {
	m.lanes = lanes
	m.places = make([][]*partition, levelsOf(lanes))
	m.shared = make(map[placeID]*partition)
}

// Know tells the machine of a VM before its first event: a rule of scope host
// or fleet waits for it. Used by a replay, which knows all its VMs.
func (m *Machine) Know(host, name string) { m.join(host, name) }

// Step takes the next event in order of arrival. The event is only read, and
// cloned where it is kept.
func (m *Machine) Step(ev *event.Event) Decision {
	if ev.Received != qmp.NoTime {
		m.clock = max(m.clock, ev.Received)
	}
	late := m.arrive(ev)
	m.showMade()
	return m.decided(late)
}

// Advance says that the wall clock (of event.Received) is now at received, in
// microseconds since 1970 UTC: silence lets time pass too. Advance(a) then
// Advance(b) is the same as Advance(b).
func (m *Machine) Advance(received int64) Decision {
	m.advance(received)
	return m.decided(false)
}

func (m *Machine) advance(received int64) {
	m.clock = max(m.clock, received)
	for _, level := range m.places { // records first
		for _, p := range level {
			p.pass()
		}
	}
	m.showMade()
}

// Finish ends a recording: everything that waits is evaluated, then time runs
// on until no deadline is left, or for at most limit after the newest event
// (limit < 0: no limit). The machine takes no events after it.
func (m *Machine) Finish(limit time.Duration) Decision {
	newest := int64(qmp.NoTime)
	for _, v := range m.order {
		newest = max(newest, v.newest)
	}
	until := point{never, 0}
	if limit >= 0 && newest != qmp.NoTime {
		until = point{later(newest, limit), phases}
	}
	for _, p := range m.places[0] {
		p.runTo(p.watermark()) // as a tick would have, or the limit would show it
		p.drain(until)
	}
	m.showMade()
	m.runOn(until)
	if len(m.made) > 0 { // of what records did, which nothing waits for any more
		m.showMade()
		m.runOn(until)
	}
	return m.decided(false)
}

// runOn lets time run to a point, for each level with all the records that
// those below it made.
func (m *Machine) runOn(until point) {
	for i, level := range m.places {
		for _, p := range level {
			if i > 0 {
				p.runTo(p.watermark())
			}
			p.run(until)
		}
	}
}

func (m *Machine) decided(late bool) Decision {
	d := m.decision
	if d.Changes != nil || d.Questions != nil || d.Trace != nil { // seldom, and not for free
		m.decision = Decision{}
	}
	d.Late = late
	return d
}

// arrive places an event on its VM's time line and offers it to every
// partition that covers the VM.
func (m *Machine) arrive(ev *event.Event) (late bool) {
	v := m.join(ev.Host, ev.VM.Name)
	v.silence(m.clock)
	v.pass()
	t, stepped := v.place(ev, m.clockStep)
	if stepped != 0 {
		m.offer(v, stamped(m.make(ev, &qmp.QMPAlertClockStep{Seconds: qmp.Some(float64(stepped) / 1e6)}), t), t)
	}
	if ev.Time == qmp.NoTime && isOwn(ev) {
		ev = stamped(ev, t)
	}
	late = m.offer(v, ev, t)
	if isGone(ev) {
		m.leave(v)
	}
	return late
}

// offer shows an event at time t to the partitions of a VM whose rules want
// it, then lets time pass to it.
func (m *Machine) offer(v *vm, ev *event.Event, t int64) (late bool) {
	m.number++
	in := &m.arriving // one at a time; a place of its own would have to be allocated
	*in = arrival{event: ev, vm: v, number: m.number, order: m.number, time: t}
	gone := isGone(ev)
	for _, p := range v.offers {
		switch {
		case gone || p.lane.index.Wanted(ev):
			late = p.offer(in) || late
		case p.needs(ev, v):
			p.offer(in)
		}
	}
	in.done(&m.store)
	v.saw(t, ev.Received)
	v.pass()
	return late
}

// pass runs what the passing of time allows in the partitions of a VM.
func (v *vm) pass() {
	for _, p := range v.covers {
		p.pass()
	}
}

// make returns an own event about the VM of another event.
func (m *Machine) make(about *event.Event, data qmp.Data) *event.Event {
	return &event.Event{
		Event: qmp.MakeEvent(data, qmp.NoTime), Host: about.Host, VM: about.VM,
		Source: "qmpalert", Received: about.Received,
	}
}

// stamped is an own event that carries its VM's clock, as the evidence shows it.
func stamped(ev *event.Event, t int64) *event.Event {
	c := *ev
	c.Time = t
	return &c
}

// showMade shows the events that the machine made to the rules, as arrivals at
// their VM's clock.
func (m *Machine) showMade() {
	for len(m.made) > 0 {
		made := m.made
		m.made = nil
		for _, ev := range made {
			m.arrive(ev)
		}
	}
}

// micros is a span in the unit of all times here.
func micros(d time.Duration) int64 { return d.Microseconds() }

// later and earlier move a time by a span and stop at the ends of time, so
// that a hostile timestamp cannot wrap around.
func later(t int64, d time.Duration) int64 {
	if u := micros(d); t < never-u {
		return t + u
	}
	return never - 1
}

func earlier(t, u int64) int64 {
	if t > always+u {
		return t - u
	}
	return always
}
