package backtest

import "time"

// steps are the distances between two marks of a time axis, from the finest.
var steps = []time.Duration{
	time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	day, 2 * day, 7 * day, 14 * day, 30 * day, 90 * day, 365 * day, 10 * 365 * day, 100 * 365 * day,
}

const day = 24 * time.Hour

// mark is a labelled place on a time axis.
type mark struct {
	at   int64 // microseconds since 1970 UTC
	text string
}

// marks returns at most `most` marks between left and right, at round times of
// UTC.
func marks(left, right int64, most int) []mark {
	if right <= left || most < 1 {
		return nil
	}
	step := steps[len(steps)-1].Microseconds()
	for _, s := range steps {
		if (right-left)/s.Microseconds() < int64(most) {
			step = s.Microseconds()
			break
		}
	}
	var out []mark
	for at := roundUp(left, step); at <= right && len(out) < most; at += step {
		out = append(out, mark{at, markText(at, step)})
	}
	return out
}

// roundUp returns the first multiple of step that is not before t.
func roundUp(t, step int64) int64 {
	over := t % step
	switch {
	case over == 0:
		return t
	case over < 0:
		return t - over
	}
	return t + step - over
}

// markText says no more of a time than the step between two marks needs.
func markText(at, step int64) string {
	layout := "15:04:05.000"
	switch {
	case step >= day.Microseconds():
		layout = time.DateOnly
	case step >= time.Minute.Microseconds():
		layout = "15:04"
	case step >= time.Second.Microseconds():
		layout = time.TimeOnly
	}
	return time.UnixMicro(at).UTC().Format(layout)
}

// span says in words which time is shown: "2026-11-21 07:41:01 to 07:51:04 UTC".
func span(left, right int64) string {
	from, to := time.UnixMicro(left).UTC(), time.UnixMicro(right).UTC()
	layout := time.DateTime
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		layout = time.TimeOnly
	}
	return from.Format(time.DateTime) + " to " + to.Format(layout) + " UTC"
}
