package alertmanager

import (
	"encoding/json"
	"fmt"
	"time"
	_ "time/tzdata" // a machine without a table of time zones understands `location` too

	"github.com/prometheus/alertmanager/timeinterval"
)

// Interval is one element of `time_intervals` as it was written: plain data
// that goes through encoding/json without loss. A list that is empty says
// nothing; those that are not must all hold. Ranges are written "a:b", both
// ends included.
type Interval struct {
	Times       []TimeRange `json:"times,omitempty"`
	Weekdays    []string    `json:"weekdays,omitempty"`      // monday:friday
	DaysOfMonth []string    `json:"days_of_month,omitempty"` // 1:7, -3:-1 (the last three)
	Months      []string    `json:"months,omitempty"`        // january:march, 1:3
	Years       []string    `json:"years,omitempty"`         // 2026:2027
	Location    string      `json:"location,omitempty"`      // Europe/Vienna; "" is UTC
}

// TimeRange is a part of the day, from Start until before End; "24:00" is the
// end of the day. One that passes midnight takes two.
type TimeRange struct {
	Start string `json:"start_time"` // 09:00
	End   string `json:"end_time"`   // 17:30
}

// IntervalError says which part of an Interval is wrong.
type IntervalError struct {
	Index int    // which Interval of the list that was compiled
	Key   string // times, weekdays, days_of_month, months, years, location
	Item  int    // which element of that list; 0 for location
	What  string // for people, without a position
}

func (e *IntervalError) Error() string { return fmt.Sprintf("%s: %s", e.Key, e.What) }

// Intervals are intervals of which one must hold. The zero value never does. It
// is immutable and safe for concurrent use.
type Intervals struct{ list []timeinterval.TimeInterval }

// CompileIntervals checks and compiles what was written. An error is an
// *IntervalError.
func CompileIntervals(written []Interval) (Intervals, error) {
	var out Intervals
	for i := range written {
		one, err := written[i].compile()
		if err != nil {
			err.Index = i
			return Intervals{}, err
		}
		out.list = append(out.list, one)
	}
	return out, nil
}

// Active says that an instant, in microseconds since 1970 UTC, lies in one of
// the intervals.
func (i Intervals) Active(at int64) bool {
	t := time.UnixMicro(at).UTC()
	for _, one := range i.list {
		if one.ContainsTime(t) {
			return true
		}
	}
	return false
}

func (w *Interval) compile() (timeinterval.TimeInterval, *IntervalError) {
	var out timeinterval.TimeInterval
	for i, t := range w.Times {
		var r timeinterval.TimeRange
		if err := read(t, &r); err != nil {
			return out, &IntervalError{Key: "times", Item: i, What: err.Error()}
		}
		out.Times = append(out.Times, r)
	}
	var err *IntervalError
	if out.Weekdays, err = ranges[timeinterval.WeekdayRange]("weekdays", w.Weekdays); err != nil {
		return out, err
	}
	if out.DaysOfMonth, err = ranges[timeinterval.DayOfMonthRange]("days_of_month", w.DaysOfMonth); err != nil {
		return out, err
	}
	if out.Months, err = ranges[timeinterval.MonthRange]("months", w.Months); err != nil {
		return out, err
	}
	for i, m := range out.Months { // Alertmanager takes a thirteenth month, which never comes
		if m.Begin < 1 || m.End > 12 {
			return out, &IntervalError{Key: "months", Item: i, What: w.Months[i] + " is not a month: they are numbered from 1 to 12"}
		}
	}
	if out.Years, err = ranges[timeinterval.YearRange]("years", w.Years); err != nil {
		return out, err
	}
	if w.Location != "" {
		out.Location = &timeinterval.Location{}
		if err := read(w.Location, out.Location); err != nil {
			return out, &IntervalError{Key: "location", What: err.Error() + "; it is a name like Europe/Vienna"}
		}
	}
	return out, nil
}

func ranges[R any](key string, written []string) ([]R, *IntervalError) {
	var out []R
	for i, text := range written {
		var r R
		if err := read(text, &r); err != nil {
			return nil, &IntervalError{Key: key, Item: i, What: err.Error()}
		}
		out = append(out, r)
	}
	return out, nil
}

// read has Alertmanager read a value by its own rules.
func read(value, into any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
