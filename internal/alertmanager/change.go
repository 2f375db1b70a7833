package alertmanager

import "time"

// Change returns the first instant in (after, until] at which Active is not
// what it was at after; ok is false when there is none.
//
// Intervals begin and end at whole minutes of their place. Between two quarters
// of an hour of UTC no place changes its clocks, so within one only the minutes
// at which a range of times begins or ends have to be looked at.
func (i Intervals) Change(after, until int64) (at int64, ok bool) {
	was := i.Active(after)
	for at = i.next(after); at <= until; at = i.next(at) {
		if i.Active(at) != was {
			return at, true
		}
	}
	return 0, false
}

const (
	minute  = int64(time.Minute / time.Microsecond)
	quarter = 15 * minute
)

// next is the next instant behind t at which anything may change.
func (i Intervals) next(t int64) int64 {
	end := t - mod(t, quarter) + quarter
	first := end
	for _, one := range i.list {
		local := time.UnixMicro(t).UTC()
		if one.Location != nil {
			local = local.In(one.Location.Location)
		}
		now := local.Hour()*60 + local.Minute()
		for _, r := range one.Times {
			for _, edge := range [2]int{r.StartMinute, r.EndMinute} {
				if edge > now {
					first = min(first, t-mod(t, minute)+int64(edge-now)*minute)
				}
			}
		}
	}
	return first
}

// mod is the remainder that is never negative.
func mod(a, b int64) int64 { return (a%b + b) % b }
