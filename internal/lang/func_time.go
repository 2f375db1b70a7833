package lang

import (
	"time"

	"github.com/qmpalert/qmpalert/qmp"
)

// methodTable are the methods of times (in UTC) and durations.
var methodTable = []function{
	timeMethod("Year", "the year", func(t time.Time) int64 { return int64(t.Year()) }),
	timeMethod("Month", "the month, 1 to 12", func(t time.Time) int64 { return int64(t.Month()) }),
	timeMethod("Day", "the day of the month", func(t time.Time) int64 { return int64(t.Day()) }),
	timeMethod("YearDay", "the day of the year, from 1", func(t time.Time) int64 { return int64(t.YearDay()) }),
	timeMethod("Weekday", "the day of the week, 0 is Sunday", func(t time.Time) int64 { return int64(t.Weekday()) }),
	timeMethod("Hour", "the hour in UTC", func(t time.Time) int64 { return int64(t.Hour()) }),
	timeMethod("Minute", "the minute", func(t time.Time) int64 { return int64(t.Minute()) }),
	timeMethod("Second", "the second", func(t time.Time) int64 { return int64(t.Second()) }),
	timeMethod("Unix", "seconds since 1970", time.Time.Unix),
	timeMethod("UnixMilli", "milliseconds since 1970", time.Time.UnixMilli),
	timeMethod("UnixMicro", "microseconds since 1970", time.Time.UnixMicro),
	spanMethod("Hours", "how many hours", time.Duration.Hours),
	spanMethod("Minutes", "how many minutes", time.Duration.Minutes),
	spanMethod("Seconds", "how many seconds", time.Duration.Seconds),
	spanMethod("Milliseconds", "how many milliseconds", func(d time.Duration) float64 { return float64(d) / 1e6 }),
}

func timeMethod(name, doc string, part func(time.Time) int64) function {
	return function{
		FuncDoc: FuncDoc{name, "time." + name + "()", doc},
		takes:   timeArgument, gives: intResult,
		call: func(_ *Frame, args []qmp.Value) qmp.Value {
			us, ok := args[0].AsTime()
			if !ok {
				return qmp.Value{}
			}
			return qmp.Int(part(time.UnixMicro(us).UTC()))
		},
	}
}

func spanMethod(name, doc string, part func(time.Duration) float64) function {
	return function{
		FuncDoc: FuncDoc{name, "(last_time - first_time)." + name + "()", doc},
		takes:   durationArgument, gives: floatResult,
		call: func(_ *Frame, args []qmp.Value) qmp.Value {
			d, ok := args[0].AsDuration()
			if !ok {
				return qmp.Value{}
			}
			return qmp.Float(part(d))
		},
	}
}
