package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var (
	timeIntervalKeys = yamldoc.Keys{
		Where: "a time interval",
		Known: []string{"name", "time_intervals"},
	}
	intervalKeys = yamldoc.Keys{
		Where: "time_intervals",
		Known: []string{"times", "weekdays", "days_of_month", "months", "years", "location"},
	}
	timesKeys = yamldoc.Keys{
		Where: "times",
		Known: []string{"start_time", "end_time"},
	}
)

func (r *reader) timeInterval(n *yamldoc.Node, c *Config) {
	n.CheckKeys(r.list, timeIntervalKeys)
	out := TimeInterval{Pos: n.Pos}
	if name, ok := r.required(n, "a time interval", "name"); ok {
		out.Name, out.Pos = name, n.Get("name").Pos
		if first := slices.IndexFunc(c.TimeIntervals, func(t TimeInterval) bool { return t.Name == name }); first >= 0 {
			r.list.Add(diag.New(diag.DuplicateInterval, out.Pos, "there is a time interval `%s` already", name).
				WithHint("put both into one, or rename one").WithRelated(c.TimeIntervals[first].Pos, "first here"))
			return
		}
	}
	if v := n.Require(r.list, "a time interval", "time_intervals"); v != nil {
		items, ok := v.AsSequence(r.list)
		if ok && len(items) == 0 {
			r.list.Errorf(diag.BadValue, v.Pos, "a time interval without any time")
		}
		for _, item := range items {
			if item.AsMapping(r.list) {
				out.Intervals = append(out.Intervals, r.interval(item))
			}
		}
	}
	c.TimeIntervals = append(c.TimeIntervals, out)
}

// interval reads one entry, and points at the value that Alertmanager's reader
// refuses.
func (r *reader) interval(n *yamldoc.Node) alertmanager.Interval {
	n.CheckKeys(r.list, intervalKeys)
	before := r.list.Count(diag.Error)
	nodes := map[string][]*yamldoc.Node{}
	texts := func(key string) []string {
		v := n.Get(key)
		if v == nil {
			return nil
		}
		out, _ := v.AsStringList(r.list)
		nodes[key], _ = v.AsScalarList(&diag.List{}) // complained about once is enough
		return out
	}
	out := alertmanager.Interval{
		Weekdays:    texts("weekdays"),
		DaysOfMonth: texts("days_of_month"),
		Months:      texts("months"),
		Years:       texts("years"),
	}
	r.each(n, "times", func(v *yamldoc.Node) {
		nodes["times"] = append(nodes["times"], v)
		out.Times = append(out.Times, r.timeRange(v))
	})
	if location, ok := r.text(n, "location"); ok {
		out.Location, nodes["location"] = location, []*yamldoc.Node{n.Get("location")}
	}
	if len(n.Pairs) == 0 {
		r.list.Add(diag.New(diag.BadValue, n.Pos, "a time interval without any time").
			WithHint("such as - weekdays: ['monday:friday']"))
	}
	if r.list.Count(diag.Error) > before {
		return out
	}
	if _, err := alertmanager.CompileIntervals([]alertmanager.Interval{out}); err != nil {
		f := diag.New(diag.BadInterval, n.Pos, "%v", err)
		var bad *alertmanager.IntervalError
		if errors.As(err, &bad) && bad.Item < len(nodes[bad.Key]) {
			f.Pos = nodes[bad.Key][bad.Item].Pos
			if strings.Contains(bad.What, "strconv.") { // words for programmers
				f.Message = fmt.Sprintf("%s: %q is not a number", bad.Key, nodes[bad.Key][bad.Item].Value)
			}
			f.Hint = intervalForms[bad.Key]
		}
		r.list.Add(f)
	}
	return out
}

// intervalForms are examples of what each key takes.
var intervalForms = map[string]string{
	"times":         "write {start_time: '09:00', end_time: '17:00'}; past midnight it takes two of them",
	"weekdays":      "write 'monday:friday' or saturday; a week begins on sunday",
	"days_of_month": "write '1:7', or '-3:-1' for the last three days",
	"months":        "write 'december:december', '1:3' or july",
	"years":         "write '2026:2027' or 2026",
}

func (r *reader) timeRange(n *yamldoc.Node) alertmanager.TimeRange {
	n.CheckKeys(r.list, timesKeys)
	start, _ := r.required(n, "an entry of `times`", "start_time")
	end, _ := r.required(n, "an entry of `times`", "end_time")
	return alertmanager.TimeRange{Start: start, End: end}
}
