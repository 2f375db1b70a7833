package e2e

import (
	"slices"
	"testing"

	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// TestReceiverDown: a receiver that fails is tried again, and told once.
func TestReceiverDown(t *testing.T) {
	t.Parallel()
	h, hook := newHost(t), newHook(t)
	h.write("rules/stop.yml", stopRule)
	h.receivers("  - name: ops\n" + hook.yaml())
	vm := h.start(qemutest.Plain("web1"))
	hook.fails.Store(2)
	stop := h.watch()
	h.connected("web1", 1)
	stopped(vm)
	if d := hook.wait(t, "the alert", 1)[0]; d.brief() != "firing Stopped web1 1" {
		t.Errorf("told %s", d.brief())
	}
	stop()
	if n := h.log.count("delivery will be tried again", "receiver=ops", "500"); n != 2 {
		t.Errorf("the log tells of %d further tries, want 2", n)
	}
	if n := len(hook.list()); n != 1 {
		t.Errorf("%d webhooks, want 1", n)
	}
}

// TestReceiverRefuses: Slack does not take the token. The daemon goes on, and
// somebody else hears that messages do not arrive. When the token is mended and
// the operator says so, what waited arrives.
func TestReceiverRefuses(t *testing.T) {
	t.Parallel()
	h, slack, pager := newHost(t), newOwnSlack(t), newHook(t)
	h.pack("        event: QMPALERT_DELIVERY_FAILED\n", "        event: QMPALERT_DELIVERY_FAILED\n        receiver: pager\n")
	h.write("rules/stop.yml", stopRule)
	h.receivers("  - name: ops\n" + slack.yaml() + "  - name: pager\n" + pager.yaml())
	invalid := "invalid_auth"
	slack.refuse.Store(&invalid)
	vm := h.start(qemutest.Plain("web1"))
	reload := make(chan struct{})
	stop := h.watch(func(o *daemon.Options) { o.Reload = reload })
	h.connected("web1", 1)

	stopped(vm)
	d := pager.wait(t, "the failure", 1)[0]
	if d.brief() != "firing DeliveryFailed  1" || d.CommonLabels["receiver"] != "ops" || d.CommonAnnotations["summary"] != "Messages to ops fail" {
		t.Errorf("told %s: %v, %v", d.brief(), d.CommonLabels, d.CommonAnnotations)
	}
	h.log.said(t, 1, "level=ERROR", "the receiver takes nothing", "receiver=ops", "invalid_auth")

	slack.refuse.Store(nil) // somebody mended the token
	reload <- struct{}{}
	slack.wait(t, "the alert", 2)
	vm.Execute("cont", "")
	slack.until(t, "its end", func(all []slackCall) bool {
		return slices.ContainsFunc(all, func(c slackCall) bool { return c.Method == "chat.update" })
	})
	stop()
	if n := len(pager.list()); n != 1 {
		t.Errorf("the pager was told %d times, want once", n)
	}
	if h.log.count("xoxb-1") != 0 {
		t.Errorf("the token is in the log:\n%s", h.log)
	}
}

// TestFailureOfTheOnlyReceiver: that messages do not arrive makes an alert,
// whose message waits as the others do; it does not go round.
func TestFailureOfTheOnlyReceiver(t *testing.T) {
	t.Parallel()
	h, slack := newHost(t), newOwnSlack(t)
	h.pack()
	h.write("rules/stop.yml", stopRule)
	h.receivers("  - name: ops\n" + slack.yaml())
	invalid := "invalid_auth"
	slack.refuse.Store(&invalid)
	vm := h.start(qemutest.Plain("web1"))
	stop := h.watch()
	h.connected("web1", 1)
	stopped(vm)
	slack.wait(t, "the alert", 1)
	h.log.said(t, 1, "the receiver takes nothing", "receiver=ops", "invalid_auth")
	h.log.said(t, 1, "alert firing", "alertname=DeliveryFailed")
	stop()
	if all := slack.list(); len(all) != 1 {
		t.Errorf("%d calls of Slack: %+v", len(all), all)
	}
}
