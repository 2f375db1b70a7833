package email

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/notifiers/story"
)

// text is the mail for a terminal: no line has meaning by its colour, columns
// line up, and nothing but the evidence is wider than a screen.
func (v *view) text() string {
	var b strings.Builder
	if v.Test {
		b.WriteString("This is a test notification. Nothing is wrong.\n\n")
	}
	for i := range v.Stories {
		s := &v.Stories[i]
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s  %s\n", s.Word(), s.Summary)
		if o := s.Outcome(); o != "" {
			fmt.Fprintf(&b, "%s\n", o)
		}
		b.WriteString("\n")
		columns(&b, v.Place(s))
		if v.Single() {
			details(&b, s)
		}
	}
	for _, a := range v.Answers {
		fmt.Fprintf(&b, "\n%s, when it fired:\n", a.Query)
		for _, line := range a.Lines() {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	if v.More > 0 {
		fmt.Fprintf(&b, "\nand %d more\n", v.More)
	}
	b.WriteString("\n-- \nqmpalert")
	if v.Link != "" {
		b.WriteString(" " + story.Line(v.Link, 300))
	}
	return b.String() + "\n"
}

func details(b *strings.Builder, s *story.Story) {
	if s.Description != "" {
		fmt.Fprintf(b, "\n%s\n", s.Description)
	}
	if len(s.Facts) > 0 {
		b.WriteString("\n")
		columns(b, s.Facts)
	}
	if len(s.Evidence) > 0 {
		b.WriteString("\nEvidence (times are UTC):\n")
		for _, line := range s.Evidence {
			fmt.Fprintf(b, "  %s\n", line)
		}
	}
}

func columns(b *strings.Builder, facts []story.Fact) {
	width := 0
	for _, f := range facts {
		width = max(width, utf8.RuneCountInString(f.Name))
	}
	for _, f := range facts {
		fmt.Fprintf(b, "  %-*s  %s\n", width, f.Name, f.Value)
	}
}
