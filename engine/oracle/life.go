package oracle

import (
	"math"
	"time"
)

const never = math.MaxInt64

// defaultNotice is how long a notice stays after its last match (rule 12).
const defaultNotice = 5 * time.Minute

// run is the life of one key, from its first event to its last deadline.
type run struct {
	w   World
	r   Rule
	ln  lane
	key key

	now     int64
	arrived int // index of the newest event that was evaluated
	passed  bool

	window []input // matches since the last reset, never trimmed
	holds  bool    // the condition
	alert  *alert  // nil: inactive
	out    []Change
}

// alert is one that is pending or firing.
type alert struct {
	activeAt, startsAt int64
	matches            []Ref
	keepEnd            int64  // when keep_firing_for is over, or never
	cause              string // what ended the condition
}

// live runs one key through the recording. It is rule 5, in its own words.
func live(w World, r Rule, ln lane, k key) []Change {
	x := &run{w: w, r: r, ln: ln, key: k, now: NoTime}
	rest := k.inputs
	for {
		at := x.nextDeadline()
		if len(rest) > 0 {
			at = min(at, rest[0].at)
		}
		if at == never {
			return x.out
		}
		x.now, x.passed = at, false
		if len(rest) == 0 && x.cut() {
			return x.out
		}
		x.leave()   // (a)
		x.endKeep() // (b)
		for len(rest) > 0 && rest[0].at == at {
			x.arrived = max(x.arrived, rest[0].ref.Index)
			x.take(rest[0]) // (c)
			x.leave()
			x.endKeep()
			rest = rest[1:]
		}
		x.passed = true
		if len(rest) == 0 && x.cut() {
			return x.out
		}
		x.endFor() // (d)
	}
}

// cut says that now (in passed, (d) of it) lies beyond the limit of a recording:
// the watermark did not come here, nor is it near enough to the newest event.
func (x *run) cut() bool {
	near := x.w.Limit < 0 || x.now <= x.ln.newest+micros(x.w.Limit)
	mark := x.ln.after[len(x.ln.after)-1]
	return !near && (x.now > mark || x.now == mark && x.passed)
}

// nextDeadline is the earliest time after now at which something may be due.
func (x *run) nextDeadline() int64 {
	next := int64(never)
	if x.holds && x.r.Count > 0 {
		for _, m := range x.window {
			if leaves := m.at + micros(x.r.Within); leaves > x.now {
				next = min(next, leaves)
			}
		}
	}
	if x.alert != nil {
		next = min(next, x.alert.keepEnd)
		if x.alert.startsAt == NoTime {
			next = min(next, x.alert.activeAt+micros(x.r.For))
		}
	}
	return next
}

// inWindow lists the matches m with now - within < m.time <= now (rule 7).
func (x *run) inWindow() []input {
	var in []input
	for _, m := range x.window {
		if m.at > x.now-micros(x.r.Within) {
			in = append(in, m)
		}
	}
	return in
}

// leave is (a): matches that are `within` old are out, and a condition that
// needed them has ended.
func (x *run) leave() {
	if x.holds && x.r.Count > 0 && len(x.inWindow()) < x.r.Count {
		keep := x.r.Within // rule 13: the default after a count window ran out
		if x.r.KeepGiven {
			keep = x.r.Keep
		}
		x.endCondition("ended", keep)
	}
}

// endKeep is (b).
func (x *run) endKeep() {
	if x.alert != nil && x.alert.keepEnd <= x.now {
		x.end(x.alert.cause)
	}
}

// endFor is (d): rule 11.
func (x *run) endFor() {
	if x.alert != nil && x.alert.startsAt == NoTime && x.alert.activeAt+micros(x.r.For) <= x.now {
		x.alert.startsAt = x.now
		x.change("firing", "for")
	}
}

// take is (c) for one event.
func (x *run) take(in input) {
	switch in.kind {
	case gone: // rule 16
		x.window, x.holds = nil, false
		x.end("vm gone")
	case resolve:
		x.takeResolve()
	case match:
		x.takeMatch(in)
	}
}

// takeResolve is rule 13 for a resolve event: it ends the condition and empties
// the window, also when nothing fires yet.
func (x *run) takeResolve() {
	x.window = nil
	if x.holds {
		keep := time.Duration(0)
		if x.r.KeepGiven {
			keep = x.r.Keep
		}
		x.endCondition("resolve", keep)
		return
	}
	if x.alert != nil && !x.r.KeepGiven {
		// The default `within` runs: resolves at once. A given value runs on.
		x.end("resolve")
	}
}

func (x *run) takeMatch(in input) {
	x.window = append(x.window, in)
	if x.alert != nil {
		x.alert.matches = append(x.alert.matches, in.ref) // rule 17
	}
	switch {
	case x.r.Count > 0:
		if made := x.inWindow(); !x.holds && len(made) >= x.r.Count {
			x.begin("count", made)
		}
	case len(x.r.Resolve) > 0:
		if !x.holds {
			x.begin("match", []input{in})
		}
	default:
		x.notice(in)
	}
}

// notice is rule 12 for a rule without window and resolve.
func (x *run) notice(in input) {
	if x.alert == nil {
		x.begin("match", []input{in})
		x.holds = false // it is a moment, not a state
	}
	keep := defaultNotice
	if x.r.KeepGiven {
		keep = x.r.Keep
	}
	x.alert.keepEnd, x.alert.cause = x.now+micros(keep), "quiet"
}

// begin is the beginning of the condition, made by the given matches.
func (x *run) begin(reason string, made []input) {
	x.holds = true
	if x.alert != nil { // rule 13: again, at once, without a new `for`
		x.alert.keepEnd = never
		return
	}
	x.alert = &alert{activeAt: x.now, startsAt: NoTime, keepEnd: never}
	for _, m := range made {
		x.alert.matches = append(x.alert.matches, m.ref)
	}
	if x.r.For > 0 {
		x.change("pending", reason)
		return
	}
	x.alert.startsAt = x.now
	x.change("firing", reason)
}

// endCondition is the end of the condition; the alert stays for keep.
func (x *run) endCondition(cause string, keep time.Duration) {
	x.holds = false
	if x.alert.startsAt == NoTime {
		x.end(cause) // a pending alert is inactive at once
		return
	}
	x.alert.keepEnd, x.alert.cause = x.now+micros(keep), cause
}

// end is the end of an alert, whatever it was.
func (x *run) end(reason string) {
	switch {
	case x.alert == nil:
	case x.alert.startsAt == NoTime:
		x.change("inactive", reason)
	default:
		x.change("resolved", reason)
	}
	x.alert = nil
}

// change writes down where the alert is now (rule 17).
func (x *run) change(status, reason string) {
	c := Change{
		At: x.now, Status: status, Rule: x.r.Name, Labels: x.key.labels,
		ActiveAt: x.alert.activeAt, StartsAt: x.alert.startsAt, EndsAt: NoTime,
		Count: len(x.alert.matches), Reason: reason,
		Out: x.ln.out(x.now, x.passed, x.arrived),
	}
	if status == "resolved" {
		c.EndsAt = x.now
	}
	c.Evidence, c.Omitted = firstAndLast(x.alert.matches)
	x.out = append(x.out, c)
}

// firstAndLast keeps the first 3 and the last 7.
func firstAndLast(refs []Ref) (kept []Ref, omitted int) {
	if len(refs) <= 10 {
		return append(kept, refs...), 0
	}
	kept = append(kept, refs[:3]...)
	return append(kept, refs[len(refs)-7:]...), len(refs) - 10
}
