package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// lintKey looks at what makes the key.
func (c *compiler) lintKey(r *Rule, places []place) {
	for i := range places {
		if p := &places[i]; p.event != nil && (p.part == partResolve || p.part == partUntil) {
			c.lintJob(p, places)
		}
	}
	if c.least(r) < 2 {
		return
	}
	match := matchOf(places)
	if match == nil {
		return
	}
	for _, n := range c.spec.By {
		if n.Value != "client.service" && n.Value != "client.port" {
			continue
		}
		for _, d := range match.defs {
			if d.Member(n.Value) != nil {
				c.add(diag.New(diag.NeverTwice, n.Pos, "every connection has a `%s` of its own: nothing is ever counted twice for one", n.Value).
					WithHint("count by `client.host`; `%s` tells the events of one connection apart, as in a `sequence`", n.Value))
				break
			}
		}
	}
}

func matchOf(places []place) *place {
	for i := range places {
		if places[i].part == partMatch && places[i].event != nil {
			return &places[i]
		}
	}
	return nil
}

// jobMember is what an event calls a job.
func jobMember(d *qmp.Def) string {
	switch {
	case d.Name == "JOB_STATUS_CHANGE" || d.Name == "BLOCK_JOB_PENDING":
		return "id"
	case strings.HasPrefix(d.Name, "BLOCK_JOB_"):
		return "device"
	}
	return ""
}

// lintJob: a pattern that calls the job differently ends the alerts of all jobs
// unless it is told.
func (c *compiler) lintJob(p *place, places []place) {
	for _, member := range []string{"device", "id"} {
		if !c.hasBy(member) || p.view.By[member] != "" {
			continue
		}
		ours := slices.ContainsFunc(places, func(q place) bool {
			return (q.part == partMatch || q.part == partStep) && slices.ContainsFunc(q.defs, func(d *qmp.Def) bool { return jobMember(d) == member })
		})
		for _, d := range p.defs {
			theirs := jobMember(d)
			if !ours || theirs == "" || theirs == member {
				continue
			}
			pos := p.eventPos(d.Name)
			// That the member is missing is said here, and better.
			c.found = slices.DeleteFunc(c.found, func(f diag.Finding) bool { return f.Code == diag.ResolveLacksMember && f.Pos == pos })
			key := "resolve"
			if p.part == partUntil {
				key = "until"
			}
			c.add(diag.New(diag.JobIdentity, pos, "%s calls the job `%s`, not `%s`: as it is, one job ends the alerts of all", d.Name, theirs, member).
				WithHint("write `%s: {event: %s, by: {%s: %s}}`", key, d.Name, member, theirs))
			return
		}
	}
}
