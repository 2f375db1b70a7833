package engine_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/engine/oracle"
)

// The properties of docs/semantics.md that hold for every rule file and every
// stream. A failed check prints both, shrunk, ready for a scenario. For a long
// run: make nightly

// Seconds, not minutes, by default; flags on the command line win. The printed
// seed reproduces a failure, so no file is left in the tree for it.
func init() {
	for name, value := range map[string]string{"rapid.checks": "300", "rapid.nofailfile": "true"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
}

// kindsOfRule are the kinds of rules, each alone, and everything together.
var kindsOfRule = []struct {
	name string
	shape
}{
	{"match", anything.only(oracle.FormMatch)},
	{"count", anything.only(oracle.FormCount)},
	{"having", anything.only(oracle.FormHaving)},
	{"sequence", anything.only(oracle.FormSequence)},
	{"all_of", anything.only(oracle.FormAllOf)},
	{"absent_for", anything.only(oracle.FormAbsent)},
	{"record", withRecords(anything.only(anything.forms...))},
	{"exceptions", withExceptions(anything.only(anything.forms...))},
	{"confirm", withConfirm(anything.only(anything.forms...))},
	{"everything", anything},
}

func withRecords(s shape) shape    { s.records = true; return s }
func withExceptions(s shape) shape { s.exceptions = true; return s }
func withConfirm(s shape) shape    { s.confirm = true; return s }

// Whatever happens to the machine on its way: ticks, restarts, reloads.
func TestPropertyEngineAgreesWithOracle(t *testing.T) {
	for _, kind := range kindsOfRule {
		t.Run(kind.name, func(t *testing.T) {
			s := kind.shape
			s.limits = true
			rapid.Check(t, func(t *rapid.T) {
				w := s.draw(t)
				r := w.runner(t)
				if sample(t, "disturbed", false, true) {
					r.before = w.disturb(t, r)
				}
				got := r.run(parseEvents(t, w.lines()))
				want := oracle.Run(w.World, w.oracleRules(), w.events)
				w.compare(t, "engine and oracle differ", oracleLines(want.Changes), got)
				if !slices.Equal(want.Late, r.late) {
					t.Fatalf("engine and oracle differ about what was late\n%s--- want\n%v\n--- got\n%v", w, want.Late, r.late)
				}
			})
		})
	}
}

// disturb does, before each event, some of what must not matter: a look at the
// clock, a restart, a reload of the same rules in another order.
func (w world) disturb(t *rapid.T, r *runner) func(*engine.Machine, int) (*engine.Machine, []alert.Change) {
	now := int64(oracle.NoTime)
	return func(m *engine.Machine, i int) (*engine.Machine, []alert.Change) {
		var out []alert.Change
		switch sample(t, "disturbance", "none", "none", "tick", "restart", "reload") {
		case "tick":
			if now != oracle.NoTime {
				out = m.Advance(now).Changes
			}
		case "restart":
			m = throughJSON(t, r, m)
		case "reload":
			turned := rapid.Permutation(w.rules).Draw(t, "order")
			r.set = loadRules(t, ruleFile(turned))
			d, _ := m.Swap(r.set, now)
			out = d.Changes
		}
		if i < len(w.events) {
			now = max(now, w.events[i].Received)
		}
		return m, out
	}
}

// What is decided is said at once: with the event whose arrival moves the
// watermark there, not later.
func TestPropertyChangesComeOutAsSoonAsTheWatermarkAllows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anything.draw(t)
		r := w.runner(t)
		r.ticks = true
		r.run(parseEvents(t, w.lines()))
		want := oracle.Run(w.World, w.oracleRules(), w.events).Changes
		for i := range w.events {
			due := slices.DeleteFunc(slices.Clone(want), func(c oracle.Change) bool { return c.Out > i })
			w.compare(t, "after "+w.line(i), oracleLines(due), engineLines(r.changes[:r.upTo[i]]))
		}
	})
}

// Rule 5: ticks never matter. They come while the clock of the world is between
// two events, which is up to the `received` of the next one.
func TestPropertyTicksDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anything.draw(t)
		want := w.evaluate(t)
		r := w.runner(t)
		now := int64(oracle.NoTime)
		r.before = func(m *engine.Machine, i int) (*engine.Machine, []alert.Change) {
			var out []alert.Change
			next := now // an event that was received at an unknown time may be next
			if i == len(w.events) {
				next = max(now, epoch) + 1e9
			} else if rec := w.events[i].Received; rec != oracle.NoTime {
				next = max(now, rec)
			}
			if next == oracle.NoTime {
				return m, nil
			}
			for _, back := range rapid.SliceOfN(rapid.Int64Range(0, 40), 0, 3).Draw(t, "ticks") {
				out = append(out, m.Advance(next-back*jitter).Changes...)
			}
			now = next
			return m, out
		}
		w.compare(t, "ticks matter", want, r.run(parseEvents(t, w.lines())))
	})
}

// Rule 3: order of arrival never shows in the outcome, as long as no event is
// later than the lateness.
func TestPropertyArrivalWithinTheLatenessDoesNotMatter(t *testing.T) {
	s := anything
	s.noGone, s.noSteps, s.heldBack, s.everyKnown = true, true, true, true
	s.received = []int{receivedNever}
	rapid.Check(t, func(t *rapid.T) {
		w := s.draw(t)
		slices.SortStableFunc(w.events, func(a, b oracle.Event) int { return cmp.Compare(a.Time, b.Time) })
		want := w.evaluate(t)
		// Each time is held back for up to 2 s; events of one time stay in order.
		held := map[int64]int64{}
		sorted := slices.Clone(w.events)
		for i, e := range sorted {
			if _, ok := held[e.Time]; !ok {
				held[e.Time] = e.Time + sample[int64](t, "held", 0, 0, 1, 2, 3, 4)*grid
			}
			w.numbers = append(w.numbers, i+1)
		}
		slices.SortStableFunc(w.numbers, func(a, b int) int {
			return cmp.Compare(held[sorted[a-1].Time], held[sorted[b-1].Time])
		})
		for i, n := range w.numbers {
			w.events[i] = sorted[n-1]
		}
		w.compare(t, "order of arrival matters (want: in order of time)", want, w.evaluate(t))
	})
}

// A snapshot that went through JSON goes on as if nothing had happened.
func TestPropertySnapshotAndRestoreChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anything.draw(t)
		want := w.evaluate(t)
		r := w.runner(t)
		r.before = func(m *engine.Machine, i int) (*engine.Machine, []alert.Change) {
			if !sample(t, "snapshot", true, false) {
				return m, nil
			}
			return throughJSON(t, r, m), nil
		}
		w.compare(t, "snapshots matter", want, r.run(parseEvents(t, w.lines())))
	})
}

func throughJSON(t *rapid.T, r *runner, m *engine.Machine) *engine.Machine {
	text, err := json.Marshal(m.Snapshot())
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	var s engine.Snapshot
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatalf("snapshot %s: %v", text, err)
	}
	restored, err := engine.Restore(r.set, s)
	if err != nil {
		t.Fatalf("restore %s: %v", text, err)
	}
	again, err := json.Marshal(restored.Snapshot())
	if err != nil || string(again) != string(text) {
		t.Fatalf("the snapshot of a restored machine differs (%v):\n%s\n%s", err, text, again)
	}
	return restored
}

// Rule 1: rules never influence each other, but for the records that they use,
// and their order does not matter.
func TestPropertyRulesDoNotInfluenceEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anything.draw(t)
		want := w.evaluate(t)
		turned := w
		turned.rules = slices.Clone(w.rules)
		slices.Reverse(turned.rules)
		turned.compare(t, "order of rules matters", want, turned.evaluate(t))
		var apart []alert.Change
		for i, rule := range w.rules {
			alone := w
			alone.rules = w.with(i)
			r := alone.runner(t)
			r.run(parseEvents(t, w.lines()))
			others := func(c alert.Change) bool { return c.Name != rule.Name }
			apart = append(apart, slices.DeleteFunc(r.changes, others)...)
		}
		w.compare(t, "rules influence each other (want: together, got: each alone)", want, engineLines(apart))
	})
}

// Rule 1: the VMs of a rule of scope vm do not influence each other. (What is
// not received in order may be late by another VM's clock, so all or nothing.)
func TestPropertyVMsDoNotInfluenceEachOther(t *testing.T) {
	s := anything
	s.scopes = []oracle.Scope{oracle.VM}
	s.received = []int{receivedNever, receivedAlways}
	rapid.Check(t, func(t *rapid.T) {
		w := s.draw(t)
		want := w.evaluate(t)
		var apart []alert.Change
		for _, p := range []oracle.Place{{Host: "h1", VM: "a"}, {Host: "h1", VM: "b"}, {Host: "h2", VM: "a"}} {
			r := w.runner(t)
			lines := w.lines()
			for i := len(lines) - 1; i >= 0; i-- {
				if e := w.events[i]; e.Host != p.Host || e.VM != p.VM {
					lines = slices.Delete(lines, i, i+1)
				}
			}
			r.run(parseEvents(t, lines))
			apart = append(apart, r.changes...)
		}
		w.compare(t, "VMs influence each other (want: together, got: each alone)", want, engineLines(apart))
	})
}

// Rule 20: a reload does not touch the rules whose meaning is the same,
// whatever it does to others and wherever they stand in the file.
func TestPropertyReloadLeavesUnchangedRulesAlone(t *testing.T) {
	s := anything
	s.received = []int{receivedNever, receivedAlways}
	rapid.Check(t, func(t *rapid.T) {
		w := s.draw(t)
		i := rapid.IntRange(0, len(w.rules)-1).Draw(t, "stays")
		stays, alone := w.rules[i], w
		alone.rules = w.with(i)
		want := alone.evaluate(t)

		r := w.runner(t)
		now := int64(epoch)
		r.before = func(m *engine.Machine, i int) (*engine.Machine, []alert.Change) {
			var out []alert.Change
			if sample(t, "reload", false, false, true) {
				next := w
				next.rules = w.drawReload(t, alone.rules)
				d, _ := m.Swap(loadRules(t, ruleFile(next.rules)), now)
				out = d.Changes
			}
			if i < len(w.events) {
				now = max(now, w.events[i].Received)
			}
			return m, out
		}
		r.run(parseEvents(t, w.lines()))
		others := func(c alert.Change) bool { return c.Name != stays.Name }
		w.compare(t, "a reload of others touches "+stays.Name, want, engineLines(slices.DeleteFunc(r.changes, others)))
	})
}

// drawReload keeps some rules as they are, in any order, and changes the meaning
// of the others or takes them away, unless they are records that are used.
func (w world) drawReload(t *rapid.T, stay []drawnRule) []drawnRule {
	var next []drawnRule
	used := map[string]bool{}
	for _, r := range stay {
		used[r.Name] = true
	}
	for i := len(w.rules) - 1; i >= 0; i-- { // those that use records before these
		r := w.rules[i]
		stays := slices.ContainsFunc(stay, func(s drawnRule) bool { return s.Name == r.Name })
		if !stays {
			switch sample(t, "fate of "+r.Name, "same", "changed", "removed") {
			case "changed":
				never := oracle.Cond{Member: "vm.name", Op: "==", Value: "nobody"}
				r.Exceptions = append(slices.Clone(r.Exceptions), oracle.Exception{Conds: []oracle.Cond{never}, Until: oracle.NoTime})
			case "removed":
				if !used[r.Name] {
					continue
				}
			}
		}
		for _, name := range r.names() {
			used[name] = true
		}
		next = append(next, r)
	}
	return rapid.Permutation(next).Draw(t, "order")
}

// with is a rule and the records that it uses, and those that these use.
func (w world) with(i int) []drawnRule {
	var all []drawnRule
	used := map[string]bool{w.rules[i].Name: true}
	for ; i >= 0; i-- { // records come before those that use them
		if !used[w.rules[i].Name] {
			continue
		}
		all = append(all, w.rules[i])
		for _, name := range w.rules[i].names() {
			used[name] = true
		}
	}
	return all
}
