package explain

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// enumerate writes a list with a word before its last entry: a, b and c.
func enumerate(items []string, word string) string {
	last := len(items) - 1
	if last <= 0 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:last], ", ") + " " + word + " " + items[last]
}

// span writes a duration in words: 5 minutes, 1 hour 30 minutes.
func span(d time.Duration) string {
	if d == 0 {
		return "0 seconds"
	}
	var parts []string
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}, {time.Millisecond, "millisecond"}} {
		if n := d / unit.of; n > 0 {
			parts = append(parts, number(int(n), unit.name))
			d -= n * unit.of
		}
	}
	return strings.Join(parts, " ")
}

func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// times is how often.
func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.Itoa(n) + " times"
}

// sentence begins a text with a capital and ends it with a full stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// safe makes text from a rule file fit for a terminal.
func safe(s string) string { return diag.Printable(s) }
