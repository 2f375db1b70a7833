package ruletest

import (
	"cmp"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/rules"
)

// Route is the receiver of alerts whose rule names none: which one that is, the
// configuration decides.
const Route = "default"

// routeName is what the dispatcher knows it by; no rule can name that.
const routeName = "\x00" + Route

// story is what became of the events of a test.
type story struct {
	changes []alert.Change // in order of time, alertname, fingerprint
	notices []notice       // in the order of the changes
	trace   []engine.Trace // if it was asked for

	questions []engine.Question // in the order in which they were asked
}

// notice is one receiver told at one instant of one alert.
type notice struct {
	at       int64
	alert    string
	receiver string
}

// play runs a test. Only the rules in set take part.
func play(set *rules.Set, t *rules.Test, trace bool) *story {
	o := engine.Options{Trace: trace, Confirm: engine.ConfirmSkip}
	events := make([]*event.Event, len(t.Input))
	for i := range t.Input {
		events[i] = t.Input[i].Event
	}
	if answers(t) {
		o.Confirm = engine.ConfirmAsk
	}
	s := run(set, o, events, timeLeft(t))
	for o.Confirm == engine.ConfirmAsk && address(events, s.questions) {
		s = run(set, o, events, timeLeft(t))
	}
	replay.Sort(s.changes)
	s.notify(set)
	return s
}

// run gives the events to a machine, then lets time run on.
func run(set *rules.Set, o engine.Options, events []*event.Event, rest time.Duration) *story {
	s := &story{}
	m := engine.New(set, o)
	for _, e := range events {
		m.Know(e.Host, e.VM.Name)
	}
	for _, e := range events {
		s.add(m.Step(e))
	}
	s.add(m.Finish(rest))
	return s
}

func (s *story) add(d engine.Decision) {
	s.changes = append(s.changes, d.Changes...)
	s.questions = append(s.questions, d.Questions...)
	s.trace = append(s.trace, d.Trace...)
}

// timeLeft is how long time has to run on after the newest event, so that the
// last expectation sees its instant done.
func timeLeft(t *rules.Test) time.Duration {
	var last, newest time.Duration
	for _, in := range t.Input {
		newest = max(newest, in.At)
	}
	for _, e := range t.Expect {
		last = max(last, e.At)
	}
	return max(0, last-newest)
}

// notify tells the receivers, as if all that rules name were configured.
func (s *story) notify(set *rules.Set) {
	cfg := dispatch.Config{Route: dispatch.Route{Receiver: routeName, GroupByAll: true}, Receivers: []dispatch.Receiver{{Name: routeName, SendResolved: true}}}
	known := map[string]bool{}
	for _, r := range set.Rules() {
		for _, name := range r.Receivers {
			if !known[name] {
				known[name] = true
				cfg.Receivers = append(cfg.Receivers, dispatch.Receiver{Name: name, SendResolved: true})
			}
		}
	}
	planner, err := dispatch.New(cfg)
	if err != nil {
		panic(err) // it has no matcher and no time interval that could be wrong
	}
	// VMs have their own time, but the planner's never goes back.
	for _, c := range slices.SortedStableFunc(slices.Values(s.changes), byTime) {
		planner.Step(c, c.At)
		for _, n := range planner.Advance(c.At).Notifications {
			if n.Kind != notifiers.KindUpdate {
				s.notices = append(s.notices, tell(n))
			}
		}
	}
}

func byTime(a, b alert.Change) int { return cmp.Compare(a.At, b.At) }

func tell(n notifiers.Notification) notice {
	return notice{at: n.At, alert: n.Alerts[0].Name, receiver: n.Receiver}
}

// instant is an `at` of a test as the engine knows it.
func instant(at time.Duration) int64 { return rules.TestStart + at.Microseconds() }

// since is the inverse of instant.
func since(t int64) time.Duration { return time.Duration(t-rules.TestStart) * time.Microsecond }

// alerts returns the alerts that have a status when everything of an instant is
// done, of one name or ("") of all, in order of name and fingerprint.
func (s *story) alerts(at int64, name string, status alert.Status) []alert.Change {
	newest := map[alert.Fingerprint]alert.Change{}
	for _, c := range s.changes {
		if c.At <= at && (name == "" || c.Name == name) {
			newest[c.Fingerprint] = c
		}
	}
	var out []alert.Change
	for _, c := range newest {
		if c.Status == status {
			out = append(out, c)
		}
	}
	for i := range out {
		out[i].At = at
	}
	replay.Sort(out)
	return out
}

// told returns who was told of alerts at an instant, each once.
func (s *story) told(at int64, name string) []string {
	var out []string
	for _, n := range s.notices {
		if n.at == at && (name == "" || n.alert == name) && !slices.Contains(out, n.receiver) {
			out = append(out, n.receiver)
		}
	}
	slices.Sort(out)
	return out
}
