package story

import (
	"fmt"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Crowd is who is concerned by a group of several alerts: names first, as that
// is what people look for.
type Crowd struct {
	Names  []string // of VMs, else of hosts, else of alerts: each once, in order of the group
	More   int      // further names that Names leaves out
	Noun   string   // "VM", "host" or "alert", for one
	Host   string   // that all of them are on; "" when there are several
	Firing int      // alerts that fire; the others are over
}

// String is "14 VMs on kvm07".
func (c *Crowd) String() string {
	n := len(c.Names) + c.More
	text := fmt.Sprintf("%d %s", n, c.Noun)
	if n != 1 {
		text += "s"
	}
	if c.Host != "" && c.Noun == "VM" {
		text += " on " + c.Host
	}
	return text
}

// CrowdOf gathers the names of a group, at most limit of them.
func CrowdOf(n *notifiers.Notification, limit int) Crowd {
	c := Crowd{Noun: "VM"}
	if !anyLabel(n, "vm") {
		c.Noun = "host"
		if !anyLabel(n, "host") {
			c.Noun = "alert"
		}
	}
	seen := map[string]bool{}
	for i := range n.Alerts {
		a := &n.Alerts[i]
		host := Line(a.Labels.Get("host"), 120)
		if i == 0 {
			c.Host = host
		} else if host != c.Host {
			c.Host = ""
		}
		if a.Status == alert.Firing {
			c.Firing++
		}
		name, id := c.name(a)
		if seen[id] {
			continue
		}
		seen[id] = true
		if len(c.Names) < limit {
			c.Names = append(c.Names, name)
		} else {
			c.More++
		}
	}
	return c
}

// name is what to show of an alert, and what makes it another one: the same VM
// name on another host is another VM.
func (c *Crowd) name(a *alert.Change) (name, id string) {
	switch c.Noun {
	case "VM":
		name = a.Labels.Get("vm")
	case "host":
		name = a.Labels.Get("host")
	}
	id = a.Labels.Get("host") + "\x00" + name
	if name == "" {
		name = a.Name
	}
	if c.Noun == "alert" {
		id = a.Fingerprint.String()
	}
	return strings.TrimSpace(Line(name, 60)), id
}

func anyLabel(n *notifiers.Notification, name string) bool {
	for i := range n.Alerts {
		if n.Alerts[i].Labels.Get(name) != "" {
			return true
		}
	}
	return false
}

// Veil is a silence for people to read.
type Veil struct {
	Matchers string // severity="critical", vm="db1"
	By       string
	Comment  string
	Ends     int64 // microseconds since 1970 UTC
	Left     string
}

// VeilOf tells the silence of a notification; false where it has none.
func VeilOf(n *notifiers.Notification) (Veil, bool) {
	if n.Silence == nil {
		return Veil{}, false
	}
	s := n.Silence
	v := Veil{
		Matchers: Line(strings.Join(s.Matchers, ", "), maxHeading), By: Line(s.CreatedBy, maxBy),
		Comment: strings.TrimSpace(Line(s.Comment, maxComment)), Ends: s.EndsAt,
	}
	if Known(s.EndsAt) && Known(n.At) && s.EndsAt > n.At {
		v.Left = Span(time.UnixMicro(s.EndsAt).Sub(time.UnixMicro(n.At)))
	}
	return v, true
}

func silenceLead(n *notifiers.Notification) string {
	v, ok := VeilOf(n)
	if !ok {
		return "A silence ends soon"
	}
	text := "A silence ends soon"
	if v.Left != "" {
		text = "A silence ends in " + v.Left
	}
	switch firing := CrowdOf(n, 0).Firing; {
	case firing == 1:
		text += ", and what it hides still fires"
	case firing > 1:
		text += fmt.Sprintf(", and %d alerts that it hides still fire", firing)
	}
	return text
}

// DigestLine is one message that a digest stands for.
type DigestLine struct {
	At      int64 // microseconds since 1970 UTC
	Status  alert.Status
	Word    string // "firing critical", "resolved", "still firing"
	Summary string
	Where   string // "db1 on kvm07", "kvm07" or ""; without what Summary says
	Alerts  int
}

// DigestLines tells what a digest stands for, at most limit lines of it, and
// how many it leaves out.
func DigestLines(n *notifiers.Notification, limit int) (lines []DigestLine, more int) {
	shown := n.Digest[:min(len(n.Digest), limit)]
	for i := range shown {
		d := &shown[i]
		l := DigestLine{
			At: d.At, Status: d.Status, Word: digestWord(d), Alerts: d.Alerts,
			Summary: strings.TrimSpace(Line(d.Summary, 200)),
		}
		vm, host := Line(d.Labels.Get("vm"), 60), Line(d.Labels.Get("host"), 60)
		if vm != "" && host != "" && strings.Contains(l.Summary, vm) {
			vm = "" // said already
		}
		l.Where = where(vm, host)
		if l.Summary == "" {
			l.Summary = Line(d.Labels.Get("alertname"), 120)
		}
		lines = append(lines, l)
	}
	return lines, len(n.Digest) - len(shown)
}

func digestWord(d *notifiers.DigestEntry) string {
	switch {
	case d.Status == alert.Resolved:
		return "resolved"
	case d.Kind == notifiers.KindRepeat:
		return "still firing"
	case d.Kind == notifiers.KindEscalation:
		return "escalated"
	case d.Kind == notifiers.KindSilence:
		return "silence ends"
	}
	word := "firing"
	if s := Line(d.Labels.Get("severity"), 40); s != "" {
		word += " " + s
	}
	return word
}

// String is the entry on one line, without its time.
func (d *DigestLine) String() string {
	text := d.Word + ": " + d.Summary
	if d.Alerts > 1 {
		text += fmt.Sprintf(" (%d alerts)", d.Alerts)
	}
	if d.Where != "" {
		text += ", " + d.Where
	}
	return text
}

func where(vm, host string) string {
	switch {
	case vm != "" && host != "":
		return vm + " on " + host
	case vm != "":
		return vm
	}
	return host
}
