package ruletest

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// records returns the records that a rule made at an instant, as alerts with the
// labels that tell alerts of such a key apart. It needs the trace.
func (s *story) records(at int64, r *rules.Rule) []alert.Change {
	var out []alert.Change
	for _, w := range s.trace {
		if w.What != "record" || w.Rule != r || w.At != at {
			continue
		}
		c := alert.Change{At: at, Status: alert.Firing, Name: r.Name}
		c.Labels = r.Labels(w.Event, w.Event.Host, w.Event.VM.Name, w.Key)
		c.Fingerprint = c.Labels.Fingerprint()
		out = append(out, c)
	}
	return out
}
