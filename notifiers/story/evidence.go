package story

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
)

const (
	firstEvents = 3  // of alert.Evidence; Omitted counts those after them
	maxEvents   = 10 // the same
	maxLine     = 240
	maxPerLine  = 8 // members
)

// evidence prints the events of a change, one a line, with a line for those
// left out: "14:02:03.123 BLOCK_IO_ERROR operation=write action=stop".
func evidence(c *alert.Change) []string {
	events := c.Evidence.Events
	if len(events) > maxEvents {
		events = events[:maxEvents]
	}
	layout := timeLayout(events)
	var lines []string
	for i, e := range events {
		if i == firstEvents && c.Evidence.Omitted > 0 {
			lines = append(lines, fmt.Sprintf("… %d more …", c.Evidence.Omitted))
		}
		if e != nil {
			lines = append(lines, evidenceLine(e, layout, c.Labels))
		}
	}
	if c.Evidence.Bounded > 0 {
		lines = append(lines, fmt.Sprintf("(%d older matches were forgotten: too many at once)", c.Evidence.Bounded))
	}
	if note := c.Evidence.Note; note != "" {
		lines = append(lines, "("+Line(note, maxLine)+")")
	}
	return lines
}

// timeLayout leaves the date away where all events are of one day.
func timeLayout(events []*event.Event) string {
	day := ""
	for _, e := range events {
		if e == nil || !Known(shownTime(e)) {
			continue
		}
		d := time.UnixMicro(shownTime(e)).UTC().Format(time.DateOnly)
		if day != "" && d != day {
			return "2006-01-02 15:04:05.000"
		}
		day = d
	}
	return "15:04:05.000"
}

// shownTime is the event's own time, else when it arrived: an old QEMU may send
// none.
func shownTime(e *event.Event) int64 {
	if Known(e.Time) {
		return e.Time
	}
	return e.Received
}

func evidenceLine(e *event.Event, layout string, labels alert.Labels) string {
	var b strings.Builder
	if t := shownTime(e); Known(t) {
		b.WriteString(time.UnixMicro(t).UTC().Format(layout))
	} else {
		b.WriteString("(no time)")
	}
	b.WriteString(" " + Line(e.Name, maxName))
	if labels.Get("host") == "" && e.Host != "" {
		b.WriteString(" host=" + quoted(e.Host))
	}
	if labels.Get("vm") == "" && e.VM.Name != "" {
		b.WriteString(" vm=" + quoted(e.VM.Name))
	}
	n := 0
	for _, m := range Members(e) {
		if labels.Get(labelName(m.Name)) == m.Value {
			continue // the facts say it once for all lines
		}
		if n++; n > maxPerLine {
			b.WriteString(" …")
			break
		}
		b.WriteString(" " + m.Name + "=" + quoted(m.Value))
	}
	return Line(b.String(), maxLine)
}

// quoted sets a value that would blur with its neighbours in quotes.
func quoted(v string) string {
	v = Line(v, 80)
	if v == "" || strings.ContainsAny(v, " =\"") {
		return strconv.Quote(v)
	}
	return v
}
