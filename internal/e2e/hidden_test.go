package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/web"
)

const hiddenRules = `groups:
  - name: hidden
    rules:
      - {alert: HostDown, event: GUEST_PANICKED, resolve: RESET, labels: {severity: critical}}
      - {alert: Paused, event: STOP, resolve: RESUME}
      - {alert: Asleep, event: SUSPEND, resolve: WAKEUP, labels: {severity: info}}
`

// hiddenConfig has hours of work for info that are over: yesterday, in UTC.
func hiddenConfig(ops, desk, pager *hook) string {
	yesterday := strings.ToLower(time.Now().UTC().AddDate(0, 0, -1).Weekday().String())
	return fmt.Sprintf(`route:
  receiver: ops
  group_by: [alertname, vm]
  group_wait: 0s
  group_interval: 1s
  routes:
    - {matchers: ['severity="info"'], receiver: desk, active_time_intervals: [office]}
    - {matchers: ['severity="critical"'], receiver: pager}
inhibit_rules:
  - source_matchers: ['alertname="HostDown"']
    target_matchers: ['severity="warning"']
    equal: [host, vm]
time_intervals:
  - {name: office, time_intervals: [{weekdays: ['%s']}]}
receivers:
`, yesterday) + "  - name: ops\n" + ops.yaml() + "  - name: desk\n" + desk.yaml() + "  - name: pager\n" + pager.yaml()
}

// hidden is a site with these rules.
type hidden struct {
	*site
	ops, desk, pager *hook
}

func newHidden(t *testing.T) *hidden {
	h := &hidden{ops: newHook(t), desk: newHook(t), pager: newHook(t)}
	h.site = newSite(t, hiddenRules, hiddenConfig(h.ops, h.desk, h.pager))
	return h
}

// hides waits until the alert is hidden, and checks that people are told why.
func (h *hidden) hides(name, vm, why string) web.Alert {
	h.t.Helper()
	a := h.alert(name, vm, "hidden", func(a *web.Alert) bool { return firing(a) && len(a.Muted) > 0 })
	if story := h.ask("explain", "alert", a.ID.String()); !strings.Contains(story, why) {
		h.t.Errorf("%s of %s does not say %q:\n%s", name, vm, why, story)
	}
	return a
}

// briefs are what a receiver was told, a line a message.
func briefs(h *hook) string {
	var out []string
	for _, d := range h.list() {
		out = append(out, d.brief())
	}
	return strings.Join(out, ", ")
}

// TestInhibitedAndSilencedEnd: who was told of a beginning is told of the end,
// whatever hides the alert by then; who was not told hears of neither. What is
// not hidden any more is told as if it were new.
func TestInhibitedAndSilencedEnd(t *testing.T) {
	t.Parallel()
	h := newHidden(t)
	h.run()

	h.happens(occurs("STOP", "db1", ""))
	told(t, h.ops, "firing Paused db1 1")
	silence := strings.TrimSpace(h.ask("silence", "add", "Paused", "--author", "eve"))
	h.hides("Paused", "db1", "muted  by silence "+silence)
	h.happens(occurs("STOP", "db2", ""), occurs("STOP", "db3", ""))
	h.hides("Paused", "db2", "muted  by silence "+silence)
	h.hides("Paused", "db3", "muted  by silence "+silence)
	h.happens(occurs("RESUME", "db1", ""), occurs("RESUME", "db2", ""))
	told(t, h.ops, "resolved Paused db1 1")
	h.ask("silence", "expire", silence)
	told(t, h.ops, "firing Paused db3 1")

	h.happens(occurs("GUEST_PANICKED", "db3", `{"action":"pause"}`))
	told(t, h.pager, "firing HostDown db3 1")
	h.hides("Paused", "db3", "muted: inhibited by HostDown on db3, inhibition rule number 1")
	h.happens(occurs("GUEST_PANICKED", "db4", `{"action":"pause"}`))
	told(t, h.pager, "firing HostDown db4 1")
	h.happens(occurs("STOP", "db4", ""))
	h.hides("Paused", "db4", "muted: inhibited by HostDown on db4, inhibition rule number 1")
	h.happens(occurs("RESUME", "db3", ""))
	told(t, h.ops, "resolved Paused db3 1")
	h.happens(occurs("RESET", "db4", `{"guest":false,"reason":"host-qmp-system-reset"}`))
	told(t, h.ops, "firing Paused db4 1")

	h.happens(occurs("SUSPEND", "db5", ""))
	asleep := h.alert("Asleep", "db5", "fires", firing)
	h.until("it says why the desk is not told", func() bool {
		return strings.Contains(h.ask("explain", "alert", asleep.ID.String()), "time interval office")
	})
	h.happens(occurs("WAKEUP", "db5", ""), occurs("RESUME", "db4", ""))
	told(t, h.ops, "resolved Paused db4 1")

	want := "firing Paused db1 1, resolved Paused db1 1, firing Paused db3 1, resolved Paused db3 1, firing Paused db4 1, resolved Paused db4 1"
	if got := briefs(h.ops); got != want {
		t.Errorf("ops was told\n%s, want\n%s", got, want)
	}
	if got := briefs(h.desk); got != "" {
		t.Errorf("the desk was told outside its hours: %s", got)
	}
}
