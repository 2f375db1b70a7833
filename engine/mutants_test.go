//go:build mutants

package engine_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// mutant is a bug, planted by replacing a text in a file.
type mutant struct {
	bug           string
	file          string
	before, after string
	run           string // the properties that must find it
}

// The properties and scenarios are only worth what they notice. Each of these
// plants one bug into a copy of the engine, and the properties alone must find
// it. It takes minutes: make nightly
var mutants = []mutant{
	{"a match that is exactly `within` old is still in the window (rule 7)",
		"count.go", "tr.home.rule.Within)",
		"tr.home.rule.Within+1000)", "Property"},
	{"a window does not empty on a resolve event (rule 13)",
		"life.go", "	tr.home.cond.reset(p, tr)\n	switch {",
		"	switch {", "Property"},
	{"`for` is over before the events of that instant (rule 5)",
		"schedule.go", "p.run(point{w, phaseLast})",
		"p.run(point{w, phases})", "Property"},
	{"`keep_firing_for` ends after the events of that instant (rule 5)",
		"queue.go", "	phaseKeep               // (b) keep_firing_for ends\n	phaseEvent              // (c) events and the records made of them\n",
		"	phaseEvent\n	phaseKeep\n", "Property"},
	{"a resolve event leaves the default `within` (rule 13)",
		"life.go", "why == alert.ReasonResolve && !tr.home.rule.KeepGiven",
		"false", "Property"},
	{"a resolve event cuts a given keep_firing_for short (rule 13)",
		"life.go", "case tr.status == alert.Firing && !tr.home.rule.KeepGiven:",
		"case tr.status == alert.Firing:", "Property"},
	{"a pending alert is kept by keep_firing_for (rule 13)",
		"life.go", "	if tr.status != alert.Firing {\n		tr.close(p, t, why)\n		return\n	}\n",
		"", "Property"},
	{"what begins again while kept waits for `for` again (rule 13)",
		"life.go", "	if tr.active() {\n		return // began",
		"	if false {\n		return // began", "Property"},
	{"further matches restart `for` (rule 11)",
		"track.go", "	if !tr.holds {\n		tr.begin(p, t, why)",
		"	if !tr.holds || tr.status == alert.Pending {\n		tr.status = alert.Inactive\n		tr.begin(p, t, why)", "Property"},
	{"a notice closes after its first match (rule 12)",
		"life.go", "later(tr.lastMatch, tr.home.rule.KeepFiringFor)",
		"later(tr.activeAt, tr.home.rule.KeepFiringFor)", "Property"},
	{"matches while the alert is kept do not count (rule 17)",
		"track.go", "	if tr.active() {\n		tr.evidence.count++",
		"	if tr.active() && tr.holds {\n		tr.evidence.count++", "Property"},
	{"the evidence keeps the oldest instead of the last (rule 17)",
		"evidence.go", "		copy(e.last, e.last[1:])\n		e.last = e.last[:evidenceLast-1]\n",
		"		return\n", "Property"},
	{"a resolve event is about every key (rule 14)",
		"evaluate.go", "part.Value != key[i]",
		"part.Value != key[i] && i < 0", "Property"},
	{"rules see the end of a VM before its alerts are forgotten (rule 16)",
		"evaluate.go", "	p.run(point{t, phaseEvent}) // what",
		"	if p.lane.scope == rules.ScopeVM && isGone(ev) {\n		p.forgetVM(t)\n	}\n	p.run(point{t, phaseEvent}) // what", "Property"},
	{"the end of a VM ends alerts of wider scopes (rule 16)",
		"evaluate.go", "p.lane.scope == rules.ScopeVM && isGone(ev)",
		"isGone(ev)", "Property"},
	{"a late event keeps its time (rule 3)",
		"partition.go", "t, late = p.mark, true",
		"late = true", "Property"},
	{"an event at the watermark is late (rule 3)",
		"partition.go", "	if t < p.mark {",
		"	if t <= p.mark {", "Property"},
	{"events of one time in any order of arrival (rule 2)",
		"queue.go", "return a.order < b.order",
		"return a.order > b.order", "Property"},
	{"silence without its 200 ms (rule 3)",
		"vm.go", "silenceMargin = 200_000",
		"silenceMargin = 0", "Property"},
	{"a gone VM is still waited for (rule 3)",
		"places.go", "			p.members, p.slowest = slices.Delete(p.members, i, i+1), nil\n",
		"", "Property"},
	{"a wide scope follows its fastest VM (rule 3)",
		"partition.go", "		if v.reach < least {\n",
		"		if v.reach < least && v == p.members[0] {\n", "Property"},
	{"exactly clock_step is a step back (rule 4)",
		"vm.go", "	if t < v.newest-clockStep {\n		return v.step(t, v.newest)",
		"	if t <= v.newest-clockStep {\n		return v.step(t, v.newest)", "Property"},
	{"exactly clock_step is a step forward (rule 4)",
		"vm.go", "t > c+clockStep",
		"t >= c+clockStep", "Property"},
	{"a second step forgets the first (rule 4)",
		"vm.go", "v.shift += to - t",
		"v.shift = to - t", "Property"},
	{"the shift of a clock is never over (rule 4)",
		"vm.go", "	case v.shift > 0 && own >= v.newest:\n		v.shift, t = 0, own\n",
		"", "Property"},
	{"events held back over a step are shifted (rule 4)",
		"vm.go", "v.shift != 0 && throttled(ev) &&",
		"false &&", "Property"},
	{"a snapshot forgets the watermark",
		"restore.go", "p.mark, p.born, p.orphan, p.members = ps.Mark,",
		"p.mark, p.born, p.orphan, p.members = always,", "Property"},
	{"a snapshot forgets how a condition ended",
		"restore.go", "tr.firstTime, tr.lastTime, tr.endCause = s.FirstTime, s.LastTime, s.EndCause",
		"tr.firstTime, tr.lastTime = s.FirstTime, s.LastTime", "Property"},

	// Those of the kinds of rules.
	{"what left the window stays in the aggregates (rule 8)",
		"having.go", "		a.pop(p, tr)\n	}\n	slow :=",
		"		_ = a\n		tr.window.pop(&p.m.store)\n	}\n	slow :=", "AgreesWithOracle/having"},
	{"`having` may hold over an empty window (rule 8)",
		"having.go", "holds := n > 0 && ",
		"holds := ", "AgreesWithOracle/having"},
	{"`having` does not begin as matches leave (rule 8)",
		"having.go", "	tr.judge(p, t, Trace{At: t, What: \"left\"})",
		"	if tr.holds {\n		tr.judge(p, t, Trace{At: t, What: \"left\"})\n	}", "AgreesWithOracle/having"},
	{"texts show aggregates as they were when the condition began",
		"having.go", "		a.held = copyValues(a.held[:0], a.now)\n",
		"		if !tr.holds {\n			a.held = copyValues(a.held[:0], a.now)\n		}\n", "AgreesWithOracle/having"},
	{"a snapshot forgets the aggregates that texts show",
		"having.go", "			s.Held = append(s.Held, saveValue(v))",
		"			_ = v", "AgreesWithOracle/having"},
	{"an attempt moves through all steps with one event (rule 9)",
		"sequence.go", "for i := r.Steps - 1; i >= 0; i-- {",
		"for i := 0; i < r.Steps; i++ {", "AgreesWithOracle/sequence"},
	{"an `until` event that is a step drops nothing (rule 9)",
		"sequence.go", "	if hit.Until {",
		"	if hit.Until && hit.Steps == 0 {", "AgreesWithOracle/sequence"},
	{"an attempt is as old as its newest event (rule 9)",
		"sequence.go", "later(a[0].time, tr.home.rule.Within) <= t",
		"later(a[len(a)-1].time, tr.home.rule.Within) <= t", "AgreesWithOracle/sequence"},
	{"an attempt that is exactly `within` old goes on (rule 9)",
		"sequence.go", "tr.home.rule.Within)",
		"tr.home.rule.Within+1000)", "AgreesWithOracle/sequence"},
	{"a new attempt does not replace an older one (rule 9)",
		"sequence.go", "		(*all)[next] = moved\n",
		"		if (*all)[next] == nil {\n			(*all)[next] = moved\n		}\n", "AgreesWithOracle/sequence"},
	{"all steps see the key of the first one (rule 9)",
		"sequence.go", "r.AppendStepKey(p.m.key[:0], in.event, i)",
		"r.AppendStepKey(p.m.key[:0], in.event, 0)", "AgreesWithOracle/sequence"},
	{"a snapshot forgets the attempts",
		"sequence.go", "		s.Attempts = append(s.Attempts, saved)\n",
		"", "AgreesWithOracle/sequence"},
	{"a complete all_of keeps its window (rule 9)",
		"allof.go", "		allOfForm{}.reset(p, tr)\n",
		"", "AgreesWithOracle/all_of"},
	{"an event counts for one pattern of all_of (rule 9)",
		"allof.go", "gather(p, in, t, of)",
		"gather(p, in, t, of&-of)", "AgreesWithOracle/all_of"},
	{"`until` leaves the window of all_of (rule 9)",
		"allof.go", "	if hit.Until {\n",
		"	if hit.Until && false {\n", "AgreesWithOracle/all_of"},
	{"nobody waits for a VM that never had a match (rule 10)",
		"absent.go", "	if !tr.holds && tr.due[phaseOver] == never {\n		tr.await(p, t)\n	}\n",
		"", "AgreesWithOracle/absent_for"},
	{"a resolve event does not end the wait (rule 10)",
		"absent.go", "	if !tr.holds {\n		p.due.set(tr, phaseOver, never)\n	}\n",
		"", "AgreesWithOracle/absent_for"},
	{"a match does not begin the wait anew (rule 10)",
		"absent.go", "	if known {\n		tr.await(p, t)",
		"	if known && tr.due[phaseOver] == never {\n		tr.await(p, t)", "AgreesWithOracle/absent_for"},
	{"a host whose VMs are all gone is waited for (rule 10)",
		"census.go", "		p.vanish(i)\n",
		"		_ = i\n", "AgreesWithOracle/absent_for"},
	{"on_vm_exit: keep keeps nothing (rule 16)",
		"evaluate.go", "!rs.rule.KeepOnExit",
		"rs != nil", "AgreesWithOracle"},
	{"a record comes after the next event (rule 18)",
		"record.go", "order: p.cause.order,",
		"order: p.cause.order + 1,", "AgreesWithOracle/record"},
	{"a record that no event made comes after the events of its instant (rule 18)",
		"schedule.go", "cause{order: orderLeave,",
		"cause{order: orderLast - 1,", "AgreesWithOracle/record"},
	{"records of one instant in any order of level (rule 18)",
		"record.go", "cmp.Compare(a.from.level, b.from.level)",
		"0", "AgreesWithOracle/record"},
	{"records of one instant in any order of place (rule 18)",
		"record.go", "		cmp.Compare(a.Host, b.Host),\n		cmp.Compare(a.VM.Name, b.VM.Name),\n",
		"", "AgreesWithOracle/record"},
	{"a late record keeps its time (rule 3)",
		"record.go", "if t < q.mark {",
		"if false {", "AgreesWithOracle/record"},
	{"`match_count` is 1 for a windowed condition (rule 18)",
		"life.go", "int64(tr.window.len()), t)",
		"min(1, int64(tr.window.len())), t)", "AgreesWithOracle/record"},
	{"an exception ends a microsecond late (rule 6)",
		"../rules/exception.go", "timeOf(f) < x.until",
		"timeOf(f) <= x.until", "AgreesWithOracle/exceptions"},
	{"an exception is asked at the event's own time (rule 6)",
		"../rules/exception.go", "	if f.Time.Set {\n		return f.Time.V\n	}\n",
		"", "AgreesWithOracle/exceptions"},
	{"an alert that was not confirmed fires (rule 15)",
		"confirm.go", "		tr.close(p, t, alert.ReasonNotConfirmed)\n",
		"		tr.confirmed(p, t)\n", "AgreesWithOracle/confirm"},
	{"after a no nothing is asked again (rule 15)",
		"confirm.go", "		tr.denied = tr.holds\n",
		"", "AgreesWithOracle/confirm"},
	{"an answer has no time to come late (rule 15)",
		"confirm.go", "answerTime+time.Duration(p.lane.lateness)*time.Microsecond",
		"answerTime", "AgreesWithOracle/confirm"},
	{"any answer is an answer (rule 15)",
		"confirm.go", " || a.Query.V != tr.home.rule.Confirm.Query",
		"", "AgreesWithOracle/confirm"},
}

func TestMutantsAreNoticed(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.bug, func(t *testing.T) {
			src, err := os.ReadFile(m.file)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(src), m.before) {
				t.Fatalf("%s has changed: %q is not in it", m.file, m.before)
			}
			out, err := propertiesOf(t, m, strings.ReplaceAll(string(src), m.before, m.after))
			switch {
			case err == nil:
				t.Errorf("no property notices")
			case !strings.Contains(out, "--- FAIL") && !strings.Contains(out, "test timed out"):
				t.Errorf("the properties did not run: %v\n%s", err, out)
			}
		})
	}
}

// propertiesOf runs the properties with another text in place of one file.
func propertiesOf(t *testing.T, m mutant, text string) (string, error) {
	dir := t.TempDir()
	planted, overlay := filepath.Join(dir, "planted.go"), filepath.Join(dir, "overlay.json")
	original, err := filepath.Abs(m.file)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := json.Marshal(map[string]any{"Replace": map[string]string{original: planted}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{planted: []byte(text), overlay: spec} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-run", m.run, "-timeout", "5m",
		"-failfast", ".", "-rapid.checks=40000", "-rapid.shrinktime=1ms").CombinedOutput()
	return string(out), err
}
