package email

import (
	"fmt"
	"strings"
)

// text is the mail for a terminal: nothing has meaning by its colour, columns
// line up, and no line is wider than columns, addresses of the web aside.
func (v *view) text() string {
	var b strings.Builder
	if v.Test {
		b.WriteString("This is a test notification. Nothing is wrong.\n\n")
	}
	wrap(&b, v.Mark+"  ", v.Heading, 2)
	for _, l := range v.Leads {
		wrap(&b, "", l, 2)
	}
	b.WriteString("\n")
	if v.Story != nil {
		v.single(&b)
	} else {
		v.several(&b)
	}
	section(&b, "The silence", len(v.Veil), func() { table(&b, v.Veil) })
	for _, a := range v.Answers {
		title := a.Query + ", when it fired"
		if a.VM != "" {
			title = a.VM + ", " + title
		}
		section(&b, title, 1, func() {
			for _, line := range a.Lines() {
				wrap(&b, "  ", line, 2)
			}
		})
	}
	section(&b, "So far (UTC)", len(v.Life), func() {
		for _, m := range v.Life {
			entry(&b, m.Time, m.Text, len(m.Time))
		}
	})
	b.WriteString("\n-- \n") // mail programs know this line: what follows is small print
	wrap(&b, "", strings.TrimSpace("qmpalert "+v.Link), 0)
	if v.Route != "" {
		wrap(&b, "route ", v.Route, 2)
	}
	return b.String()
}

// single tells all about one alert.
func (v *view) single(b *strings.Builder) {
	s := v.Story
	table(b, v.Place)
	if s.Description != "" {
		b.WriteString("\n")
		wrap(b, "", s.Description, 0)
	}
	if len(s.Facts) > 0 {
		b.WriteString("\n")
		table(b, s.Facts)
	}
	section(b, "Evidence (UTC)", len(s.Evidence), func() {
		for _, line := range s.Evidence {
			wrap(b, "  ", line, 4)
		}
	})
}

// several tells who is concerned, one after the other, and what they share.
func (v *view) several(b *strings.Builder) {
	if v.Common.Description != "" {
		wrap(b, "", v.Common.Description, 0)
		b.WriteString("\n")
	}
	v.list(b)
	if len(v.Common.Facts) > 0 {
		b.WriteString("\n")
		table(b, v.Common.Facts)
	}
}

func (v *view) list(b *strings.Builder) {
	most := 0
	for _, r := range v.Rows {
		most = max(most, min(width(r.Name), maxNameColumn))
	}
	for i, r := range v.Rows {
		if r.Over && i > 0 && !v.Rows[i-1].Over && r.Note != "" {
			b.WriteString("\nOver:\n")
		}
		entry(b, r.Name, r.Text, most)
		if r.Note != "" {
			wrap(b, strings.Repeat(" ", most+4), r.Note, most+4)
		}
	}
	if v.More > 0 {
		fmt.Fprintf(b, "  and %d more\n", v.More)
	}
}

// section writes a title and what belongs to it, if there is anything.
func section(b *strings.Builder, title string, n int, body func()) {
	if n == 0 {
		return
	}
	b.WriteString("\n")
	wrap(b, "", title+":", 2)
	body()
}
