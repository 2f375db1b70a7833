package core

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

const noon = int64(1_773_489_600_000_000) // 2026-03-14T12:00:00Z

// everyRoute has a value in every member that people can give one.
var everyRoute = dispatch.Config{
	Route: dispatch.Route{
		Receiver: "ops", GroupBy: []string{"alertname", "ho\"st"}, GroupWait: time.Second, GroupInterval: 5 * time.Minute,
		RepeatInterval: 4 * time.Hour, Escalate: &dispatch.Escalation{After: time.Hour, Receiver: "boss"},
		Routes: []dispatch.Route{{
			Receiver: "night", Matchers: []string{`severity=~"crit.*|<b>"`, `vm!="\u2028"`}, Continue: true, GroupByAll: true,
			MuteTimeIntervals: []string{"day"}, ActiveTimeIntervals: []string{"night"},
		}},
	},
	Receivers:    []dispatch.Receiver{{Name: "ops", SendResolved: true}, {Name: "night"}, {Name: "boss"}},
	InhibitRules: []dispatch.InhibitRule{{Name: "i", SourceMatchers: []string{"a=b"}, TargetMatchers: []string{"c=~d"}, Equal: []string{"host"}}},
	TimeIntervals: []dispatch.TimeInterval{
		{Name: "day", Intervals: []alertmanager.Interval{{
			Times: []alertmanager.TimeRange{{Start: "08:00", End: "18:00"}}, Weekdays: []string{"monday:friday"}, Location: "Europe/Vienna",
		}}}, {Name: "night"},
	},
	ExternalURL: "https://alerts.example.com/<&>",
}

// TestEntryRoundTrip: what a line says of an entry is all that it is.
func TestEntryRoundTrip(t *testing.T) {
	ev, err := event.Parse([]byte(`{"timestamp":{"seconds":1773489600,"microseconds":7},"event":"STOP","data":{"a":"\ud83d\ude00"},"host":"h","vm":"db1","source":"s","received":"2026-03-14T12:00:01.000000Z","seq":3,"position":"f:1"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]Entry{
		"event": {At: ev.Received, Event: ev},
		"time":  {At: noon},
		"swap":  {At: noon, Swap: &Swap{RulesID: "00ff", Route: everyRoute}},
		"swap to nothing": {
			At: noon, Swap: &Swap{},
		},
		"silence": {At: noon, Silence: &dispatch.Silence{
			ID: "s1", Matchers: []string{`vm=~"db.*"`, `x="\"\n"`}, StartsAt: noon, EndsAt: noon + 1, CreatedBy: "é<script>\x00", Comment: "\u202e{}",
		}},
		"expire":    {At: noon, Expire: &Expire{ID: "s1", By: "me"}},
		"ack":       {At: noon, Ack: &Ack{Fingerprint: 0xfedcba9876543210, By: "me", Comment: "I look"}},
		"group ack": {At: noon, Ack: &Ack{Group: `{}/{vm="a"}`, By: "me"}},
		"long ago":  {At: 0},
	} {
		t.Run(name, func(t *testing.T) {
			line := e.AppendJSON([]byte("before "))
			if strings.ContainsAny(string(line), "\n\r") {
				t.Errorf("more than a line: %s", line)
			}
			got, err := Parse(line[len("before "):])
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if d := cmp.Diff(plain(e), plain(got)); d != "" {
				t.Errorf("%s (-want +got):\n%s", line, d)
			}
		})
	}
}

// TestEveryRouteIsFull keeps everyRoute honest when dispatch.Config grows.
func TestEveryRouteIsFull(t *testing.T) {
	for _, v := range []any{everyRoute, everyRoute.InhibitRules[0], everyRoute.Receivers[0], everyRoute.TimeIntervals[0]} {
		r := reflect.ValueOf(v)
		for i := range r.NumField() {
			if r.Field(i).IsZero() {
				t.Errorf("%s.%s has no value", r.Type(), r.Type().Field(i).Name)
			}
		}
	}
}

// plain is an entry without what a line does not have.
func plain(e Entry) any {
	type flat struct {
		Entry
		Event string
	}
	f := flat{Entry: e}
	if e.Event != nil {
		f.Event, f.Entry.Event = string(e.Event.AppendJSON(nil)), nil
	}
	return f
}

// TestHostileLines: what is no entry is an error, whatever it is.
func TestHostileLines(t *testing.T) {
	for _, line := range []string{
		"", "null", "0", `""`, "[]", "{}", "{", "\x00", "\xff\xfe", strings.Repeat("[", 100_000), strings.Repeat(`{"qmpalert":`, 100_000),
		`{"event":"STOP"}`, // when was it received?
		`{"event":"STOP","timestamp":{"seconds":1,"microseconds":0}}`,
		`{"event":null,"received":"2026-03-14T12:00:00Z"}`,
		`{"qmpalert":""}`,
		`{"qmpalert":"time"}`,
		`{"qmpalert":"time","at":""}`,
		`{"qmpalert":"time","at":"yesterday"}`,
		`{"qmpalert":"time","at":1773489600}`,
		`{"qmpalert":"time","at":"2026-03-14T12:00:00"}`,
		`{"qmpalert":"swap","at":"2026-03-14T12:00:00.000000Z"}`,
		`{"qmpalert":"swap","at":"2026-03-14T12:00:00.000000Z","route":null}`,
		`{"qmpalert":"swap","at":"2026-03-14T12:00:00.000000Z","route":[]}`,
		`{"qmpalert":"silence","at":"2026-03-14T12:00:00.000000Z"}`,
		`{"qmpalert":"silence","at":"2026-03-14T12:00:00.000000Z","silence":{"matchers":"all"}}`,
		`{"qmpalert":"silence","at":"2026-03-14T12:00:00.000000Z","ack":{"by":"me"}}`,
		`{"qmpalert":"expire","at":"2026-03-14T12:00:00.000000Z","expire":7}`,
		`{"qmpalert":"ack","at":"2026-03-14T12:00:00.000000Z","ack":{"fingerprint":"xyz"}}`,
		`{"qmpalert":"vote","at":"2026-03-14T12:00:00.000000Z"}`,
	} {
		if e, err := Parse([]byte(line)); err == nil {
			t.Errorf("%.80q is %+v", line, e)
		}
	}
}

// FuzzParse: any line is an entry or an error, and what is an entry is written
// as a line that is the same entry.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"qmpalert":"time","at":"2026-03-14T12:00:00.000000Z"}`))
	f.Add([]byte(`{"event":"STOP","received":"2026-03-14T12:00:00Z","vm":"db1"}`))
	f.Add([]byte(`{"qmpalert":"swap","at":"2026-03-14T12:00:00Z","rules":"a","route":{"route":{"receiver":"x","escalate":{}}}}`))
	f.Add([]byte(`{"qmpalert":"silence","at":"2026-03-14T12:00:00Z","silence":{"id":"1","matchers":["a=b"]}}`))
	f.Add([]byte(`{"qmpalert":"ack","at":"2026-03-14T12:00:00Z","ack":{"fingerprint":"0123456789abcdef","by":"me"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		once := e.AppendJSON(nil)
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, once, err)
		}
		if twice := again.AppendJSON(nil); string(twice) != string(once) || again.At != e.At {
			t.Fatalf("%q, then %q", once, twice)
		}
	})
}
