package payload

import (
	"bytes"
	"encoding/json"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// maxChange bounds the JSON of one change, in bytes; beyond it the events are
// left out and counted as omitted.
const maxChange = 256 << 10

// one is an alert of the message. StartsAt and EndsAt are RFC 3339.
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

func encodeAlert(c *alert.Change, attached []notifiers.Attachment, generator string) (json.RawMessage, error) {
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
	status, ends := alert.Firing, noTime
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
