package rules

import (
	"slices"
	"testing"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

const havingRule = `
- alert: A
  event: [BLOCK_IO_ERROR, BLOCK_JOB_ERROR, SICK, __x_Y, "VNC_*"]
  having: distinct(data["device"]) > 1 and count >= 3 or countif(event == "SICK") > 0
  within: 5m
  annotations:
    summary: '{{ distinct(data["device"]) }} of {{ count }}, {{ last(event) }}'
- {record: SICK, event: BLOCK_JOB_ERROR}`

// Every event of the rule feeds the same aggregates: those of having, and those
// of texts behind them.
func TestAggregates(t *testing.T) {
	rules := load(t, havingRule)
	r := rules[0]
	var names []string
	for _, a := range r.Aggregates() {
		names = append(names, a.Func.String())
	}
	slices.Sort(names)
	if want := []string{"count", "countif", "distinct", "last"}; !slices.Equal(names, want) {
		t.Fatalf("aggregates %v", names)
	}
	at := func(name lang.AggFunc) int {
		return slices.IndexFunc(r.Aggregates(), func(a lang.Aggregate) bool { return a.Func == name })
	}
	job := ev(t, "BLOCK_JOB_ERROR", `{"device":"j"}`)
	for _, test := range []struct {
		name  string
		frame lang.Frame
		sick  bool
	}{
		{"a known event", lang.Frame{Event: job}, false},
		{"another one", lang.Frame{Event: ev(t, "BLOCK_IO_ERROR", `{"device":"j"}`)}, false},
		{"a vendor's", lang.Frame{Event: ev(t, "__x_Y", `{"device":"j"}`)}, false},
		{"a newer one", lang.Frame{Event: ev(t, "VNC_NEWER", `{"device":"j"}`)}, false},
		{"a record", lang.Frame{Event: rules[1].MakeRecord(job, nil, "h", "v", 1, 1)}, true},
	} {
		aggregates := r.Aggregates()
		if got := aggregates[at(lang.AggDistinct)].Arg(&test.frame); got.Text() != "j" {
			t.Errorf("%s: device %q", test.name, got.Text())
		}
		if got, _ := aggregates[at(lang.AggCountIf)].Arg(&test.frame).AsBool(); got != test.sick {
			t.Errorf("%s: sick %t", test.name, got)
		}
	}

	f := &lang.Frame{Event: job, Count: 7, Aggregates: make([]qmp.Value, len(r.Aggregates()))}
	set := func(distinct, count, sick int64) {
		f.Aggregates[at(lang.AggDistinct)], f.Aggregates[at(lang.AggCount)] = qmp.Int(distinct), qmp.Int(count)
		f.Aggregates[at(lang.AggCountIf)], f.Aggregates[at(lang.AggLast)] = qmp.Int(sick), qmp.String("SICK")
	}
	for _, test := range []struct {
		distinct, count, sick int64
		want                  bool
	}{{2, 3, 0, true}, {1, 3, 0, false}, {2, 2, 0, false}, {0, 0, 1, true}} {
		set(test.distinct, test.count, test.sick)
		if got := r.HavingHolds(f); got != test.want {
			t.Errorf("%+v: %t", test, got)
		}
	}
	set(4, 5, 0)
	if got, want := shown(r.Annotations(f, nil)), "summary=4 of 7, SICK"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A window without a summary of its own shows its condition as it is written.
func TestSummaryOfForms(t *testing.T) {
	tests := []struct{ rule, want string }{
		{"{alert: A, event: BLOCK_JOB_ERROR, by: device, having: 'count > 2 and   rate > 0', within: 5m}", "db1: BLOCK_JOB_ERROR for device j, 3 times (count > 2 and rate > 0 within 5m)"},
		{"{alert: A, sequence: [STOP, {event: [RESET, RESUME]}, BLOCK_JOB_ERROR], within: 5m}", "db1: STOP, then RESET or RESUME, then BLOCK_JOB_ERROR, 3 times"},
		{"{alert: A, all_of: [STOP, RESET, BLOCK_JOB_ERROR], within: 5m, scope: host}", "kvm07: STOP, RESET and BLOCK_JOB_ERROR, 3 times"},
	}
	for _, test := range tests {
		r := rule(t, "- "+test.rule)
		e := ev(t, "BLOCK_JOB_ERROR", `{"device":"j"}`)
		key := []string{"j"}[:len(r.By)]
		if got := r.Annotations(&lang.Frame{Event: e, Count: 3}, key).Get("summary"); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
