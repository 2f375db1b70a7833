package web

import (
	"fmt"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/explain"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/rules"
	"github.com/qmpalert/qmpalert/sources"
)

// What the rooms below call something, as the API says it.

// SourceOf returns the JSON form of a connection's status.
func SourceOf(s *sources.Status) Source {
	out := Source{
		Source: s.Source, Host: s.Host, State: s.State.String(), Since: TimeOf(s.Since), Reason: s.Reason, Version: s.Version,
		Counts: SourceCounts(s.Counts),
	}
	if s.VM.Name != "" || s.VM.UUID != "" {
		out.VM = &VM{Name: s.VM.Name, UUID: s.VM.UUID}
	}
	return out
}

// RuleOf returns what a rule is; whoever runs it fills in what it does.
func RuleOf(r *rules.Rule) Rule {
	e := explain.Rule(r)
	out := Rule{
		Group: r.Group, Name: r.Name, Kind: "alert", File: r.Pos.File, Line: r.Pos.Line, Form: r.Form.String(),
		Fires: e.Fires, Notes: append([]string{}, e.Notes...), Shadow: r.Shadow,
	}
	if r.Record != "" {
		out.Kind = "record"
	}
	return out
}

// WordsOf returns what a rule wants, for an explanation.
func WordsOf(r *rules.Rule) *RuleWords {
	e := explain.Rule(r)
	w := &RuleWords{
		Group: r.Group, Name: r.Name, File: r.Pos.File, Line: r.Pos.Line, Fires: e.Fires, Notes: append([]string{}, e.Notes...),
		Form: r.Form.String(), Key: keyOf(r), Threshold: threshold(r), Within: span(r.Within), For: span(r.For),
		KeepFor: span(r.KeepFiringFor), Inhibits: r.Inhibits, Shadow: r.Shadow,
	}
	if r.Confirm != nil {
		w.Confirm = r.Confirm.Query + ": " + r.View().ConfirmWords()
	}
	return w
}

func keyOf(r *rules.Rule) []string {
	key := []string{}
	switch r.Scope {
	case rules.ScopeVM:
		key = append(key, "host", "vm")
	case rules.ScopeHost:
		key = append(key, "host")
	}
	return append(key, r.By...)
}

func threshold(r *rules.Rule) string {
	switch r.Form {
	case rules.FormCount:
		return plural(r.Count, "match", "matches")
	case rules.FormHaving:
		return r.View().HavingWords()
	case rules.FormSequence:
		return plural(r.Steps, "step", "steps") + " in order"
	case rules.FormAllOf:
		return plural(r.Steps, "step", "steps") + " in any order"
	case rules.FormAbsent:
		return "no match for " + span(r.AbsentFor)
	}
	return plural(1, "match", "matches")
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// span is a duration for people, "" for none.
func span(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return duration.Format(d)
}

// RouteOf returns the JSON form of what dispatch makes of some labels.
func RouteOf(ls alert.Labels, at int64, e dispatch.Explanation) RouteExplanation {
	out := RouteExplanation{Labels: LabelMap(ls), At: Time(at), Routes: []Route{}, Muted: MutesOf(e.Muted)}
	for _, v := range e.Routes {
		r := Route{
			Depth: v.Depth, Route: v.Route, Matchers: v.Matchers, Matches: v.Matches, Reached: v.Reached, Decides: v.Decides,
			Continue: v.Continue, Receiver: v.Receiver,
		}
		if v.Decides {
			r.Telling = &Telling{
				Group: v.GroupKey, Labels: LabelMap(v.GroupLabels), Wait: duration.Format(v.Settings.GroupWait),
				Interval: duration.Format(v.Settings.GroupInterval), Repeat: span(v.Settings.RepeatInterval), Muted: MutesOf(v.Muted),
			}
			if x := v.Settings.Escalate; x != nil {
				r.Telling.Escalate = x.Receiver + " after " + duration.Format(x.After)
			}
		}
		out.Routes = append(out.Routes, r)
	}
	return out
}

// MutesOf returns the JSON form of what hides an alert; never nil.
func MutesOf(all []dispatch.Mute) []Mute {
	out := []Mute{}
	for _, m := range all {
		out = append(out, Mute{By: string(m.By), Name: m.Name, Text: m.Text})
	}
	return out
}

// DecisionOf returns the JSON form of a note of dispatch.
func DecisionOf(n *dispatch.Note) Decision {
	return Decision{
		At: TimeOf(n.At), What: string(n.What), Receiver: n.Receiver, Group: n.GroupKey, Message: n.NotificationID, By: n.By, Text: n.Text,
	}
}

// AckOf returns the JSON form of an acknowledgement; nil for none.
func AckOf(a *notifiers.Ack) *Ack {
	if a == nil {
		return nil
	}
	return &Ack{By: a.By, Comment: a.Comment, At: TimeOf(a.At)}
}

// SilenceOf returns the JSON form of a silence.
func SilenceOf(s *dispatch.Silence, state dispatch.State) Silence {
	return Silence{
		ID: s.ID, Matchers: append([]string{}, s.Matchers...), StartsAt: TimeOf(s.StartsAt), EndsAt: TimeOf(s.EndsAt),
		CreatedBy: s.CreatedBy, Comment: s.Comment, UpdatedAt: TimeOf(s.UpdatedAt), State: string(state),
	}
}

// Wanted returns the silence that SetSilence is asked for, in dispatch's form.
func (s *Silence) Wanted() dispatch.Silence {
	return dispatch.Silence{
		ID: s.ID, Matchers: s.Matchers, StartsAt: int64(s.StartsAt), EndsAt: int64(s.EndsAt), CreatedBy: s.CreatedBy, Comment: s.Comment,
	}
}
