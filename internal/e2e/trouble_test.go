package e2e

import (
	"maps"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/examples"
	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// pack puts the rules of the project into rules/. edits are pairs of texts,
// what to replace and by what, for what would take minutes or has to name a
// receiver; each must apply exactly once.
func (h *host) pack(edits ...string) {
	h.t.Helper()
	applied := 0
	for _, f := range examples.Rules() {
		text := string(f.Data)
		for i := 0; i < len(edits); i += 2 {
			applied += strings.Count(text, edits[i])
			text = strings.ReplaceAll(text, edits[i], edits[i+1])
		}
		h.write(f.Name, text)
	}
	if applied != len(edits)/2 {
		h.t.Fatalf("%d edits of the rules apply, want %d: adapt the test to the pack", applied, len(edits)/2)
	}
}

// sentinel adds rules that tell the test, and nobody else, that all before an
// event has been decided.
const sentinel = `groups:
  - name: sentinel
    rules:
      - {alert: Left, event: QMPALERT_DISCONNECTED, receiver: test}
`

// once lets the disk of a VM fail one time and then work.
func once(r qemutest.Recipe) qemutest.Recipe {
	for i := range r.Args {
		r.Args[i] = strings.ReplaceAll(r.Args[i], `"once": false`, `"once": true`)
	}
	return r
}

// TestPausedOnIOError: a failed request stops a VM, and Slack says so; the
// operator continues it, and the same message says that it is over.
func TestPausedOnIOError(t *testing.T) {
	t.Parallel()
	h, slack := newHost(t), newOwnSlack(t)
	h.pack("expr: action == \"stop\" and not nospace\n        resolve: RESUME\n        keep_firing_for: 1m", "expr: action == \"stop\" and not nospace\n        resolve: RESUME\n        keep_firing_for: 1s")
	h.receivers("  - name: ops\n" + slack.yaml())
	vm := h.start(once(qemutest.IOErrorStop("mail1")))
	stop := h.watch()
	h.connected("mail1", 1)

	vm.Execute("cont", "")
	first := slack.wait(t, "the message", 1)[0]
	if first.Method != "chat.postMessage" || !strings.Contains(first.Text, "critical: mail1 is paused: read on disk0 failed") {
		t.Errorf("Slack got %+v", first)
	}
	vm.Execute("cont", "")
	second := slack.wait(t, "its end", 2)[1]
	if second.Method != "chat.update" || second.TS != "1773496923.000000" || second.Channel != "C0ALERTS" {
		t.Errorf("the end is %+v, want an edit of the message", second)
	}
	for _, want := range []string{"resolved: mail1 is paused", "Resolved after ", "an event ended it"} {
		if !strings.Contains(second.Text+second.Body, want) {
			t.Errorf("the end lacks %q: %+v", want, second)
		}
	}
	stop()
	all := slack.list()
	if len(all) != 3 || all[2].Method != "chat.postMessage" || all[2].Thread != "1773496923.000000" {
		t.Errorf("%d calls of Slack, want the message, its edit and the end in its thread: %+v", len(all), all)
	}
}

// TestKilledAndQuit: a QEMU that is killed is told, and that it is back; one
// that quits is not.
func TestKilledAndQuit(t *testing.T) {
	t.Parallel()
	h, hook, test := newHost(t), newHook(t), newHook(t)
	h.pack()
	h.write("rules/sentinel.yml", sentinel)
	h.receivers("  - name: ops\n" + hook.yaml() + "  - name: test\n" + test.yaml())
	quits, dies := h.start(qemutest.Plain("web1")), h.start(qemutest.Plain("web2"))
	stop := h.watch()
	h.connected("web1", 1)
	h.connected("web2", 1)

	quits.Quit()
	test.wait(t, "the end of web1", 1)
	dies.Kill()
	test.wait(t, "the end of web2", 2)
	d := hook.wait(t, "an alert", 1)[0]
	if d.brief() != "firing QEMUGone web2 1" || d.CommonAnnotations["summary"] != "web2 is gone without a shutdown" {
		t.Errorf("told %s: %v", d.brief(), d.CommonAnnotations)
	}
	h.start(qemutest.Plain("web2"))
	d = hook.wait(t, "its end", 2)[1]
	if d.brief() != "resolved QEMUGone web2 1" {
		t.Errorf("told %s, want that web2 is back", d.brief())
	}
	stop()
	if all := hook.list(); len(all) != 2 {
		t.Errorf("%d webhooks: %+v", len(all), all)
	}
}

// TestStartedAgainAfterKill: what was wrong in a QEMU that was killed is not
// wrong in the one that runs in its place.
func TestStartedAgainAfterKill(t *testing.T) {
	t.Parallel()
	h, hook := newHost(t), newHook(t)
	h.pack()
	h.receivers("  - name: ops\n" + hook.yaml())
	vm := h.start(qemutest.IOErrorStop("mail1"))
	stop := h.watch()
	h.connected("mail1", 1)
	vm.Execute("cont", "")
	hook.wait(t, "the paused VM", 1)
	vm.Kill()
	hook.wait(t, "the killed VM", 2)
	h.start(qemutest.Plain("mail1"))
	hook.wait(t, "the new VM", 4)
	stop()
	told := make(map[string]int)
	for _, d := range hook.list() {
		told[d.brief()+" "+d.Alerts[0].QMPAlert.Reason]++
	}
	want := map[string]int{
		"firing PausedOnIOError mail1 1 match": 1, "resolved PausedOnIOError mail1 1 vm gone": 1,
		"firing QEMUGone mail1 1 match": 1, "resolved QEMUGone mail1 1 vm gone": 1,
	}
	if !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// TestHealthy: a VM that lives a normal life under all rules of the pack tells
// nobody.
func TestHealthy(t *testing.T) {
	t.Parallel()
	h, hook, test := newHost(t), newHook(t), newHook(t)
	h.pack()
	h.write("rules/sentinel.yml", sentinel)
	h.receivers("  - name: ops\n" + hook.yaml() + "  - name: test\n" + test.yaml())
	stop := h.watch()
	vm := h.start(qemutest.Quorum("db2", false))
	h.connected("db2", 1)
	vm.HMP(qemutest.ReadQuorum(0))
	vm.Execute("cont", "")
	vm.WaitEvent("RESUME", 1)
	vm.Execute("stop", "") // a snapshot, say
	vm.Execute("cont", "")
	vm.Execute("system_reset", "")
	vm.WaitEvent("RESET", 1)
	vm.Execute("system_powerdown", "")
	vm.Quit()
	test.wait(t, "the end of db2", 1)
	stop()
	if all := hook.list(); len(all) != 0 {
		t.Errorf("told %+v", all)
	}
	if n := h.log.count("alert firing"); n != 1 {
		t.Errorf("%d alerts, want none but the sentinel", n)
	}
}
