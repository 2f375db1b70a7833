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
// or the whole fleet: it waits until its watermark (docs/semantics.md, rule 3)
// has passed an event. How things are put in order is in schedule.go, what is
// done with them in evaluate.go.
type partition struct {
	m        *Machine
	lane     *lane
	host, vm string

	members []*vm        // whose time bounds the watermark
	shared  bool         // members come and go
	orphan  bool         // the only member has gone: its time goes on until another comes
	mark    int64        // the watermark as it was last asked for; it never goes back
	slowest *vm          // member that had the least time then; nil: not known
	feeders []*partition // make records that may come here, lower levels first

	waiting   heap[waiting]
	due       dueQueue
	rules     map[int]*ruleState // by the lane's index; those that have had a match
	suspended []bool             // the same; nil: none is
	census    *census            // nil: no rule asks who is known
	asked     map[alert.Fingerprint]*track
	born      uint64
	cause     cause // of what is being done
}

// cause says where in the order of things a record that is made now belongs.
type cause struct {
	order  uint64
	number uint64
	gap    bool // it goes back to a QMPALERT_GAP
}

func newPartition(m *Machine, l *lane, host, name string) *partition {
	p := &partition{m: m, lane: l, host: host, vm: name, mark: always, rules: make(map[int]*ruleState)}
	if len(l.missing) > 0 {
		p.census = newCensus()
	}
	return p
}

// placeID names a partition across sets of rules.
type placeID struct {
	laneID
	host, vm string
}

func (p *partition) id() placeID { return placeID{p.lane.laneID, p.host, p.vm} }

// rule returns the state of a rule by the lane's index. It is made when it is
// needed: a thousand VMs and ten thousand rules have few that meet.
func (p *partition) rule(i int) *ruleState {
	rs := p.rules[i]
	if rs == nil {
		rs = newRuleState(p.lane.rules[i])
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
		p.feed()
		p.watermark()
	}
	if t < p.mark {
		t, late = p.mark, true
	}
	// Where records come, one of an older event may be on its way still.
	if p.lane.level == 0 && t <= p.most(in) && t <= p.nextMark(in) {
		p.runTo(t)
		p.evaluate(in, t)
		return late
	}
	switch {
	case p.concerns(in, t):
		p.waiting.push(waiting{time: t, order: in.order, event: in.keep(&p.m.store).hold()})
	case p.census != nil && in.vm.name != "":
		p.waiting.push(p.census.sign(in, t))
	}
	return late
}

// needs says that an event which no rule wants has to be evaluated, as the
// answer to a question or as a sign that its VM is there.
func (p *partition) needs(ev *event.Event, v *vm) bool {
	switch {
	case p.lane.asks && ev.Kind == qmp.KindQMPAlertAnswer:
		return true
	case p.census == nil || v.name == "":
		return false
	}
	return !p.census.known[v] || p.shared || p.lane.lateness > 0
}

// concerns says that an event at t has to be evaluated: it is something to a
// rule, ends the VM, or is an answer. Rules say so ahead of its time, since what
// an event is to them depends on nothing else; most need not wait at all.
func (p *partition) concerns(in *arrival, t int64) bool {
	return isGone(in.event) || p.lane.asks && in.event.Kind == qmp.KindQMPAlertAnswer || p.matters(in, t)
}

// matters asks the rules about an event. One that is too slow about it is asked
// again when its time has come.
func (p *partition) matters(in *arrival, t int64) bool {
	f := &p.m.frame
	f.Time = qmp.Some(t)
	slow := f.Exhausted
	candidates := p.candidates(in.event)
	if p.m.tracing && len(candidates) > 0 {
		return true
	}
	for _, i := range candidates {
		if !p.skips(i, in) && (p.lane.rules[i].Role(in.event, f) != rules.RoleNone || f.Exhausted != slow) {
			return true
		}
	}
	for _, i := range candidates {
		if !p.skips(i, in) {
			p.lane.done[i].evaluated++
		}
	}
	return false
}

// skips says that a rule is not asked about an event: it was loaded after that,
// or suspended.
func (p *partition) skips(i int, in *arrival) bool {
	return in.number <= p.lane.since[i] || p.suspended != nil && p.suspended[i]
}

// candidates returns the rules, by index, to which the event may be something.
// They hold until the next call.
func (p *partition) candidates(ev *event.Event) []int {
	return p.lane.index.Candidates(ev, &p.m.frame, &p.m.candidates)
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
		p.catchUp()
	}
}

// catchUp runs to the watermark, behind the records that belong before it.
func (p *partition) catchUp() {
	p.feed()
	p.runTo(p.watermark())
}

// feed lets those run that make records for this partition. The watermark may
// move only then: a record that is behind it is late.
func (p *partition) feed() {
	for _, f := range p.feeders {
		f.pass()
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
