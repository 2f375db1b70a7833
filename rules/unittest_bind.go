package rules

import (
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// testBinder makes tests of what was written, once all rules are compiled: a
// test may use the records, and expect the alerts, of other files.
type testBinder struct {
	found  *diag.List
	record func(name string) (def *qmp.Def, known bool)
	names  []string // of all records
	rule   func(name string) *Rule
	alerts []string // names of all alerts
}

// bind makes the tests of a rule, or of a test file (r is nil).
func (b *testBinder) bind(specs []testSpec, r *Rule) []Test {
	first := map[string]diag.Pos{}
	var tests []Test
	for _, s := range specs {
		t := Test{Pos: s.Pos, Rule: r}
		if s.Name != nil {
			t.Name = s.Name.Value
			if before, twice := first[t.Name]; twice {
				b.found.Add(diag.New(diag.DuplicateTest, s.Name.Pos, "the test name `%s` stands twice", t.Name).
					WithHint("rename one of them").WithRelated(before, "first used here"))
			} else {
				first[t.Name] = s.Name.Pos
			}
		}
		for i := range s.Input {
			if in, ok := b.input(&s.Input[i]); ok {
				t.Input = append(t.Input, in)
			}
		}
		for i := range s.Expect {
			t.Expect = append(t.Expect, b.expect(&s.Expect[i], r))
		}
		inOrder(t.Input, func(in TestInput) int64 { return int64(in.At) })
		inOrder(t.Expect, func(e TestExpect) int64 { return int64(e.At) })
		tests = append(tests, t)
	}
	return tests
}

// input makes the event of an input.
func (b *testBinder) input(s *inputSpec) (TestInput, bool) {
	in := TestInput{Pos: s.Pos, At: s.At.value()}
	e, ok := b.event(s)
	if !ok || s.At == nil {
		return in, false
	}
	e.Time, e.Received, e.Seq = TestStart+int64(in.At/time.Microsecond), qmp.NoTime, 0
	if s.Host != nil {
		e.Host = s.Host.Value
	}
	if s.VM != nil {
		e.VM = event.VM{Name: s.VM.Value}
	}
	if s.UUID != nil {
		e.VM.UUID = s.UUID.Value
	}
	about := !slices.Contains(aboutNoVM, e.Name)
	if e.Host == "" && s.Host == nil {
		e.Host = TestHost
	}
	if e.VM.Name == "" && s.VM == nil && about {
		e.VM.Name = TestVM
	}
	in.Event = e
	switch {
	case s.Raw != nil:
		in.Given = string(e.Raw)
	case s.Data != nil:
		in.Given = string(anyJSON(nil, s.Data))
	}
	return in, true
}

// aboutNoVM are the own events that are not about a VM.
var aboutNoVM = []string{"QMPALERT_RELOAD_FAILED", "QMPALERT_RULE_SUSPENDED", "QMPALERT_DELIVERY_FAILED"}

func (b *testBinder) event(s *inputSpec) (*event.Event, bool) {
	switch {
	case s.Raw != nil:
		e, err := event.Parse([]byte(s.Raw.Value))
		if err != nil {
			b.found.Add(diag.New(diag.TestRaw, s.Raw.Pos, "`raw` is not a recorded event: %v", err).
				WithHint("it is one line of a recording, in single quotes"))
			return nil, false
		}
		return e, true
	case s.Event == nil:
		return nil, false
	}
	name := s.Event.Value
	def, known := qmp.Lookup(name), false
	if def == nil {
		def, known = b.record(name)
	}
	if def == nil && !known && !(strings.HasPrefix(name, vendorPrefix) && isEventName(name)) {
		hint := diag.DidYouMean(name, append(eventNames(), b.names...))
		switch {
		case isGlob(name):
			hint = "a test needs the name of one event"
		case hint == "":
			hint = "`qmpalert events` lists the known events"
		}
		b.found.Add(diag.New(diag.TestEvent, s.Event.Pos, "unknown event `%s`", name).WithHint("%s", hint))
		return nil, false
	}
	before := len(*b.found)
	line := append([]byte(`{"event":`), qmp.String(name).AppendJSON(nil)...)
	if data := b.data(def, name, s.Data); data != nil {
		line = append(append(line, `,"data":`...), data...)
	}
	var m qmp.Message
	if err := qmp.DecodeBytes(append(line, '}'), &m); err != nil {
		// Only what is too large can get here.
		b.found.Errorf(diag.TestValue, s.Pos, "the event cannot be made: %v", err)
		return nil, false
	}
	if m.Mistyped > 0 && s.Data != nil && len(*b.found) == before {
		b.found.Add(diag.New(diag.TestValue, s.Data.Pos, "a number does not fit its member of %s", name).
			WithHint("`qmpalert events %s` says which numbers its members take", name))
		return nil, false
	}
	e := event.FromMessage(&m)
	return &e, true
}

// data is the JSON of the event's data, nil for an event without.
func (b *testBinder) data(def *qmp.Def, name string, given *yamldoc.Node) []byte {
	switch {
	case def == nil && given == nil:
		return nil
	case def == nil:
		return anyJSON(nil, given)
	case len(def.Members) == 0 && given == nil:
		return nil
	}
	d := testData{found: b.found, event: name}
	return d.object(nil, def.Members, "", given)
}

// expect makes an expectation.
func (b *testBinder) expect(s *expectSpec, r *Rule) TestExpect {
	e := TestExpect{Pos: s.Pos, At: s.At.value()}
	switch {
	case r != nil:
		e.Alert = r.Name
	case s.Alertname != nil:
		e.Alert = s.Alertname.Value
		r = b.alertname(s.Alertname)
	}
	for i, to := range []**TestAlerts{&e.Firing, &e.Pending, &e.Resolved} {
		if list := s.Lists[i]; list != nil {
			*to = b.alertList(list, r)
		}
	}
	if s.Notified != nil {
		items, _ := s.Notified.AsScalarList(&diag.List{})
		e.Notified = &TestReceivers{Pos: s.Notified.Pos}
		for _, item := range items {
			e.Notified.Names = append(e.Notified.Names, item.Value)
		}
	}
	if r != nil && r.Record != "" {
		for _, n := range []*yamldoc.Node{s.Lists[1], s.Lists[2], s.Notified} {
			if n != nil {
				b.found.Add(diag.New(diag.KeyCombination, n.Pos, "a record is never `%s`", n.Name()).
					WithHint("the records that are made at that instant are `firing`"))
			}
		}
	}
	return e
}

// alertname finds the rule that an expectation of a test file is about.
func (b *testBinder) alertname(n *yamldoc.Node) *Rule {
	r := b.rule(n.Value)
	if r == nil || r.Record != "" {
		hint := diag.DidYouMean(n.Value, b.alerts)
		if hint == "" {
			hint = "the files under `rule_files` have to define it"
		}
		b.found.Add(diag.New(diag.TestAlertname, n.Pos, "no rule has the alert `%s`", n.Value).WithHint("%s", hint))
		return nil
	}
	return r
}

// alertList reads the alerts that are expected. r is the only rule that they
// can be of; nil: each names its own.
func (b *testBinder) alertList(list *yamldoc.Node, r *Rule) *TestAlerts {
	all := &TestAlerts{Pos: list.Pos}
	for _, item := range list.Items {
		if !item.AsMapping(b.found) {
			continue
		}
		a := TestAlert{Pos: item.Pos}
		of := r
		if name := item.Get("alertname"); r == nil && name == nil {
			b.found.Add(diag.New(diag.MissingKey, item.Pos, "an alert in a test file needs the key `alertname`").
				WithHint("name it here, or once in the expectation"))
		} else if r == nil && name.Kind == yamldoc.Scalar {
			of = b.alertname(name)
		}
		item.Each(func(key, value *yamldoc.Node) {
			text, ok := labelValue(value, b.found)
			if ok && b.label(key, value, of) {
				a.Labels = append(a.Labels, alert.Label{Name: key.Value, Value: text})
			}
		})
		a.Labels.Sort()
		all.Alerts = append(all.Alerts, a)
	}
	return all
}

// labelValue reads a text; null is the label that is not there.
func labelValue(n *yamldoc.Node, found *diag.List) (string, bool) {
	if n.IsNull() {
		return "", true
	}
	return n.AsString(found)
}

// label complains about a label that no alert of the rule has.
func (b *testBinder) label(key, value *yamldoc.Node, r *Rule) bool {
	if r == nil {
		return true // answered already, or a test file that cannot know
	}
	names := append([]string{"alertname", severityLabel}, r.KeyLabels()...)
	for i := range r.texts.labels {
		names = append(names, r.texts.labels[i].name)
	}
	if key.Value == "alertname" && value.Value != r.Name {
		b.found.Add(diag.New(diag.TestAlertname, value.Pos, "the tests of `%s` are about its own alert", r.Name).
			WithHint("tests of several alerts stand in a test file: `rule_files` and `tests` at the top"))
		return false
	}
	if slices.Contains(names, key.Value) || value.IsNull() && (key.Value == "host" || key.Value == "vm") {
		return true
	}
	hint := diag.DidYouMean(key.Value, names)
	if hint == "" || (key.Value == "vm" || key.Value == "host") {
		slices.Sort(names)
		hint = "its labels are " + listed(slices.Compact(names))
	}
	b.found.Add(diag.New(diag.TestLabel, key.Pos, "an alert of `%s` never has the label `%s`", r.Name, key.Value).WithHint("%s", hint))
	return false
}
