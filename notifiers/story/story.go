package story

import (
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
)

const (
	// MaxFacts is how many facts a Story has at most.
	MaxFacts = 10

	maxHeading     = 300
	maxDescription = 2000
)

// Story is one alert for people to read.
type Story struct {
	Status      alert.Status
	Name        string // alertname
	Severity    string
	Host, VM    string // "" when the alert has none
	Summary     string // one line; the alertname when the rule gives none
	Description string // may have several lines; often ""
	Since       string // when it began, UTC; of Start
	Start       int64  // microseconds since 1970 UTC, or qmp.NoTime
	Last        int64  // the newest event of the evidence, else the change; the same
	Count       int64  // matches so far
	Lasted      string // of a resolved alert: "12m 3s"; else ""
	Ended       string // of a resolved alert: why, in words; else ""
	Facts       []Fact // labels, annotations, count, members of the newest event
	Evidence    []string
}

// Of tells the story of a change.
func Of(c *alert.Change) Story {
	s := Story{
		Status:      c.Status,
		Name:        Line(c.Name, 120),
		Severity:    Line(c.Labels.Get("severity"), 40),
		Host:        Line(c.Labels.Get("host"), 120),
		VM:          Line(c.Labels.Get("vm"), 120),
		Summary:     strings.TrimSpace(Line(c.Annotations.Get("summary"), maxHeading)),
		Description: strings.TrimSpace(Lines(c.Annotations.Get("description"), maxDescription)),
		Start:       begin(c),
		Last:        newest(c),
		Count:       c.Count,
		Facts:       facts(c),
		Evidence:    evidence(c),
	}
	if s.Name == "" {
		s.Name = "unnamed alert"
	}
	if s.Summary == "" {
		s.Summary = s.Name
	}
	s.Since = UTC(s.Start)
	if c.Status == alert.Resolved {
		s.Ended = words(c.Reason)
		if Known(c.EndsAt) && Known(s.Start) {
			s.Lasted = Span(time.UnixMicro(c.EndsAt).Sub(time.UnixMicro(s.Start)))
		}
	}
	return s
}

// Word is the status and the severity in one: "FIRING:critical", "RESOLVED".
func (s *Story) Word() string {
	word := strings.ToUpper(string(s.Status))
	if s.Status == alert.Firing && s.Severity != "" {
		word += ":" + s.Severity
	}
	return word
}

// Outcome is the sentence about the end: "Resolved after 12m 3s: the VM is
// gone"; "" while the alert fires.
func (s *Story) Outcome() string {
	if s.Status != alert.Resolved {
		return ""
	}
	text := "Resolved"
	if s.Lasted != "" {
		text += " after " + s.Lasted
	}
	if s.Ended != "" {
		text += ": " + s.Ended
	}
	return text
}

// begin is when the trouble began: the time the condition began if it is
// known, as people ask for that and not for the end of a `for`.
func begin(c *alert.Change) int64 {
	for _, t := range []int64{c.ActiveAt, c.StartsAt} {
		if Known(t) {
			return t
		}
	}
	return c.At
}

// newest is when the trouble was seen last.
func newest(c *alert.Change) int64 {
	if n := len(c.Evidence.Events); n > 0 && c.Evidence.Events[n-1] != nil {
		if t := shownTime(c.Evidence.Events[n-1]); Known(t) {
			return t
		}
	}
	return c.At
}

// Where is the place: "db1 on kvm07", "kvm07" or "".
func (s *Story) Where() string { return where(s.VM, s.Host) }

func words(r alert.Reason) string {
	switch r {
	case alert.ReasonResolve:
		return "an event ended it"
	case alert.ReasonEnded:
		return "the condition no longer holds"
	case alert.ReasonVMGone:
		return "the VM is gone"
	case alert.ReasonRuleChanged:
		return "its rule was changed"
	case alert.ReasonRuleRemoved:
		return "its rule was removed"
	}
	return Line(string(r), 60)
}

// facts are the labels that the heading does not show, further annotations,
// the count, and members of the newest event, until there are MaxFacts. A
// member that is a label already is not repeated.
func facts(c *alert.Change) []Fact {
	var out []Fact
	shown := map[string]bool{}
	add := func(name, value string) {
		if len(out) < MaxFacts && value != "" {
			out = append(out, Fact{Line(name, maxName), Line(value, maxValue)})
			shown[name] = true
		}
	}
	for _, l := range c.Labels {
		switch l.Name {
		case "alertname", "severity", "host", "vm":
		default:
			add(l.Name, l.Value)
		}
	}
	if c.Count > 0 {
		add("count", strconv.FormatInt(c.Count, 10))
	}
	for _, a := range c.Annotations {
		switch a.Name {
		case "summary", "description":
		default:
			add(a.Name, a.Value)
		}
	}
	if n := len(c.Evidence.Events); n > 0 {
		for _, m := range Members(c.Evidence.Events[n-1]) {
			if !shown[labelName(m.Name)] {
				add(m.Name, m.Value)
			}
		}
	}
	return out
}
