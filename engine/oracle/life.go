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

	now    int64
	cause  placed // the event that is being taken; a phase only at (a) and (d)
	moment int    // at which the newest of what was evaluated was there
	passed bool

	matches []hit    // since the last reset, never trimmed
	waits   int64    // of absent_for: since when, or never
	holds   bool     // the condition
	denied  bool     // confirm said no to it
	shown   []string // Rule.Shown when the condition last held
	alert   *alert   // nil: inactive
	out     []Change
	records []placed
}

// alert is one that is pending, in question, or firing.
type alert struct {
	activeAt, startsAt int64
	pending            bool // was said to be
	forOver            int64
	count              int
	evidence           []Ref
	keepEnd            int64  // when keep_firing_for is over, or never
	cause              string // what ended the condition
	asked              int64  // when confirm was asked, or never
	why                string // the reason for which it will fire
	quiet              int64  // of a notice in question: its last match
}

// live runs one key through the recording. It is rule 5, in its own words.
func live(w World, r Rule, ln lane, k key) *run {
	x := &run{w: w, r: r, ln: ln, key: k, now: NoTime, waits: never}
	rest := k.inputs
	for {
		at := x.nextDeadline()
		if len(rest) > 0 {
			at = min(at, rest[0].at)
		}
		if at == never {
			return x
		}
		x.now, x.passed = at, false
		if x.cut(rest) {
			return x
		}
		x.cause = placed{phase: phaseA}
		x.leave()   // (a)
		x.endKeep() // (b)
		for len(rest) > 0 && rest[0].at == at {
			if rest[0].phase == phaseD {
				x.passed = true
				if x.cut(rest) {
					return x
				}
			}
			x.moment = max(x.moment, rest[0].moment)
			x.cause = rest[0].placed
			x.take(rest[0]) // (c)
			x.leave()
			x.endKeep()
			rest = rest[1:]
		}
		x.passed = true
		if x.cut(rest) {
			return x
		}
		x.cause = placed{phase: phaseD}
		x.over() // (d)
		x.endKeep()
	}
}

// cut says that now (in passed, (d) of it) lies beyond the limit of a recording:
// the watermark did not come here, nor is it near enough to the newest event.
func (x *run) cut(rest []input) bool {
	for _, in := range rest {
		if !in.record {
			return false // the recording itself is evaluated to its end
		}
	}
	near := x.w.Limit < 0 || x.now <= x.ln.newest+micros(x.w.Limit)
	mark := x.ln.marks[len(x.ln.marks)-1]
	return !near && (x.now > mark || x.now == mark && x.passed)
}

// nextDeadline is the earliest time after now at which something may be due.
func (x *run) nextDeadline() int64 {
	next := int64(never)
	due := func(at int64) {
		if at > x.now {
			next = min(next, at)
		}
	}
	if x.windowed() {
		for _, m := range x.matches {
			due(m.at + micros(x.r.Within))
		}
	}
	if x.waits != never {
		due(x.waits + micros(x.r.AbsentFor))
	}
	if x.alert != nil {
		due(x.alert.keepEnd)
		due(x.alert.forOver)
		if x.alert.asked != never {
			due(x.alert.asked + x.answerTime())
		}
	}
	return next
}

// answerTime is rule 15's, on the clock of the VM: what is evaluated late is
// asked late.
func (x *run) answerTime() int64 { return micros(5*time.Second) + x.ln.late }

// leave is (a): matches that are `within` old are out, and conditions follow.
func (x *run) leave() {
	if x.windowed() {
		x.judge()
	}
}

// endKeep is (b).
func (x *run) endKeep() {
	if x.alert != nil && x.alert.keepEnd <= x.now {
		x.end(x.alert.cause)
	}
}

// over is (d): rules 10, 11 and 15.
func (x *run) over() {
	if x.waits != never && x.waits+micros(x.r.AbsentFor) <= x.now {
		x.waits = never
		x.begin("absent", nil)
		return
	}
	if a := x.alert; a != nil {
		switch {
		case a.asked != never && a.asked+x.answerTime() <= x.now:
			x.fire() // and says that nobody answered
		case a.asked == never && a.forOver <= x.now:
			a.forOver = never
			x.wouldFire("for")
		}
	}
}

// take is (c) for one event.
func (x *run) take(in input) {
	switch in.kind {
	case gone: // rule 16
		x.matches, x.holds, x.denied, x.waits = nil, false, false, never
		x.end("vm gone")
	case seen:
		if x.r.Form == FormAbsent && len(x.r.By) == 0 && !x.holds && !(x.r.KeepOnExit && x.r.Scope == VM && x.waits != never) {
			x.waits = x.now
		}
	case lost:
		if x.r.Form == FormAbsent && len(x.r.By) == 0 {
			x.waits = never
		}
	case answer:
		x.takeAnswer(in)
	case until:
		x.matches = nil
	case resolve:
		x.takeResolve()
	case match:
		x.takeMatch(in)
	}
}

// takeResolve is rule 13 for a resolve event: it ends the condition and empties
// the window, also when nothing fires yet.
func (x *run) takeResolve() {
	x.matches, x.waits = nil, never
	if x.holds {
		keep := time.Duration(0)
		if x.r.KeepGiven {
			keep = x.r.Keep
		}
		x.endCondition("resolve", keep)
		return
	}
	if x.alert != nil && x.alert.startsAt != NoTime && !x.r.KeepGiven {
		// The default `within` runs: resolves at once. A given value runs on.
		x.end("resolve")
	}
}

func (x *run) takeMatch(in input) {
	if x.denied {
		x.holds, x.denied = false, false // rule 15: the next match asks again
	}
	m := hit{in}
	x.matches = append(x.matches, m)
	if x.alert != nil && !x.multi() {
		x.absorb([]hit{m}) // rule 17
	}
	switch x.r.Form {
	case FormCount, FormHaving:
		x.judge()
	case FormMatch:
		x.happen("match", []hit{m})
	case FormSequence:
		if done := x.completed(); done != nil {
			x.happen("sequence", done)
		}
	case FormAllOf:
		if all := x.allThere(); all != nil {
			x.matches = nil
			x.happen("all_of", all)
		}
	case FormAbsent:
		if x.holds {
			keep := time.Duration(0)
			if x.r.KeepGiven {
				keep = x.r.Keep
			}
			x.endCondition("ended", keep)
		}
		if x.known() {
			x.waits = x.now
		}
	}
}

// known is rule 10: without `by` whoever is known is waited for. (What is not
// known cannot match but by a record, or by the event with which it goes; with
// `on_vm_exit: keep` a VM is as if it were still there.)
func (x *run) known() bool {
	if len(x.r.By) > 0 || x.r.KeepOnExit && x.key.place.VM != "" {
		return true
	}
	known := false
	for _, in := range x.key.inputs {
		if in.at > x.now || in.at == x.now && in.order(x.cause) > 0 {
			break
		}
		switch in.kind {
		case seen:
			known = true
		case lost:
			known = false
		}
	}
	return known
}

// multi says that it takes several events to make a match.
func (x *run) multi() bool { return x.r.Form == FormSequence || x.r.Form == FormAllOf }

// absorb adds a match, or the matches of a completion, to the alert.
func (x *run) absorb(made []hit) {
	x.alert.count++
	for _, m := range made {
		x.alert.evidence = append(x.alert.evidence, m.ref)
	}
}

// happen is rule 12: a match, or a completion, of a rule without a window.
func (x *run) happen(reason string, made []hit) {
	if x.r.Record {
		x.record(1)
		return
	}
	if x.alert != nil && x.multi() {
		x.absorb(made)
	}
	if len(x.r.Resolve) > 0 {
		if !x.holds {
			x.begin(reason, made)
		}
		return
	}
	// A notice: it is a moment, not a state.
	if x.alert == nil {
		x.begin(reason, made)
		x.holds = false
	}
	x.alert.quiet = x.now
	if x.alert.startsAt != NoTime {
		x.quiet()
	}
}

// quiet closes a notice keep_firing_for after its last match.
func (x *run) quiet() {
	keep := defaultNotice
	if x.r.KeepGiven {
		keep = x.r.Keep
	}
	x.alert.keepEnd, x.alert.cause = max(x.now, x.alert.quiet+micros(keep)), "quiet"
}

func (x *run) notice() bool {
	return len(x.r.Resolve) == 0 && (x.r.Form == FormMatch || x.multi())
}

// begin is the beginning of the condition, made by the given matches.
func (x *run) begin(reason string, made []hit) {
	x.holds = true
	if x.r.Record {
		x.record(len(made))
		return
	}
	if x.alert != nil { // rule 13: again, at once, without a new `for`
		x.alert.keepEnd = never
		return
	}
	x.alert = &alert{activeAt: x.now, startsAt: NoTime, forOver: never, keepEnd: never, asked: never}
	for _, m := range made {
		x.alert.evidence = append(x.alert.evidence, m.ref)
	}
	x.alert.count = len(made)
	if x.multi() {
		x.alert.count = 1
	}
	if x.r.For > 0 {
		x.alert.pending, x.alert.forOver = true, x.now+micros(x.r.For)
		x.change("pending", reason)
		return
	}
	x.wouldFire(reason)
}

// wouldFire is rule 15: confirm is asked when the alert would fire.
func (x *run) wouldFire(reason string) {
	x.alert.why = reason
	if x.r.Confirm != nil {
		x.alert.asked = x.now
		return
	}
	x.fire()
}

func (x *run) fire() {
	x.alert.startsAt, x.alert.asked = x.now, never
	x.change("firing", x.alert.why)
	if x.notice() && x.alert.quiet != 0 {
		x.quiet()
	}
}

// takeAnswer is rule 15 for an answer to the question about this alert.
func (x *run) takeAnswer(in input) {
	c := x.r.Confirm
	if x.alert == nil || x.alert.asked == never || in.Members["query"] != c.Query ||
		in.Members["fingerprint"] != c.Fingerprint(x.key.labels) {
		return
	}
	if in.Members["error"] != nil || in.Members["return.running"] == true {
		x.fire() // confirmed, or nobody can say
		return
	}
	x.end("not confirmed")
	x.denied = x.holds
}

// endCondition is the end of the condition; the alert stays for keep.
func (x *run) endCondition(cause string, keep time.Duration) {
	x.holds = false
	if x.denied = false; x.alert == nil {
		return // a record, or confirm said that it is nothing
	}
	if x.alert.startsAt == NoTime {
		x.end(cause) // a pending alert is inactive at once
		return
	}
	x.alert.keepEnd, x.alert.cause = x.now+micros(keep), cause
}

// end is the end of an alert, whatever it was. One that was only in question
// was never spoken of.
func (x *run) end(reason string) {
	switch {
	case x.alert == nil:
	case x.alert.startsAt != NoTime:
		x.change("resolved", reason)
	case x.alert.pending:
		x.change("inactive", reason)
	}
	x.alert = nil
}

// change writes down where the alert is now (rule 17).
func (x *run) change(status, reason string) {
	c := Change{
		At: x.now, Status: status, Rule: x.r.Name, Labels: x.key.labels,
		ActiveAt: x.alert.activeAt, StartsAt: x.alert.startsAt, EndsAt: NoTime,
		Count: x.alert.count, Reason: reason, Shown: x.shown,
		Out: x.ln.moment(x.now, x.passed, x.moment) / moments,
	}
	if status == "resolved" {
		c.EndsAt = x.now
	}
	c.Evidence, c.Omitted = firstAndLast(x.alert.evidence)
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
