package alertmanager_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

func at(t *testing.T, text string) int64 {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UnixMicro()
}

func compile(t *testing.T, list ...alertmanager.Interval) alertmanager.Intervals {
	t.Helper()
	out, err := alertmanager.CompileIntervals(list)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestActive(t *testing.T) {
	office := alertmanager.Interval{
		Times: []alertmanager.TimeRange{{Start: "09:00", End: "17:30"}}, Weekdays: []string{"monday:friday"}, Location: "Europe/Vienna",
	}
	tests := []struct {
		name string
		list []alertmanager.Interval
		at   string
		want bool
	}{
		{"none is never", nil, "2026-03-02T10:00:00Z", false},
		{"an empty one is always", []alertmanager.Interval{{}}, "2026-03-02T10:00:00Z", true},
		{"begins in its own place", []alertmanager.Interval{office}, "2026-03-02T08:00:00Z", true},
		{"not before", []alertmanager.Interval{office}, "2026-03-02T07:59:59Z", false},
		{"the end is outside", []alertmanager.Interval{office}, "2026-03-02T16:30:00Z", false},
		{"weekend", []alertmanager.Interval{office}, "2026-03-01T10:00:00Z", false},
		{"one of two", []alertmanager.Interval{office, {Weekdays: []string{"Sunday"}}}, "2026-03-01T10:00:00Z", true},
		{"last day", []alertmanager.Interval{{DaysOfMonth: []string{"-1"}}}, "2028-02-29T10:00:00Z", true},
		{"not the last day", []alertmanager.Interval{{DaysOfMonth: []string{"-1"}}}, "2028-02-28T10:00:00Z", false},
		{"month by name and year", []alertmanager.Interval{{Months: []string{"december:december"}, Years: []string{"2026:2027"}}}, "2027-12-31T23:59:59Z", true},
		{"until the end of the day", []alertmanager.Interval{{Times: []alertmanager.TimeRange{{Start: "22:00", End: "24:00"}}}}, "2026-03-01T23:59:59Z", true},
	}
	for _, tt := range tests {
		if got := compile(t, tt.list...).Active(at(t, tt.at)); got != tt.want {
			t.Errorf("%s: got %v", tt.name, got)
		}
	}
}

func TestBadIntervals(t *testing.T) {
	tests := []struct {
		in   alertmanager.Interval
		key  string
		item int
	}{
		{alertmanager.Interval{Times: []alertmanager.TimeRange{{Start: "09:00", End: "10:00"}, {Start: "17:00", End: "09:00"}}}, "times", 1},
		{alertmanager.Interval{Times: []alertmanager.TimeRange{{Start: "9:00", End: "10:00"}}}, "times", 0},
		{alertmanager.Interval{Times: []alertmanager.TimeRange{{Start: "09:00"}}}, "times", 0},
		{alertmanager.Interval{Weekdays: []string{"monday", "someday"}}, "weekdays", 1},
		{alertmanager.Interval{DaysOfMonth: []string{"1", "2", "32"}}, "days_of_month", 2},
		{alertmanager.Interval{Months: []string{"13"}}, "months", 0},
		{alertmanager.Interval{Months: []string{"march:january"}}, "months", 0},
		{alertmanager.Interval{Years: []string{"2027:2026"}}, "years", 0},
		{alertmanager.Interval{Location: "Europe/Nowhere"}, "location", 0},
	}
	for _, tt := range tests {
		_, err := alertmanager.CompileIntervals([]alertmanager.Interval{{}, tt.in})
		var bad *alertmanager.IntervalError
		if !errors.As(err, &bad) || bad.Index != 1 || bad.Key != tt.key || bad.Item != tt.item || bad.What == "" {
			t.Errorf("%+v: %#v", tt.in, err)
		}
	}
}

func TestIntervalJSON(t *testing.T) {
	want := alertmanager.Interval{
		Times:    []alertmanager.TimeRange{{Start: "09:00", End: "17:30"}},
		Weekdays: []string{"monday:friday"}, DaysOfMonth: []string{"1:7", "-1"}, Months: []string{"1"}, Years: []string{"2026"}, Location: "Asia/Kathmandu",
	}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got alertmanager.Interval
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// TestChangeIsTheFirstOne compares with a walk minute by minute, through the
// days at which places change their clocks too.
func TestChangeIsTheFirstOne(t *testing.T) {
	const minute = int64(60_000_000)
	rapid.Check(t, func(t *rapid.T) {
		in := alertmanager.Interval{Location: rapid.SampledFrom([]string{"", "Europe/Vienna", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"}).Draw(t, "location")}
		if rapid.Bool().Draw(t, "times") {
			in.Times = []alertmanager.TimeRange{rapid.SampledFrom([]alertmanager.TimeRange{
				{Start: "02:10", End: "02:50"}, {Start: "00:00", End: "24:00"}, {Start: "08:07", End: "08:08"}, {Start: "00:30", End: "23:59"},
			}).Draw(t, "range")}
		}
		if rapid.Bool().Draw(t, "weekdays") {
			in.Weekdays = []string{rapid.SampledFrom([]string{"sunday", "monday:friday", "saturday"}).Draw(t, "days")}
		}
		list, err := alertmanager.CompileIntervals([]alertmanager.Interval{in})
		if err != nil {
			t.Fatal(err)
		}
		month := rapid.SampledFrom([]time.Month{time.March, time.April, time.October, time.November}).Draw(t, "month")
		after := time.Date(2026, month, rapid.IntRange(1, 31).Draw(t, "day"), 0, 0, 0, 0, time.UTC).UnixMicro() + rapid.Int64Range(0, 1440*minute).Draw(t, "after")
		until := after + rapid.Int64Range(0, 3*1440*minute).Draw(t, "span")
		want, found := int64(0), false
		for m := after - after%minute + minute; m <= until && !found; m += minute {
			want, found = m, list.Active(m) != list.Active(after)
		}
		got, ok := list.Change(after, until)
		if ok != found || ok && got != want {
			t.Fatalf("got %d %v, want %d %v", got, ok, want, found)
		}
	})
}
