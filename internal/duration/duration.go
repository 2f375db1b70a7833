package duration

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Max is the longest duration taken: ten years of 365 days. A longer one is a
// slip of the pen, and sums of two still fit into every counter.
const Max = 10 * year

const (
	day  = 24 * time.Hour
	week = 7 * day
	year = 365 * day
)

// units in the order in which they must stand. exact: Format uses the unit
// only when nothing is left over, as 90d is easier to read than 12w6d.
var units = [...]struct {
	name  string
	of    time.Duration
	exact bool
}{
	{"y", year, true}, {"w", week, true}, {"d", day, false}, {"h", time.Hour, false},
	{"m", time.Minute, false}, {"s", time.Second, false}, {"ms", time.Millisecond, false},
}

// form tells what a duration looks like; it ends every error.
const form = "write whole numbers with units, longest first, such as 500ms, 30s, 5m, 1h30m or 7d"

// Parse reads a duration. 0 needs no unit.
func Parse(s string) (time.Duration, error) {
	switch {
	case s == "":
		return 0, fmt.Errorf("an empty duration: %s", form)
	case s == "0":
		return 0, nil
	case strings.HasPrefix(s, "-"):
		return 0, fmt.Errorf("%s is negative: %s", quote(s), form)
	}
	var sum time.Duration
	next := 0 // index of the first unit that may still come
	for rest := s; rest != ""; {
		number, ok := leading(&rest, true)
		unit, _ := leading(&rest, false)
		if !ok {
			return 0, fmt.Errorf("%s is not a duration: %s", quote(s), form)
		}
		at := next
		for at < len(units) && units[at].name != unit {
			at++
		}
		if at == len(units) {
			return 0, fmt.Errorf("%s is not a duration: %s", quote(s), form)
		}
		next = at + 1
		n, ok := atoi(number, int64(Max/units[at].of))
		if sum += time.Duration(n) * units[at].of; !ok || sum > Max {
			return 0, fmt.Errorf("%s is longer than ten years: %s", quote(s), form)
		}
	}
	return sum, nil
}

// leading cuts the digits, or else what is no digit, off the front of s.
func leading(s *string, digits bool) (part string, ok bool) {
	i := 0
	for i < len(*s) && ((*s)[i] >= '0' && (*s)[i] <= '9') == digits {
		i++
	}
	part, *s = (*s)[:i], (*s)[i:]
	return part, i > 0
}

// atoi reads a number of digits; ok is false when it is above limit.
func atoi(digits string, limit int64) (n int64, ok bool) {
	for _, c := range []byte(digits) {
		n = n*10 + int64(c-'0')
		if n > limit {
			return 0, false
		}
	}
	return n, true
}

// Format writes a duration so that Parse reads it back. What is shorter than a
// millisecond is cut off, and so is a negative one: "0s".
func Format(d time.Duration) string {
	var b []byte
	for _, u := range units {
		if d < u.of || u.exact && d.Truncate(time.Millisecond)%u.of != 0 {
			continue
		}
		b = append(strconv.AppendInt(b, int64(d/u.of), 10), u.name...)
		d %= u.of
	}
	if len(b) == 0 {
		return "0s"
	}
	return string(b)
}

// quote shows what was read, cut to a length that fits into a message.
func quote(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return fmt.Sprintf("%q", s)
}
