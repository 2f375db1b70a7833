package dispatch

import (
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/duration"
)

// configure reads a line of a configuration:
//
//	receiver NAME [mute]                            mute: wants no ends
//	interval NAME HH:MM HH:MM
//	inhibit SOURCE-MATCHER TARGET-MATCHER LABEL,…   the labels that are to be equal
//	route RECEIVER KEY VALUE…                       the root, which clears the old tree
//	  route RECEIVER match MATCHER KEY VALUE…       a child of it
//
// with the keys by, wait, interval, repeat, mute, active, escalate (15m:managers)
// and continue (yes).
func (s *scenario) configure(line string) bool {
	words := strings.Fields(line)
	switch words[0] {
	case "receiver":
		s.cfg.Receivers = append(s.cfg.Receivers, Receiver{Name: words[1], SendResolved: len(words) < 3})
	case "interval":
		s.cfg.TimeIntervals = append(s.cfg.TimeIntervals, TimeInterval{
			Name: words[1], Intervals: []alertmanager.Interval{{Times: []alertmanager.TimeRange{{Start: words[2], End: words[3]}}}},
		})
	case "inhibit":
		s.cfg.InhibitRules = append(s.cfg.InhibitRules, InhibitRule{
			SourceMatchers: words[1:2], TargetMatchers: words[2:3], Equal: strings.Split(words[3], ","),
		})
	case "route":
		r := s.route(words[1:])
		if strings.HasPrefix(line, " ") {
			s.cfg.Route.Routes = append(s.cfg.Route.Routes, r)
		} else {
			s.cfg.Route = r
		}
	default:
		return false
	}
	return true
}

func (s *scenario) route(words []string) Route {
	r := Route{Receiver: words[0]}
	for i := 1; i+1 < len(words); i += 2 {
		value := words[i+1]
		switch words[i] {
		case "match":
			r.Matchers = []string{value}
		case "by":
			r.GroupByAll = value == "..."
			r.GroupBy = strings.Split(value, ",")
		case "wait":
			r.GroupWait = s.duration(value)
		case "interval":
			r.GroupInterval = s.duration(value)
		case "repeat":
			r.RepeatInterval = s.duration(value)
		case "mute":
			r.MuteTimeIntervals = []string{value}
		case "active":
			r.ActiveTimeIntervals = []string{value}
		case "continue":
			r.Continue = true
		case "escalate":
			after, to, _ := strings.Cut(value, ":")
			r.Escalate = &Escalation{After: s.duration(after), Receiver: to}
		default:
			s.t.Fatalf("a route has no key %q", words[i])
		}
	}
	return r
}

func (s *scenario) duration(text string) time.Duration {
	d, err := duration.Parse(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}
