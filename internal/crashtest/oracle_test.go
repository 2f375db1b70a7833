package crashtest

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/rules"
)

// decided steps the engine, and nothing but the engine, through the journal, and
// returns its changes and what identifies the events of the file.
func decided(t *testing.T, dir string) (changes []alert.Change, events []string) {
	t.Helper()
	set, found := rules.Load([]rules.File{{Name: "rules.yml", Src: []byte(ruleText)}}, rules.Options{})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	j, damage, err := store.OpenJournal(filepath.Join(dir, state.Journal), store.JournalOptions{})
	if err != nil || len(damage) > 0 {
		t.Fatalf("the journal: %v, damage %v", err, damage)
	}
	defer j.Close()
	m := engine.New(set, engine.Options{})
	last := uint64(0)
	err = j.Read(0, func(line store.Entry) error {
		if line.Pos != last+1 {
			t.Errorf("position %d comes behind %d", line.Pos, last)
		}
		last = line.Pos
		e, err := core.Parse(line.Line)
		if err != nil {
			return err
		}
		var d engine.Decision
		switch {
		case e.Event != nil:
			d = m.Step(e.Event)
			if e.Event.Position != "" {
				events = append(events, nameOf(e.Event))
			}
		case e.Swap != nil:
			d, _ = m.Swap(set, e.At)
		default:
			d = m.Advance(e.At)
		}
		changes = append(changes, d.Changes...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return changes, events
}

func nameOf(ev *event.Event) string {
	return fmt.Sprintf("%d.%06d %s %s", ev.Time/1e6, ev.Time%1e6, ev.Name, ev.VM.Name)
}

// each checks a receiver that gets every alert by itself: once that it fires,
// once that it is over, in this order.
func each(t *testing.T, name string, changes []alert.Change, got []message) {
	t.Helper()
	want := map[told]bool{}
	for i := range changes {
		if c := &changes[i]; tells(c) {
			want[told{c.Fingerprint.String(), string(c.Status)}] = true
		}
	}
	ids := map[told]string{}    // of the message that said it
	accepted := map[told]bool{} // somebody said yes to it
	firsts := map[string][]string{}
	for _, m := range got {
		for _, a := range m.parsed.all() {
			if !want[a] {
				t.Errorf("%s: extra: %v in %s", name, a, m)
			}
			if id, seen := ids[a]; seen && id != m.id {
				t.Errorf("%s: %v was told by two messages: %s and %s", name, a, id, m.id)
			} else if !seen {
				firsts[a.Fingerprint] = append(firsts[a.Fingerprint], a.Status)
			}
			ids[a] = m.id
			accepted[a] = accepted[a] || m.accepted
		}
	}
	missing := 0
	for a := range want {
		folded := a.Status == string(alert.Firing) && accepted[told{a.Fingerprint, string(alert.Resolved)}]
		if !accepted[a] && !folded {
			missing++
			t.Errorf("%s: missing: %v", name, a)
		}
	}
	for f, order := range firsts {
		if !slices.Equal(order, []string{"firing"}) && !slices.Equal(order, []string{"firing", "resolved"}) && !slices.Equal(order, []string{"resolved"}) {
			t.Errorf("%s: alert %s was told as %v", name, f, order)
		}
	}
	t.Logf("%s: %d messages, %d of %d told, %d missing", name, len(got), len(want)-missing, len(want), missing)
}

// grouped checks a receiver that gets the alerts of a host together: none fires
// in a message after it was over in another one, and the last word about each is
// true, also where it was over before its group was told.
func grouped(t *testing.T, name string, changes []alert.Change, got []message) {
	t.Helper()
	final := map[string]string{}
	for i := range changes {
		if c := &changes[i]; tells(c) {
			final[c.Fingerprint.String()] = string(c.Status)
		}
	}
	last := map[string]string{}
	for _, m := range got {
		for _, a := range m.parsed.all() {
			if final[a.Fingerprint] == "" {
				t.Errorf("%s: extra: %v in %s", name, a, m)
			}
			if m.accepted {
				if last[a.Fingerprint] == string(alert.Resolved) && a.Status == string(alert.Firing) {
					t.Errorf("%s: %s fires after it was over, in %s", name, a.Fingerprint, m)
				}
				last[a.Fingerprint] = a.Status
			}
		}
	}
	for f, status := range final {
		if last[f] != status {
			t.Errorf("%s: the last word about %s is %q, want %q", name, f, last[f], status)
		}
	}
	t.Logf("%s: %d messages about %d alerts", name, len(got), len(final))
}

// tells says whether people are told of a change.
func tells(c *alert.Change) bool {
	return c.Status == alert.Firing || c.Status == alert.Resolved && c.Reason != alert.ReasonQuiet
}

// all returns the alerts of a message, those in a digest too: there each is a
// group, whose labels are the alert's.
func (b *body) all() []told {
	out := slices.Clone(b.Alerts)
	for _, e := range b.Digest {
		var ls alert.Labels
		for k, v := range e.Labels {
			ls = append(ls, alert.Label{Name: k, Value: v})
		}
		ls.Sort()
		out = append(out, told{ls.Fingerprint().String(), e.Status})
	}
	return out
}
