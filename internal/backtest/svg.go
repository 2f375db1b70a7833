package backtest

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// The measures of the picture, in pixels.
const (
	svgWidth  = 1200
	svgLabels = 380 // for the names on the left
	svgMargin = 20
	svgTop    = 96 // above the first lane
	svgBar    = 9
	svgGap    = 14 // between two lanes
	svgLetter = 7  // of a name, on average; a longer one is cut
)

// The colours are Okabe and Ito's orange and blue, which everybody can tell
// apart; the bars of the set before are hollow besides, for prints without
// colour.
const svgStyle = `text{font:12px system-ui,sans-serif;fill:#222}
.head{font-size:15px;font-weight:600}.dim{fill:#666}.tick{font-size:11px;fill:#666;text-anchor:middle}
.grid{stroke:#ddd}.lane{stroke:#eee}
.b{fill:#fdf3dc;stroke:#b37400;stroke-width:1.5}.a{fill:#0072b2;stroke:#0072b2;stroke-width:1.5}
`

// SVG draws the timeline as a picture of its own, with every text escaped. It
// runs no script and loads nothing.
func (t *Timeline) SVG() string {
	d := &drawing{Timeline: t}
	lane := svgBar + svgGap
	if t.Two {
		lane += svgBar + 3
	}
	bottom := svgTop + lane*len(t.Lanes)
	height := bottom + svgMargin + 20
	d.open("svg", `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img"`, svgWidth, height, svgWidth, height)
	d.element("title", "", d.heading())
	fmt.Fprintf(&d.b, "<style>%s</style>\n", svgStyle)
	d.empty("rect", `width="%d" height="%d" fill="#fff"`, svgWidth, height)
	d.element("text", fmt.Sprintf(`x="%d" y="28" class="head"`, svgMargin), d.heading())
	d.legend()
	d.axis(bottom)
	for i := range t.Lanes {
		d.lane(&t.Lanes[i], svgTop+i*lane, lane)
	}
	d.element("text", fmt.Sprintf(`x="%d" y="%d" class="dim"`, svgMargin, bottom+24), d.footer())
	d.b.WriteString("</svg>\n")
	return d.b.String()
}

// drawing is a picture in the making.
type drawing struct {
	*Timeline
	b strings.Builder
}

func (d *drawing) heading() string {
	if d.Two {
		return "Alerts that differ: " + cut(d.Before, 60) + " and " + cut(d.After, 60)
	}
	return "Alerts of " + cut(d.After, 60)
}

func (d *drawing) footer() string {
	if len(d.Lanes) == 0 {
		return "nothing to show"
	}
	text := span(d.Left, d.Right)
	if d.Omitted > 0 {
		text += fmt.Sprintf(" · %d more are not shown", d.Omitted)
	}
	return text
}

// legend says which bar is whose.
func (d *drawing) legend() {
	x := svgMargin
	entry := func(class, name string) {
		d.empty("rect", `x="%d" y="45" width="28" height="%d" rx="2" class="%s"`, x, svgBar, class)
		name = cut(diag.Printable(name), 60)
		d.element("text", fmt.Sprintf(`x="%d" y="54"`, x+36), name)
		x += 60 + svgLetter*len([]rune(name))
	}
	if d.Two {
		entry("b", "before: "+d.Before)
		entry("a", "after: "+d.After)
	} else {
		entry("a", "firing")
	}
	if slices.ContainsFunc(d.Lanes, func(l Lane) bool { return l.open() }) {
		d.arrow(float64(x), 45, "a")
		d.element("text", fmt.Sprintf(`x="%d" y="54"`, x+16), "nothing ended it")
	}
}

func (d *drawing) axis(bottom int) {
	if len(d.Lanes) == 0 {
		return
	}
	for _, m := range marks(d.Left, d.Right, 8) {
		x := d.x(m.at)
		d.empty("line", `x1="%.1f" x2="%.1f" y1="%d" y2="%d" class="grid"`, x, x, svgTop-10, bottom)
		d.element("text", fmt.Sprintf(`x="%.1f" y="%d" class="tick"`, x, svgTop-14), m.text)
	}
}

// x is where a time is.
func (d *drawing) x(at int64) float64 {
	const from, width = svgMargin + svgLabels, svgWidth - svgLabels - 2*svgMargin
	at = min(max(at, d.Left), d.Right)
	return from + width*float64(at-d.Left)/float64(max(d.Right-d.Left, 1))
}

func (d *drawing) lane(l *Lane, y, height int) {
	d.empty("line", `x1="%d" x2="%d" y1="%d" y2="%d" class="lane"`, svgMargin, svgWidth-svgMargin, y-svgGap/2, y-svgGap/2)
	d.element("text", fmt.Sprintf(`x="%d" y="%d"`, svgMargin, y+(height-svgGap)/2+4), cut(l.title(), svgLabels/svgLetter))
	for _, a := range l.Before {
		d.bar(a, y, "b")
	}
	if d.Two {
		y += svgBar + 3
	}
	for _, a := range l.After {
		d.bar(a, y, "a")
	}
}

// bar draws an alert, and says what it is to whoever points at it.
func (d *drawing) bar(a *Alert, y int, class string) {
	from, to := d.x(a.Start), d.x(a.until(d.Right))
	if a.Open() {
		to -= svgBar
		d.arrow(to, y, class)
	}
	d.open("rect", `x="%.1f" y="%d" width="%.1f" height="%d" rx="2" class="%s"`, from, y, max(to-from, 2), svgBar, class)
	d.element("title", "", hover(a))
	d.b.WriteString("</rect>\n")
}

// arrow points to where the time goes on.
func (d *drawing) arrow(x float64, y int, class string) {
	d.empty("path", `d="M%.1f %dl%d %.1fl-%d %.1fz" class="%s"`, x, y, svgBar, svgBar/2.0, svgBar, svgBar/2.0, class)
}

func hover(a *Alert) string {
	var b strings.Builder
	if a.Open() {
		fmt.Fprintf(&b, "%s: since %s UTC, not ended", a.Name, time.UnixMicro(a.Start).UTC().Format(time.DateTime))
	} else {
		fmt.Fprintf(&b, "%s: %s, %s", a.Name, span(a.Start, a.End), Length(a.Lasted(a.End)))
	}
	for _, l := range a.Labels {
		if l.Name != "alertname" {
			fmt.Fprintf(&b, ", %s=%s", l.Name, l.Value)
		}
	}
	return b.String()
}

func (d *drawing) open(name, format string, args ...any) {
	fmt.Fprintf(&d.b, "<%s %s>", name, fmt.Sprintf(format, args...))
}

func (d *drawing) empty(name, format string, args ...any) {
	fmt.Fprintf(&d.b, "<%s %s/>\n", name, fmt.Sprintf(format, args...))
}

// element writes an element that holds text from anywhere.
func (d *drawing) element(name, attributes, text string) {
	if attributes != "" {
		attributes = " " + attributes
	}
	fmt.Fprintf(&d.b, "<%s%s>", name, attributes)
	_ = xml.EscapeText(&d.b, []byte(diag.Printable(text))) // a strings.Builder takes everything
	fmt.Fprintf(&d.b, "</%s>\n", name)
}
