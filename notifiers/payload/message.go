package payload

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxAlerts bounds the JSON of all alerts of a message but the first, in bytes;
// the others are counted in truncatedAlerts, as those beyond `most` are and those
// that the notification left out itself.
const maxAlerts = 4 << 20

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
	Ours              ours              `json:"qmpalert"`
}

type labels = map[string]string

// Encode makes the JSON of a notification. At most `most` alerts are in it, 0
// means all; those left out, here or before, are counted in truncatedAlerts. It
// has no line break, also none at its end.
func Encode(n *notifiers.Notification, most int) ([]byte, error) {
	m := message{
		Version: "4", GroupKey: n.GroupKey, Status: n.Status, Receiver: n.Receiver,
		GroupLabels: toMap(n.GroupLabels), CommonLabels: toMap(n.CommonLabels), CommonAnnotations: toMap(n.CommonAnnotations),
		ExternalURL: n.ExternalURL, Alerts: []json.RawMessage{}, Ours: oursOf(n),
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
		raw, err := encodeAlert(&n.Alerts[i], attached, n.ExternalURL)
		if err != nil {
			return nil, err
		}
		if size += len(raw); i > 0 && size > maxAlerts {
			break
		}
		m.Alerts = append(m.Alerts, raw)
	}
	m.TruncatedAlerts = n.Omitted + len(n.Alerts) - len(m.Alerts)
	raw, err := marshal(m)
	if err != nil {
		return nil, err
	}
	return Escape(raw), nil
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

// noTime is Go's zero time, which Alertmanager sends for the end of what still
// fires.
const noTime = "0001-01-01T00:00:00Z"

func rfc3339(us int64) string {
	if !story.Known(us) {
		return noTime
	}
	return time.UnixMicro(us).UTC().Format(time.RFC3339Nano)
}
