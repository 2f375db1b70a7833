package engine

import (
	"math"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	// silenceMargin is what a VM's clock is taken back in silence, so that an
	// event that is on its way is not overtaken (docs/semantics.md, rule 3).
	silenceMargin = 200_000
	// heldBack is for how long QEMU holds back a throttled event.
	heldBack = 1_000_000

	never  = math.MaxInt64
	always = math.MinInt64
)

// vm is what the machine knows of one virtual machine: how far its time has
// come. All times are microseconds since 1970, already shifted.
type vm struct {
	host, name string

	newest   int64 // newest time of an event, or qmp.NoTime before the first
	received int64 // when that one was received, or qmp.NoTime
	reach    int64 // newest, or in silence the clock less silenceMargin: the watermark of lateness 0
	shift    int64 // added to own times since the host's clock stepped; 0: none
	before   int64 // newest at the last step

	away bool // gone, or not yet known to host and fleet

	// Its partitions, lower levels first: those that its events go to, and all
	// whose watermark its time bounds.
	offers, covers []*partition
}

// clock is the VM's time when the wall clock is at received: its newest time
// plus what has passed since that was received. Without either it stands.
func (v *vm) clock(received int64) int64 {
	if v.newest == qmp.NoTime || v.received == qmp.NoTime || received == qmp.NoTime || received < v.received {
		return v.newest
	}
	return v.newest + (received - v.received)
}

// silence lets time pass to the wall clock received.
func (v *vm) silence(received int64) {
	if v.received == qmp.NoTime || received == qmp.NoTime {
		return
	}
	v.reach = max(v.reach, v.clock(received)-silenceMargin)
}

// saw takes over t, the placed time of an event that was just received.
func (v *vm) saw(t, received int64) {
	if t > v.newest { // NoTime is the least int64
		v.newest, v.received = t, received
	}
	v.reach = max(v.reach, t)
}

// place gives an event its time on the VM's own, unbroken time line, and says
// by how many microseconds the host's clock stepped if this event shows that
// it did (0: it did not).
func (v *vm) place(ev *event.Event, clockStep int64) (t, stepped int64) {
	own, known := v.ownTime(ev)
	if !known || v.newest == qmp.NoTime || v.name == "" { // without a VM they are ours, and many clocks'
		return own, 0
	}
	t = own + v.shift
	switch {
	case v.shift > 0 && own >= v.newest:
		v.shift, t = 0, own
	case v.shift != 0 && throttled(ev) && own <= v.before && own >= v.before-heldBack:
		return own, 0
	case v.shift < 0 && own >= v.newest && t < v.newest-clockStep:
		v.shift, t = 0, own
	}
	if t < v.newest-clockStep {
		return v.step(t, v.newest)
	}
	if ev.Received != qmp.NoTime && v.received != qmp.NoTime {
		if c := v.clock(ev.Received); t > c+clockStep {
			return v.step(t, c)
		}
	}
	return t, 0
}

// step shifts the VM's times so that the one at t is at to.
func (v *vm) step(t, to int64) (int64, int64) {
	v.before = v.newest
	v.shift += to - t
	return to, t - to
}

// ownTime is the time that the event itself claims; known is false when it has
// none and was put on the VM's clock, where no step can be seen.
func (v *vm) ownTime(ev *event.Event) (t int64, known bool) {
	switch {
	case ev.Time != qmp.NoTime:
		return ev.Time, true
	case v.newest != qmp.NoTime && (isOwn(ev) || ev.Received == qmp.NoTime):
		return v.clock(ev.Received), false
	case ev.Received != qmp.NoTime:
		return ev.Received, true
	}
	return 0, false
}

func isOwn(ev *event.Event) bool {
	d := ev.Kind.Def()
	return d != nil && d.Own
}

func throttled(ev *event.Event) bool {
	d := ev.Kind.Def()
	return d != nil && d.Throttle != nil
}

// isGone says that the VM went away with this event (its socket or domain
// vanished); SHUTDOWN never says so.
func isGone(ev *event.Event) bool {
	d, ok := ev.Data.(*qmp.QMPAlertDisconnected)
	return ok && d.Gone.V
}
