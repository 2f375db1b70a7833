package main

import (
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
)

// How a status looks on a terminal.
var statusColour = map[alert.Status]string{
	alert.Pending:  yellow,
	alert.Firing:   red,
	alert.Resolved: green,
	alert.Inactive: dim,
}

// The words for them, of one width.
var statusWord = map[alert.Status]string{
	alert.Pending:  "PENDING ",
	alert.Firing:   "FIRING  ",
	alert.Resolved: "RESOLVED",
	alert.Inactive: "INACTIVE",
}

// appendChange appends a change for people: when, what and who on one line, the
// summary on a second one.
//
//	2026-11-21T09:41:01.733378Z  FIRING    QuorumChildFailing  host=kvm07 node_name=disk-c vm=db1  (count)
//	    db1: quorum child disk-c answered badly 3 times
func appendChange(b []byte, p painter, c *alert.Change) []byte {
	b = event.AppendTime(b, c.At)
	b = append(b, "  "...)
	b = append(b, p.paint(statusColour[c.Status], statusWord[c.Status])...)
	b = append(b, "  "...)
	b = append(b, p.paint(bold, safe(c.Name))...)
	b = append(b, ' ')
	for _, l := range c.Labels {
		if l.Name != "alertname" {
			b = append(b, ' ')
			b = append(append(b, l.Name...), '=')
			b = append(b, labelText(l.Value)...)
		}
	}
	reason := string(c.Reason)
	if c.Shadow {
		reason += ", shadow"
	}
	b = append(b, p.paint(dim, "  ("+reason+")")...)
	b = append(b, '\n')
	if s := c.Annotations.Get("summary"); s != "" {
		b = append(append(b, "    "...), safe(s)...)
		b = append(b, '\n')
	}
	if s := c.Evidence.Note; s != "" {
		b = append(b, "    "+p.paint(dim, "("+safe(s)+")")+"\n"...)
	}
	return b
}

// labelText quotes a value that does not end where it seems to.
func labelText(s string) string {
	s = safe(s)
	if s == "" || strings.ContainsAny(s, ` "'=()`) {
		return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
	}
	return s
}
