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

// The properties and scenarios are only worth what they notice. Each of these
// plants one bug into a copy of the engine, and the properties alone must find
// it. It takes minutes: go test -tags mutants -run Mutants ./engine
var mutants = []struct {
	bug           string
	file          string
	before, after string
}{
	{"a match that is exactly `within` old is still in the window (rule 7)",
		"count.go", "tr.home.rule.Within)", "tr.home.rule.Within+1000)"},
	{"a window does not empty on a resolve event (rule 13)",
		"track.go", "	tr.window.empty(&p.m.store)\n	p.due.set(tr, phaseLeave, never)\n	switch {", "	switch {"},
	{"`for` is over before the events of that instant (rule 5)",
		"partition.go", "p.run(point{w, phaseFor})", "p.run(point{w, phases})"},
	{"`keep_firing_for` ends after the events of that instant (rule 5)",
		"queue.go", "	phaseKeep               // (b) keep_firing_for ends\n	phaseEvent              // (c) events\n",
		"	phaseEvent\n	phaseKeep\n"},
	{"a resolve event leaves the default `within` (rule 13)",
		"track.go", "why == alert.ReasonResolve && !tr.home.rule.KeepGiven", "false"},
	{"a resolve event cuts a given keep_firing_for short (rule 13)",
		"track.go", "case tr.status == alert.Firing && !tr.home.rule.KeepGiven:", "case tr.status == alert.Firing:"},
	{"a pending alert is kept by keep_firing_for (rule 13)",
		"track.go", "	if tr.status == alert.Pending {\n		tr.close(p, t, why)\n		return\n	}\n", ""},
	{"what begins again while kept waits for `for` again (rule 13)",
		"track.go", "	if tr.status == alert.Firing {\n		return // began", "	if false {\n		return // began"},
	{"further matches restart `for` (rule 11)",
		"track.go", "	if !tr.holds {\n		if !active", "	if tr.status != alert.Firing {\n		if !active"},
	{"a notice closes after its first match (rule 12)",
		"track.go", "	if r.Notice() {", "	if r.Notice() && !active {"},
	{"matches while the alert is kept do not count (rule 17)",
		"track.go", "	if active {\n", "	if active && tr.holds {\n"},
	{"the evidence keeps the oldest instead of the last (rule 17)",
		"evidence.go", "		copy(e.last, e.last[1:])\n		e.last = e.last[:evidenceLast-1]\n", "		return\n"},
	{"a resolve event is about every key (rule 14)",
		"partition.go", "part.Value != key[i]", "part.Value != key[i] && i < 0"},
	{"rules see the end of a VM before its alerts are forgotten (rule 16)",
		"partition.go", "	p.run(point{t, phaseEvent}) // what", "	if p.lane.scope == rules.ScopeVM && isGone(ev) {\n		p.forgetVM(t)\n	}\n	p.run(point{t, phaseEvent}) // what"},
	{"the end of a VM ends alerts of wider scopes (rule 16)",
		"partition.go", "p.lane.scope == rules.ScopeVM && isGone(ev)", "isGone(ev)"},
	{"a late event keeps its time (rule 3)",
		"partition.go", "t, late = p.mark, true", "late = true"},
	{"an event at the watermark is late (rule 3)",
		"partition.go", "	if t < p.mark {", "	if t <= p.mark {"},
	{"events of one time in any order of arrival (rule 2)",
		"queue.go", "a.arrival < b.arrival", "a.arrival > b.arrival"},
	{"silence without its 200 ms (rule 3)",
		"vm.go", "silenceMargin = 200_000", "silenceMargin = 0"},
	{"a gone VM is still waited for (rule 3)",
		"places.go", "		p.members = slices.DeleteFunc(p.members, func(o *vm) bool { return o == v })\n", ""},
	{"a wide scope follows its fastest VM (rule 3)",
		"partition.go", "		if v.reach < least {\n", "		if v.reach < least && v == p.members[0] {\n"},
	{"exactly clock_step is a step back (rule 4)",
		"vm.go", "	if t < v.newest-clockStep {\n		return v.step(t, v.newest)", "	if t <= v.newest-clockStep {\n		return v.step(t, v.newest)"},
	{"exactly clock_step is a step forward (rule 4)",
		"vm.go", "t > c+clockStep", "t >= c+clockStep"},
	{"a second step forgets the first (rule 4)",
		"vm.go", "v.shift += to - t", "v.shift = to - t"},
	{"the shift of a clock is never over (rule 4)",
		"vm.go", "	case v.shift > 0 && own >= v.newest:\n		v.shift, t = 0, own\n", ""},
	{"events held back over a step are shifted (rule 4)",
		"vm.go", "v.shift != 0 && throttled(ev) &&", "false &&"},
	{"a snapshot forgets the watermark",
		"snapshot.go", "p.mark, p.born, p.orphan, p.members = ps.Mark,", "p.mark, p.born, p.orphan, p.members = always,"},
	{"a snapshot forgets how a condition ended",
		"snapshot.go", "tr.firstTime, tr.lastTime, tr.endCause = s.FirstTime, s.LastTime, s.EndCause", "tr.firstTime, tr.lastTime = s.FirstTime, s.LastTime"},
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
			out, err := propertiesOf(t, m.file, strings.ReplaceAll(string(src), m.before, m.after))
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
func propertiesOf(t *testing.T, file, text string) (string, error) {
	dir := t.TempDir()
	planted, overlay := filepath.Join(dir, "planted.go"), filepath.Join(dir, "overlay.json")
	original, err := filepath.Abs(file)
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
	out, err := exec.CommandContext(t.Context(), "go", "test", "-overlay", overlay, "-run", "Property", "-timeout", "2m",
		"-failfast", ".", "-rapid.checks=3000", "-rapid.shrinktime=1ms").CombinedOutput()
	return string(out), err
}
