package webhook

import (
	"bytes"
	"encoding/json"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

const (
	// maxChange bounds the JSON of one change; beyond it the events are left out
	// and counted as omitted.
	maxChange = 256 << 10
	// maxAlerts bounds the JSON of all alerts of a message but the first; the
	// others are counted in truncatedAlerts, as those beyond max_alerts are.
	maxAlerts = 4 << 20
)

// message is Alertmanager's webhook message, version 4.
type message struct {
	Version           string            `json:"version"`
	GroupKey          string            `json:"groupKey"`
	TruncatedAlerts   int               `json:"truncatedAlerts"`
	Status            alert.Status      `json:"status"`
	Receiver          string            `json:"receiver"`
	GroupLabels       labels            `json:"groupLabels"`
	CommonLabels      labels            `json:"commonLabels"`
	CommonAnnotations labels            `json:"commonAnnotations"`
	ExternalURL       string            `json:"externalURL"`
	Alerts            []json.RawMessage `json:"alerts"`
	Test              bool              `json:"qmpalertTest,omitempty"`
}

// one is an alert in it. StartsAt and EndsAt are RFC 3339; a time that is not
// known, such as the end of what still fires, is Go's zero time, as there.
type one struct {
	Status       alert.Status    `json:"status"`
	Labels       labels          `json:"labels"`
	Annotations  labels          `json:"annotations"`
	StartsAt     string          `json:"startsAt"`
	EndsAt       string          `json:"endsAt"`
	GeneratorURL string          `json:"generatorURL"`
	Fingerprint  string          `json:"fingerprint"`
	Change       json.RawMessage `json:"qmpalert"`
}

type labels = map[string]string

// encode makes the body: one line of JSON in which every character that could
// steer a terminal is escaped.
func encode(n *notifiers.Notification, most int) ([]byte, error) {
	m := message{
		Version: "4", GroupKey: n.GroupKey, Status: n.Status, Receiver: n.Receiver,
		GroupLabels: toMap(n.GroupLabels), CommonLabels: toMap(n.CommonLabels), CommonAnnotations: toMap(n.CommonAnnotations),
		ExternalURL: n.ExternalURL, Alerts: []json.RawMessage{}, Test: n.Test,
	}
	size := 0
	for i := range n.Alerts {
		if most > 0 && i == most {
			break
		}
		var attached []notifiers.Attachment
		if i == 0 {
			attached = n.Attached
		}
		raw, err := encodeOne(&n.Alerts[i], attached, n.ExternalURL)
		if err != nil {
			return nil, err
		}
		if size += len(raw); i > 0 && size > maxAlerts {
			break
		}
		m.Alerts = append(m.Alerts, raw)
	}
	m.TruncatedAlerts = len(n.Alerts) - len(m.Alerts)
	raw, err := marshal(m)
	if err != nil {
		return nil, err
	}
	return escape(raw), nil
}

func encodeOne(c *alert.Change, attached []notifiers.Attachment, generator string) (json.RawMessage, error) {
	change := c.AppendJSON(nil)
	if len(change) > maxChange {
		short := *c
		short.Evidence = alert.Evidence{Omitted: c.Evidence.Omitted + int64(len(c.Evidence.Events)), Bounded: c.Evidence.Bounded}
		change = short.AppendJSON(nil)
	}
	change, err := attach(change, attached)
	if err != nil {
		return nil, err
	}
	status := alert.Firing
	ends := "0001-01-01T00:00:00Z"
	if c.Status == alert.Resolved {
		status, ends = alert.Resolved, rfc3339(c.EndsAt)
	}
	return marshal(one{
		Status: status, Labels: toMap(c.Labels), Annotations: toMap(c.Annotations),
		StartsAt: rfc3339(c.StartsAt), EndsAt: ends,
		GeneratorURL: generator, Fingerprint: c.Fingerprint.String(), Change: change,
	})
}

// answer is what a VM said when the alert fired. Return is the JSON of its
// answer, Beginning the text of one that was too large to be sent whole.
type answer struct {
	Query     string          `json:"query"`
	Return    json.RawMessage `json:"return,omitempty"`
	Beginning string          `json:"beginning,omitempty"`
	Error     string          `json:"error,omitempty"`
}

// attach adds the answers to the JSON of a change, as its last member.
func attach(change []byte, attached []notifiers.Attachment) ([]byte, error) {
	if len(attached) == 0 {
		return change, nil
	}
	var all []answer
	for _, a := range attached {
		one := answer{Query: a.Query, Error: a.Error}
		switch {
		case a.Error != "":
		case a.Cut || !json.Valid([]byte(a.JSON)):
			one.Beginning = a.JSON
		default:
			one.Return = json.RawMessage(a.JSON)
		}
		all = append(all, one)
	}
	raw, err := marshal(all)
	if err != nil {
		return nil, err
	}
	change = append(bytes.TrimSuffix(change, []byte("}")), `,"attached":`...)
	return append(append(change, raw...), '}'), nil
}

func marshal(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func toMap(ls alert.Labels) labels {
	m := make(labels, len(ls))
	for _, l := range ls {
		m[l.Name] = l.Value
	}
	return m
}

func rfc3339(us int64) string {
	if !story.Known(us) {
		return "0001-01-01T00:00:00Z"
	}
	return time.UnixMicro(us).UTC().Format(time.RFC3339Nano)
}

// escape writes characters of the JSON's strings that JSON allows but a
// terminal acts on (DEL, C1, bidirectional controls) as \u escapes. Outside of
// strings there are none.
func escape(raw []byte) []byte {
	const hex = "0123456789abcdef"
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r < utf8.RuneSelf && r != 0x7f || !story.Unsafe(r) {
			out = append(out, raw[:n]...)
		} else {
			units := utf16.AppendRune(nil, r)
			for _, u := range units {
				out = append(out, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
			}
		}
		raw = raw[n:]
	}
	return out
}
