package email

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// row is one alert of several, or one message of a digest.
type row struct {
	Name string // of the VM, else of the host; or the time of a message
	Text string
	Note string
	Over bool
}

// heading is "QuorumChildFailing: 14 VMs on kvm07".
func heading(n *notifiers.Notification) string {
	c := story.CrowdOf(n, 0)
	return story.Line(rulesOf(n)+": "+c.String(), 200)
}

// ended says of several alerts how many are over, and if all are, how long it
// took: "All are over, after 12m 3s."
func ended(alerts []alert.Change) string {
	firing, over := count(alerts)
	if over == 0 {
		return ""
	}
	if firing > 0 {
		return fmt.Sprintf("%d of %d are over.", over, firing+over)
	}
	from, to := int64(math.MaxInt64), int64(math.MinInt64)
	for i := range alerts {
		began := alerts[i].ActiveAt
		if !story.Known(began) {
			began = alerts[i].StartsAt
		}
		if story.Known(began) && story.Known(alerts[i].EndsAt) {
			from, to = min(from, began), max(to, alerts[i].EndsAt)
		}
	}
	if from > to {
		return "All are over."
	}
	return "All are over, after " + story.Span(time.UnixMicro(to).Sub(time.UnixMicro(from))) + "."
}

// group lists the alerts: those that fire before those that are over.
func (v *view) group(n *notifiers.Notification) {
	oneHost := story.CrowdOf(n, 0).Host != ""
	oneRule := !slices.ContainsFunc(n.Alerts, func(c alert.Change) bool { return c.Name != n.Alerts[0].Name })
	for _, over := range []bool{false, true} {
		for i := range n.Alerts {
			c := &n.Alerts[i]
			if (c.Status == alert.Resolved) != over {
				continue
			}
			if len(v.Rows) == maxListed {
				v.More++
				continue
			}
			v.Rows = append(v.Rows, groupRow(c, oneHost, oneRule))
		}
	}
}

func groupRow(c *alert.Change, oneHost, oneRule bool) row {
	s := story.Of(c)
	// Generated summaries begin with the VM, which stands before them here.
	r := row{Name: s.Where(), Text: strings.TrimPrefix(s.Summary, s.VM+": "), Note: "since " + s.Since, Over: c.Status == alert.Resolved}
	if oneHost && s.VM != "" {
		r.Name = s.VM
	}
	if r.Name == "" {
		r.Name = s.Name
	}
	if r.Over {
		r.Note = s.Outcome()
	}
	if !oneRule {
		r.Note = s.Name + ", " + r.Note
	}
	return r
}

// digest lists the messages that waited.
func (v *view) digest(n *notifiers.Notification) {
	lines, more := story.DigestLines(n, maxWaited)
	v.More = more
	layout := layoutOf(lines, func(l story.DigestLine) int64 { return l.At })
	for i, l := range lines {
		if vm := n.Digest[i].Labels.Get("vm"); vm != "" && strings.Contains(l.Summary, vm) {
			l.Where = "" // it was just said
		}
		v.Rows = append(v.Rows, row{Name: clock(l.At, layout), Text: l.String(), Over: l.Status == alert.Resolved})
	}
}
