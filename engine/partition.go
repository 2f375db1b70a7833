package engine

import (
	"maps"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// partition is where the rules of one lane meet the events of one VM, one host
// or the whole fleet: it puts events and deadlines into the order of
// docs/semantics.md, rules 3 and 5, and runs them as its watermark passes.
type partition struct {
	m        *Machine
	lane     *lane
	host, vm string

	members []*vm // whose time bounds the watermark
	orphan  bool  // the only member has gone: its time goes on until another comes
	mark    int64 // the watermark as it was last asked for; it never goes back
	slowest *vm   // member that had the least time then; nil: not known

	waiting heap[waiting]
	due     dueQueue
	rules   map[int]*ruleState // by the lane's index; those that have had a match
	born    uint64
}

func newPartition(m *Machine, l *lane, host, name string) *partition {
	return &partition{m: m, lane: l, host: host, vm: name, mark: always, rules: make(map[int]*ruleState)}
}

// rule returns the state of a rule by the lane's index. It is made when it is
// needed: a thousand VMs and ten thousand rules have few that meet.
func (p *partition) rule(i int) *ruleState {
	rs := p.rules[i]
	if rs == nil {
		rs = &ruleState{rule: p.lane.rules[i]}
		p.rules[i] = rs
	}
	return rs
}

// known returns the rules that have a state, in order.
func (p *partition) known() []int { return slices.Sorted(maps.Keys(p.rules)) }

// watermark lets time pass to the wall clock and returns how far the partition
// may go: the least of its VMs, less the lateness.
func (p *partition) watermark() int64 {
	least := int64(never)
	for _, v := range p.members {
		v.silence(p.m.clock)
		if v.reach < least {
			least, p.slowest = v.reach, v
		}
	}
	if len(p.members) > 0 && least > always {
		p.mark = max(p.mark, earlier(least, p.lane.lateness))
	}
	return p.mark
}

// offer takes an event that just arrived and has been given its time t. It is
// late if that is before the watermark, which then is its time.
func (p *partition) offer(in *arrival) (late bool) {
	t := in.time
	if t <= p.most(in) {
		p.watermark()
	}
	if t < p.mark {
		t, late = p.mark, true
	}
	if t <= p.most(in) && t <= p.nextMark(in) {
		p.runTo(t)
		p.evaluate(in, t)
		return late
	}
	if p.concerns(in.event) {
		p.waiting.push(waiting{time: t, arrival: in.number, event: in.keep(&p.m.store).hold()})
	}
	return late
}

// nextMark is the watermark once the event that is being offered has been
// counted in.
func (p *partition) nextMark(in *arrival) int64 {
	least := int64(never)
	for _, v := range p.members {
		reach := v.reach
		if v == in.vm {
			reach = max(reach, in.time)
		}
		least = min(least, reach)
	}
	if least == never || least == always {
		return p.mark
	}
	return max(p.mark, earlier(least, p.lane.lateness))
}

// most is a time that the watermark cannot be beyond once the event that is
// being offered has been counted in: what the member allows that was the slowest
// when all were asked. So most events of a fleet need not ask its VMs.
func (p *partition) most(in *arrival) int64 {
	if p.slowest == nil {
		return never
	}
	p.slowest.silence(p.m.clock)
	reach := p.slowest.reach
	if in != nil && p.slowest == in.vm {
		reach = max(reach, in.time)
	}
	return max(p.mark, earlier(reach, p.lane.lateness))
}

// pass runs what the passing of time allows.
func (p *partition) pass() {
	if next, ok := p.next(); ok && next <= p.most(nil) {
		p.runTo(p.watermark())
	}
}

// next is a time before which nothing happens unless an event comes; false if
// nothing happens at all.
func (p *partition) next() (t int64, ok bool) {
	t = never
	if len(p.waiting) > 0 {
		t, ok = p.waiting[0].time, true
	}
	if len(p.due.heap) > 0 {
		t, ok = min(t, p.due.heap[0].time), true
	}
	return t, ok
}

// point is a place in the order of what happens.
type point struct {
	time  int64
	phase phase
}

func (a point) before(b point) bool {
	return a.time < b.time || a.time == b.time && a.phase < b.phase
}

// runTo runs all that the watermark w allows. What is over at w itself by
// `for` waits until the watermark has passed it: an event at w may still come.
func (p *partition) runTo(w int64) { p.run(point{w, phaseFor}) }

// drain evaluates all that waits, as far as the limit goes: nothing more comes
// that it could wait for. What the machine makes of it is behind it.
func (p *partition) drain(limit point) {
	for len(p.waiting) > 0 && p.waiting[0].at().before(limit) {
		p.mark = max(p.mark, p.waiting[0].time)
		p.runTo(p.mark)
	}
}

// run runs, in order, everything that comes before a point.
func (p *partition) run(until point) {
	for {
		next := until
		d, isDue := p.due.next(until)
		if isDue {
			next = d.at()
		}
		switch {
		case len(p.waiting) > 0 && p.waiting[0].at().before(next):
			e := p.waiting.pop()
			in := arrival{event: &e.event.Event, kept: e.event, number: e.arrival}
			p.evaluate(&in, e.time)
			in.done(&p.m.store)
		case isDue:
			p.expire(p.due.take())
		default:
			return
		}
	}
}

// expire does what is due for a track.
func (p *partition) expire(d deadline) {
	tr := d.track
	switch d.phase {
	case phaseLeave:
		tr.windowLeft(p, d.time)
	case phaseKeep:
		tr.close(p, d.time, tr.endCause)
	case phaseFor:
		tr.forOver(p, d.time)
	}
	if tr.idle() {
		tr.home.forget(tr)
		p.m.store.takeBack(tr)
	}
}

// concerns says that an event may be something to a rule, or ends the VM.
func (p *partition) concerns(ev *event.Event) bool { return isGone(ev) || len(p.candidates(ev)) > 0 }

// candidates returns the rules, by index, to which the event may be something.
// They hold until the next call.
func (p *partition) candidates(ev *event.Event) []int {
	return p.lane.index.Candidates(ev, &p.m.frame, &p.m.candidates)
}

// evaluate shows an event to the rules at the instant t.
func (p *partition) evaluate(in *arrival, t int64) {
	ev := in.event
	if p.lane.scope == rules.ScopeVM && isGone(ev) {
		p.forgetVM(t)
	}
	f := &p.m.frame
	f.Time = qmp.Some(t)
	for _, i := range p.candidates(ev) {
		if in.number <= p.lane.since[i] {
			continue
		}
		switch p.lane.rules[i].Role(ev, f) {
		case rules.RoleMatch:
			p.match(p.rule(i), in, t)
		case rules.RoleResolve:
			if rs := p.rules[i]; rs != nil {
				p.resolve(rs, ev, t)
			}
		}
	}
	p.run(point{t, phaseEvent}) // what the event made due at once
}

func (p *partition) match(rs *ruleState, in *arrival, t int64) {
	p.m.key = rs.rule.AppendKey(p.m.key[:0], in.event)
	tr, evicted := rs.find(p.m.key, p.m, &p.born)
	if evicted != nil {
		evicted.evidence.bounded++
		evicted.close(p, t, alert.ReasonEnded)
		p.m.forgot(in.event)
	}
	tr.hit(p, in.keep(&p.m.store), t)
}

// resolve applies a resolve event to every key that agrees with what the event
// says of the `by` members.
func (p *partition) resolve(rs *ruleState, ev *event.Event, t int64) {
	p.m.parts = rs.rule.ResolveKey(p.m.parts[:0], ev)
	for tr := rs.oldest; tr != nil; {
		next := tr.newer
		if agrees(p.m.parts, tr.key) {
			tr.resolve(p, t)
			if tr.idle() {
				rs.forget(tr)
			}
		}
		tr = next
	}
}

func agrees(parts []rules.KeyPart, key []string) bool {
	for i, part := range parts {
		if !part.Any && part.Value != key[i] {
			return false
		}
	}
	return true
}

// forgetVM ends all that the partition knows: its VM has gone.
func (p *partition) forgetVM(t int64) {
	for _, i := range p.known() {
		p.rules[i].drop(p, t, alert.ReasonVMGone)
	}
}

// drop ends the alerts of a rule and forgets its windows.
func (rs *ruleState) drop(p *partition, t int64, why alert.Reason) {
	for tr := rs.oldest; tr != nil; {
		next := tr.newer
		tr.close(p, t, why)
		rs.forget(tr)
		tr = next
	}
}

// change reports where an alert came to at t.
func (p *partition) change(tr *track, t int64, why alert.Reason) {
	r := tr.home.rule
	c := alert.Change{
		At: t, Status: tr.status, Name: r.Name, Labels: tr.labels, Fingerprint: tr.fingerprint,
		ActiveAt: tr.activeAt, StartsAt: tr.startsAt, EndsAt: qmp.NoTime,
		Count: tr.evidence.count, Reason: why, Evidence: tr.evidence.picture(), Receivers: r.Receivers,
	}
	if tr.status == alert.Resolved {
		c.EndsAt = t
	}
	f := &p.m.text
	f.Event, f.Time = tr.evidence.newest(), qmp.Some(tr.lastMatch)
	f.Count, f.FirstTime, f.LastTime = c.Count, tr.firstTime, tr.lastTime
	c.Annotations = r.Annotations(f, tr.key)
	p.m.changes = append(p.m.changes, c)
}
