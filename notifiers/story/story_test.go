package story

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

func TestLine(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"plain", 10, "plain"},
		{"exact", 5, "exact"},
		{"longer", 5, "long…"},
		{"ééééé", 5, "ééééé"},
		{"éééééé", 5, "éééé…"},
		{"a\nb\tc\rd", 10, "a b c d"},
		{"\x1b[31m\x00\x7f\u009b", 10, "�[31m���"},
		{"\u202ex\u2066\u200b\ufeff\u00ad", 10, "�x����"},
		{"tag\U000E0041", 10, "tag�"},
		{"\u2028\u2029", 10, "  "},
		{"👩\u200d💻 می\u200cخواهم", 20, "👩\u200d💻 می\u200cخواهم"}, // joiners stay
		{"\xff\xfe", 10, "��"},
		{"x", 0, ""},
		{"", 5, ""},
	}
	for _, tt := range tests {
		if got := Line(tt.in, tt.limit); got != tt.want {
			t.Errorf("Line(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
	if got := Lines("a\nb\r\nc", 20); got != "a\nb \nc" {
		t.Errorf("Lines = %q", got)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0ms", 0: "0ms", 820 * time.Millisecond: "820ms", 999_999 * time.Microsecond: "999ms",
		time.Second: "1s", 59900 * time.Millisecond: "59s", time.Minute: "1m", 12*time.Minute + 3*time.Second: "12m 3s",
		time.Hour: "1h", time.Hour + time.Second: "1h", 90 * time.Minute: "1h 30m", 24 * time.Hour: "1d",
		76*time.Hour + 5*time.Minute: "3d 4h", 400 * 24 * time.Hour: "400d",
	} {
		if got := Span(d); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestMembers(t *testing.T) {
	tests := map[string][]Fact{
		`{"node-name":"c","n":18446744073709551615,"b":true,"nil":null,"empty":""}`: {{"node-name", "c"}, {"n", "18446744073709551615"}, {"b", "true"}},
		`{"client":{"host":"::1","x":{"y":1}},"f":1.50}`:                            {{"client.host", "::1"}, {"client.x.y", "1"}, {"f", "1.50"}},
		`{"list":[1, {"a" : 2}]}`:                                                   {{"list", `[1,{"a":2}]`}},
		`{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}`:                                     {{"a.b.c.d.e", `{"f":1}`}},
		`{"s":"\u001b[0m\nx"}`:                                                      {{"s", "�[0m x"}},
		`{"ok":1,"cut":`:                                                            {{"ok", "1"}},
		`[1]`:                                                                       nil,
		`null`:                                                                      nil,
		``:                                                                          nil,
		`{}`:                                                                        nil,
		strings.Repeat(`{"a":`, 5000):                                               nil,
		`{"x":` + strings.Repeat(`[`, 5000) + `}`: nil,
	}
	for raw, want := range tests {
		got := Members(&event.Event{Event: qmp.Event{Raw: []byte(raw)}})
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%.60s:\n%s", raw, d)
		}
	}
	if got := Members(nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
	if got := Members(&event.Event{Event: qmp.Event{Data: &qmp.QuorumReportBad{NodeName: qmp.Some("c")}}}); len(got) == 0 || got[0].Value != "c" {
		t.Errorf("of typed data: %v", got)
	}
}

func ev(at int64, name, data string) *event.Event {
	return &event.Event{Event: qmp.Event{Name: name, Time: at, Raw: []byte(data)}, Host: "kvm07", VM: event.VM{Name: "db1"}}
}

func TestOf(t *testing.T) {
	const day = 86400_000_000
	c := alert.Change{
		Status: alert.Resolved, Name: "Paused", Count: 2, Reason: alert.ReasonVMGone,
		Labels:      alert.Labels{{Name: "alertname", Value: "Paused"}, {Name: "client_host", Value: "::1"}, {Name: "host", Value: "kvm07"}, {Name: "severity", Value: "critical"}},
		Annotations: alert.Labels{{Name: "description", Value: "two\nlines "}, {Name: "runbook", Value: "r"}, {Name: "summary", Value: " one\nline"}},
		At:          3 * day, ActiveAt: day, StartsAt: day + 1, EndsAt: day + 61_000_000,
		Evidence: alert.Evidence{
			Events:  []*event.Event{ev(day, "A", `{"client":{"host":"::1"}}`), ev(day, "A", ``), ev(day, "A", ``), ev(2*day, "B", `{"client":{"host":"::2"},"why":"no space"}`)},
			Omitted: 7, Bounded: 3,
		},
	}
	want := Story{
		Status: alert.Resolved, Name: "Paused", Severity: "critical", Host: "kvm07", Summary: "one line", Description: "two\nlines",
		Since: "1970-01-02 00:00:00 UTC", Start: day, Last: 2 * day, Count: 2, Lasted: "1m 1s", Ended: "the VM is gone",
		Facts: []Fact{{"client_host", "::1"}, {"count", "2"}, {"runbook", "r"}, {"why", "no space"}},
		Evidence: []string{
			"1970-01-02 00:00:00.000 A vm=db1", "1970-01-02 00:00:00.000 A vm=db1", "1970-01-02 00:00:00.000 A vm=db1", "… 7 more …",
			`1970-01-03 00:00:00.000 B vm=db1 client.host=::2 why="no space"`, "(3 older matches were forgotten: too many at once)",
		},
	}
	got := Of(&c)
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if got.Word() != "RESOLVED" || got.Outcome() != "Resolved after 1m 1s: the VM is gone" {
		t.Errorf("%s, %s", got.Word(), got.Outcome())
	}
	c.Status, c.Annotations = alert.Firing, nil
	got = Of(&c)
	if got.Word() != "FIRING:critical" || got.Outcome() != "" || got.Summary != "Paused" {
		t.Errorf("%+v", got)
	}
}

// FuzzOf: whatever a guest puts anywhere, a Story is bounded text that no
// terminal acts on.
func FuzzOf(f *testing.F) {
	f.Add("x", `{"node-name":"c"}`, int64(0))
	f.Add("\x1b\u202e\n", `{"a":{"b":[1,"\u001b"]}}`, int64(qmp.NoTime))
	f.Fuzz(func(t *testing.T, text, raw string, at int64) {
		labels := alert.Labels{{Name: "severity", Value: text}, {Name: text, Value: text}}
		s := Of(&alert.Change{
			Status: alert.Resolved, Name: text, Labels: labels, Annotations: labels, Reason: alert.Reason(text),
			At: at, ActiveAt: at, StartsAt: at, EndsAt: -at, Count: at,
			Evidence: alert.Evidence{Events: []*event.Event{ev(at, text, raw), nil}, Omitted: at, Bounded: at},
		})
		all := []string{s.Name, s.Severity, s.Host, s.VM, s.Summary, s.Since, s.Lasted, s.Ended, s.Word(), s.Outcome()}
		for _, fact := range s.Facts {
			all = append(all, fact.Name, fact.Value)
		}
		all = append(all, s.Evidence...)
		for _, line := range all {
			if !utf8.ValidString(line) || strings.ContainsFunc(line, Unsafe) || strings.Contains(line, "\n") || utf8.RuneCountInString(line) > 500 {
				t.Errorf("%q", line)
			}
		}
		if len(s.Facts) > MaxFacts || len(s.Evidence) > 13 {
			t.Errorf("%d facts, %d lines of evidence", len(s.Facts), len(s.Evidence))
		}
	})
}
