package backtest

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	minWidth = 40
	maxLabel = 48 // columns of the names on the left
)

// The bars of the two sets. Their shades tell them apart without colour.
const (
	barBefore = '░'
	barAfter  = '█'
	barOpen   = '▶' // nothing ended it
)

// Terminal draws the timeline for a terminal of this many columns, without
// colours; "" when there is nothing to draw.
//
//	                     07:45            07:50
//	BackendDown c  before  ░░░░░░░░░░░░░░░
//	               after        ██████████
func (t *Timeline) Terminal(width int) string {
	if len(t.Lanes) == 0 {
		return ""
	}
	width = max(width, minWidth)
	p := &plot{Timeline: t, label: t.labelWidth(width)}
	p.chart = width - p.label - 1
	if t.Two {
		p.chart -= len("before ")
	}
	var b strings.Builder
	p.line(&b, "", "", p.axis())
	for i := range t.Lanes {
		l := &t.Lanes[i]
		if !t.Two {
			p.line(&b, l.title(), "", p.bars(l.After, barAfter))
			continue
		}
		p.line(&b, l.title(), "before", p.bars(l.Before, barBefore))
		p.line(&b, "", "after", p.bars(l.After, barAfter))
	}
	if t.Omitted > 0 {
		fmt.Fprintf(&b, "… and %d more\n", t.Omitted)
	}
	fmt.Fprintf(&b, "%s\n", span(t.Left, t.Right))
	return b.String()
}

// title is what a lane is about, on one line.
func (l *Lane) title() string {
	if l.Key == "" {
		return l.Name
	}
	return l.Name + " " + l.Key
}

func (t *Timeline) labelWidth(width int) int {
	longest := 0
	for i := range t.Lanes {
		longest = max(longest, utf8.RuneCountInString(t.Lanes[i].title()))
	}
	return min(longest, maxLabel, width*2/5)
}

// plot is a timeline of a certain size.
type plot struct {
	*Timeline
	label, chart int // columns
}

func (p *plot) line(b *strings.Builder, label, set, chart string) {
	text := padded(cut(label, p.label), p.label)
	if p.Two {
		text += " " + padded(set, len("before"))
	}
	b.WriteString(strings.TrimRight(text+" "+chart, " ") + "\n")
}

// column is where a time is, from 0 to chart-1.
func (p *plot) column(at int64) int {
	at = min(max(at, p.Left), p.Right)
	// In floating point: the product could be too large for 64 bits.
	x := int(float64(at-p.Left) / float64(p.Right-p.Left) * float64(p.chart))
	return min(x, p.chart-1)
}

// bars draws alerts; each has at least one column.
func (p *plot) bars(alerts []*Alert, bar rune) string {
	cells := []rune(strings.Repeat(" ", p.chart))
	for _, a := range alerts {
		first, last := p.column(a.Start), p.column(a.until(p.Right))
		for i := first; i <= last; i++ {
			cells[i] = bar
		}
		if a.Open() {
			cells[p.chart-1] = barOpen
		}
	}
	return string(cells)
}

// axis writes the times above their columns, as many as there is room for.
func (p *plot) axis() string {
	const room = 14 // columns for a mark and a gap
	cells := []rune(strings.Repeat(" ", p.chart))
	free := 0
	for _, m := range marks(p.Left, p.Right, p.chart/room) {
		at := p.column(m.at)
		if at < free || at+len(m.text)+1 > p.chart {
			continue
		}
		copy(cells[at:], []rune("╷"+m.text))
		free = at + len(m.text) + 2
	}
	return string(cells)
}

// cut shortens a text to n columns.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:max(n-1, 0)]) + "…"
}

func padded(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}
