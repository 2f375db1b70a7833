package main

import (
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/web"
)

// TestExplainedWithoutStorage: what is not kept is not said to be nothing.
func TestExplainedWithoutStorage(t *testing.T) {
	pending := web.Change{Name: "Paused", Status: alert.Pending, ActiveAt: 1}
	firing := pending
	firing.Status, firing.StartsAt = alert.Firing, 2
	for name, tt := range map[string]struct {
		alert web.Alert
		want  string
	}{
		"pending":  {web.Alert{Change: pending}, "nothing was decided about it\n└─ messages\n   └─ none\n"},
		"not told": {web.Alert{Change: firing}, "nothing about that is kept: that takes `storage`\n└─ messages\n   └─ not kept\n"},
		"told":     {web.Alert{Change: firing, Told: []string{"ops", "desk"}}, "ops, desk; when and why is not kept: that takes `storage`\n└─ messages\n   └─ not kept\n"},
	} {
		var b strings.Builder
		explanationNode(false, &web.Explanation{Alert: tt.alert}).print(&b)
		if !strings.HasSuffix(b.String(), tt.want) {
			t.Errorf("%s:\n%s", name, &b)
		}
	}
}
