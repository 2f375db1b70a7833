package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/rules"
)

// scene is a piece of what happens to real QEMUs, and what the rules of the
// project make of it. Their events are taken as they come, at the times that
// QEMU gave them. What takes hours in life is not waited for: pass puts the
// clock of all that follows forward. Nothing else of the rules or of the events
// is changed, and all rules are at work, so that a scene also shows which of
// them keep quiet.
type scene struct {
	t      *testing.T
	set    *rules.Set
	proofs *proofs
	actors []*actor
	ahead  time.Duration
	script []line
}

// actor is a QEMU of a scene.
type actor struct {
	*qemutest.VM
	name  string
	taken int  // events of it that are in the script
	gone  bool // it has quit
}

// line is an event of the script.
type line struct {
	at   int64 // microseconds
	text []byte
}

func (s *scene) start(r qemutest.Recipe) *actor {
	s.t.Helper()
	a := &actor{VM: qemutest.Start(s.t, r), name: r.Name}
	s.actors = append(s.actors, a)
	return a
}

// plainPC is a PC that never runs.
func plainPC(name string, args ...string) qemutest.Recipe {
	return qemutest.Recipe{Name: name, Args: append([]string{"-machine", "pc", "-S"}, args...)}
}

// pass lets time pass: what happens from now on is so much later.
func (s *scene) pass(d time.Duration) {
	s.t.Helper()
	s.take()
	s.ahead += d
}

// take writes down what happened. A question to each QEMU sees to it that all
// its events before the answer are there.
func (s *scene) take() {
	s.t.Helper()
	for _, a := range s.actors {
		if !a.gone {
			a.Execute("query-name", "")
		}
		for _, e := range a.Events()[a.taken:] {
			s.script = append(s.script, s.line(a.name, e))
		}
		a.taken = len(a.Events())
	}
}

// quit ends the VM.
func (a *actor) quit() {
	a.Quit()
	a.Seen()
	a.gone = true
}

// line is an event as a record of ours, with its time put forward.
func (s *scene) line(vm string, e qemutest.Event) line {
	s.t.Helper()
	var r struct {
		Timestamp struct {
			Seconds      int64 `json:"seconds"`
			Microseconds int64 `json:"microseconds"`
		} `json:"timestamp"`
		Event string          `json:"event"`
		Data  json.RawMessage `json:"data,omitempty"`
		Host  string          `json:"host"`
		VM    string          `json:"vm"`
	}
	if err := json.Unmarshal(e.Raw, &r); err != nil {
		s.t.Fatalf("%v in %s", err, e.Raw)
	}
	at := r.Timestamp.Seconds*1e6 + r.Timestamp.Microseconds + s.ahead.Microseconds()
	r.Timestamp.Seconds, r.Timestamp.Microseconds, r.Host, r.VM = at/1e6, at%1e6, "kvm07", vm
	text, err := json.Marshal(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return line{at, text}
}

// told plays the script to the rules and compares the alerts that fired with
// what is wanted: name, labels, why it fired and why it ended, such as
// "QuorumLost vm=db1 reference=q0: match, quiet". Their order does not matter.
func (s *scene) told(want ...string) {
	t := s.t
	t.Helper()
	s.take()
	slices.SortStableFunc(s.script, func(a, b line) int { return int(a.at - b.at) })
	path := filepath.Join(t.TempDir(), "scene.ndjson")
	var text []byte
	for _, l := range s.script {
		text = append(append(text, l.text...), '\n')
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	result, err := replay.Run(t.Context(), s.set, []string{path}, replay.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.proofs.add(result.Changes)
	got := lives(result.Changes)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what the rules made of it (-want +got):\n%s\nthe events:\n%s", diff, text)
	}
	for i := range result.Changes {
		readable(t, t.Name(), &result.Changes[i])
	}
}

// lives are the alerts that fired, each in a line, sorted.
func lives(changes []alert.Change) []string {
	var out []string
	open := make(map[alert.Fingerprint]int) // line of the alert with the fingerprint
	for i := range changes {
		switch c := &changes[i]; c.Status {
		case alert.Firing:
			if _, ok := open[c.Fingerprint]; !ok {
				open[c.Fingerprint] = len(out)
				out = append(out, named(c)+": "+string(c.Reason))
			}
		case alert.Resolved:
			out[open[c.Fingerprint]] += ", " + string(c.Reason)
			delete(open, c.Fingerprint)
		}
	}
	slices.Sort(out)
	return out
}

// named is the name of an alert, where it is, and the labels of its key.
func named(c *alert.Change) string {
	where := "vm=" + c.Labels.Get("vm")
	if where == "vm=" {
		where = "host=" + c.Labels.Get("host")
	}
	out := c.Name + " " + where
	for _, l := range c.Labels {
		switch l.Name {
		case "alertname", "team", "severity", "host", "vm":
		default:
			out += " " + l.Name + "=" + l.Value
		}
	}
	return out
}
