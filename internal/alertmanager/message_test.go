package alertmanager

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/alertmanager/template"
)

// message is webhook.Message of Alertmanager's package notify/webhook, which does
// not compile without much else: all but three members are template.Data.
type message struct {
	*template.Data
	Version         string `json:"version"`
	GroupKey        string `json:"groupKey"`
	TruncatedAlerts uint64 `json:"truncatedAlerts"`
}

// TestWebhookMessages: what we send to webhooks is what Alertmanager's own type
// of such a message holds, to the last member, but for what stands under
// "qmpalert".
func TestWebhookMessages(t *testing.T) {
	files, err := filepath.Glob("../../notifiers/payload/testdata/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no goldens", err)
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var m message
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Version != "4" || m.Data == nil || m.Receiver == "" || m.Status == "" || m.GroupKey == "" || m.Alerts == nil {
			t.Errorf("%s: %.500v", name, m)
		}
		theirs, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if ours := withoutOurs(t, raw); !bytes.Equal(ours, withoutOurs(t, theirs)) {
			t.Errorf("%s: Alertmanager writes\n%.2000s, we write\n%.2000s", name, theirs, ours)
		}
	}
}

// withoutOurs is JSON in one form, without the members that Alertmanager does not
// have, and without two that it sends only lately and that receivers of
// version 4 do without.
func withoutOurs(t *testing.T, raw []byte) []byte {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var drop func(any)
	drop = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range []string{"qmpalert", "notification_reason", "routeLabels"} {
				delete(v, name)
			}
			for _, member := range v {
				drop(member)
			}
		case []any:
			for _, item := range v {
				drop(item)
			}
		}
	}
	drop(v)
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
