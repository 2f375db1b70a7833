package payload

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxDigest is how many entries of a digest are listed; the others are counted
// in digestOmitted.
const maxDigest = 1000

// ours is what a group has beside what Alertmanager knows of it. Times have the
// form of those in a change: RFC 3339 with microseconds.
type ours struct {
	ID            string         `json:"id"`
	Kind          notifiers.Kind `json:"kind"`
	At            string         `json:"at"`
	Route         string         `json:"route,omitempty"`
	Test          bool           `json:"test,omitempty"`
	Timeline      []moment       `json:"timeline,omitempty"`
	Acks          []ack          `json:"acks,omitempty"`
	Escalated     string         `json:"escalated,omitempty"`
	Silence       *silence       `json:"silence,omitempty"`
	Carries       []string       `json:"carries,omitempty"`
	Digest        []digestEntry  `json:"digest,omitempty"`
	DigestOmitted int            `json:"digestOmitted,omitempty"`
}

type moment struct {
	At    string         `json:"at"`
	What  notifiers.What `json:"what"`
	Names []string       `json:"names,omitempty"`
	More  int            `json:"more,omitempty"`
	By    string         `json:"by,omitempty"`
	Text  string         `json:"text,omitempty"`
}

type ack struct {
	Fingerprint string `json:"fingerprint"`
	StartsAt    string `json:"startsAt"`
	By          string `json:"by"`
	Comment     string `json:"comment,omitempty"`
	At          string `json:"at"`
}

type silence struct {
	ID        string   `json:"id"`
	Matchers  []string `json:"matchers"`
	StartsAt  string   `json:"startsAt"`
	EndsAt    string   `json:"endsAt"`
	CreatedBy string   `json:"createdBy"`
	Comment   string   `json:"comment,omitempty"`
}

type digestEntry struct {
	ID       string         `json:"id"`
	GroupKey string         `json:"groupKey"`
	Kind     notifiers.Kind `json:"kind"`
	Status   alert.Status   `json:"status"`
	At       string         `json:"at"`
	Summary  string         `json:"summary"`
	Alerts   int            `json:"alerts"`
	Labels   labels         `json:"labels"`
}

func oursOf(n *notifiers.Notification) ours {
	o := ours{
		ID: n.ID, Kind: n.Purpose(), At: at(n.At), Route: n.Route, Test: n.Test,
		Escalated: n.Escalated, Carries: n.Carries,
	}
	for _, m := range n.Timeline {
		o.Timeline = append(o.Timeline, moment{at(m.At), m.What, m.Names, m.More, m.By, m.Text})
	}
	for _, a := range n.Acks {
		o.Acks = append(o.Acks, ack{a.Fingerprint.String(), at(a.StartsAt), a.By, a.Comment, at(a.At)})
	}
	if s := n.Silence; s != nil {
		o.Silence = &silence{s.ID, s.Matchers, at(s.StartsAt), at(s.EndsAt), s.CreatedBy, s.Comment}
	}
	for i, d := range n.Digest {
		if i == maxDigest {
			o.DigestOmitted = len(n.Digest) - maxDigest
			break
		}
		o.Digest = append(o.Digest, digestEntry{d.ID, d.GroupKey, d.Kind, d.Status, at(d.At), d.Summary, d.Alerts, toMap(d.Labels)})
	}
	return o
}

func at(us int64) string {
	if !story.Known(us) {
		return noTime
	}
	return string(event.AppendTime(nil, us))
}
