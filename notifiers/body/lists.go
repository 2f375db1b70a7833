package body

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/qmp"
)

// alerts are the first ones, each with the members of alertNames.
func (v *view) alerts() qmp.Value {
	items := []qmp.Value{}
	for i := range min(len(v.n.Alerts), v.mostAlerts) {
		items = append(items, alertObject(&v.n.Alerts[i], v.story(i), v.n.At))
	}
	return qmp.List(items)
}

func alertObject(c *alert.Change, s *story.Story, now int64) qmp.Value {
	status := alert.Firing
	if c.Status == alert.Resolved {
		status = alert.Resolved
	}
	vm := qmp.Value{}
	if s.VM != "" {
		vm = members("name", line(s.VM))
	}
	starts, ends := moment(c.StartsAt), qmp.Value{}
	if status == alert.Resolved {
		ends = moment(c.EndsAt)
	}
	return members(
		"status", line(string(status)),
		"title", line(word(string(status), s.Severity)+" "+s.Name),
		"summary", line(s.Summary),
		"description", lines(s.Description, maxAnnotation),
		"severity", line(s.Severity),
		"alertname", line(s.Name),
		"host", line(s.Host),
		"vm", vm,
		"count", qmp.Int(c.Count),
		"starts_at", starts,
		"ends_at", ends,
		"duration", seconds(starts, ends, now),
		"outcome", line(s.Outcome()),
		"labels", object(c.Labels, maxLabel),
		"annotations", object(c.Annotations, maxAnnotation),
		"fingerprint", line(c.Fingerprint.String()),
		"facts", factList(s),
		"evidence", lineList(s.Evidence),
	)
}

func (v *view) facts() qmp.Value {
	if len(v.n.Alerts) == 0 {
		return qmp.List(nil)
	}
	return factList(v.story(0))
}

func factList(s *story.Story) qmp.Value {
	items := make([]qmp.Value, 0, len(s.Facts))
	for _, f := range s.Facts {
		items = append(items, members("name", line(f.Name), "value", line(f.Value)))
	}
	return qmp.List(items)
}

func (v *view) acks() qmp.Value {
	items := []qmp.Value{}
	for _, a := range v.n.Acks[:min(len(v.n.Acks), v.most)] {
		items = append(items, members("by", line(a.By), "comment", line(a.Comment), "at", moment(a.At), "fingerprint", line(a.Fingerprint.String())))
	}
	return qmp.List(items)
}

func (v *view) timeline() qmp.Value {
	items := []qmp.Value{}
	for _, m := range v.n.Timeline[:min(len(v.n.Timeline), v.most)] {
		items = append(items, members("at", moment(m.At), "what", line(string(m.What)), "names", lineList(m.Names),
			"more", number(m.More), "by", line(m.By), "text", line(m.Text)))
	}
	return qmp.List(items)
}

func (v *view) silence() qmp.Value {
	s := v.n.Silence
	if s == nil {
		return qmp.Value{}
	}
	return members("id", line(s.ID), "matchers", lineList(s.Matchers), "starts_at", moment(s.StartsAt), "ends_at", moment(s.EndsAt),
		"created_by", line(s.CreatedBy), "comment", line(s.Comment))
}

func (v *view) digest() qmp.Value {
	items := []qmp.Value{}
	for i := range v.n.Digest[:min(len(v.n.Digest), v.most)] {
		items = append(items, digestObject(&v.n.Digest[i]))
	}
	return qmp.List(items)
}

func digestObject(d *notifiers.DigestEntry) qmp.Value {
	return members("at", moment(d.At), "kind", line(string(d.Kind)), "status", line(string(d.Status)), "summary", line(d.Summary),
		"alerts", number(d.Alerts), "labels", object(d.Labels, maxLabel))
}
