package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/internal/web"
)

const explainRules = `groups:
  - name: jobs
    rules:
      - alert: JobErrors
        event: BLOCK_JOB_ERROR
        by: [device]
        count: 3
        within: 5m
        labels: {severity: critical}
        annotations: {summary: '{{ vm.name }}: {{ device }} fails'}
        inhibits: [Asleep]
      - {alert: Asleep, event: SUSPEND, resolve: WAKEUP}
      - alert: PausedByHand
        event: STOP
        resolve: RESUME
        confirm: {query: query-status, expr: 'status == "paused"'}
`

const explainRoute = `route:
  receiver: ops
  group_by: [host, alertname]
  group_wait: 0s
  routes:
    - {matchers: ['severity="critical"'], receiver: pager, continue: true}
    - {matchers: ['severity="info"'], receiver: pager}
    - {receiver: ops, escalate: {after: 1h, receiver: pager}}
receivers:
`

// TestExplainAlert lets people ask the daemon with the program about alerts to
// which everything happened that can happen; testdata/explained.golden is what
// they read.
func TestExplainAlert(t *testing.T) {
	t.Parallel()
	ops, pager := newHook(t), newHook(t)
	s := newSite(t, explainRules, explainRoute+"  - name: ops\n"+ops.yaml()+"  - name: pager\n"+pager.yaml())
	vm := s.start(qemutest.Plain("web1"))
	s.run()
	s.connected("web1", 1)
	ops.fails.Store(1)
	pager.refuses.Store(true)
	read := &transcript{site: s}

	// Three errors in five minutes: ops is down at first, the pager takes nothing.
	for range 3 {
		s.happens(occurs("BLOCK_JOB_ERROR", "db1", `{"device":"drive0","operation":"write","action":"stop"}`))
	}
	ops.wait(t, "the alert", 1)
	s.log.said(t, 1, "receiver=ops", "msg=delivered")
	s.log.said(t, 1, "receiver=pager", "rejected")
	jobs := s.alert("JobErrors", "db1", "fires", firing)
	id := jobs.ID.String()
	read.ask("alert", "dead")
	pager.refuses.Store(false)
	read.ask("alert", "dead", "--resend")
	pager.wait(t, "what was dead", 1)
	s.log.said(t, 1, "receiver=pager", "msg=delivered")
	read.ask("alert", "ack", id, "--author", "eve", "--comment", "the pool is full")

	// It hides this one, and somebody hides it.
	s.happens(occurs("SUSPEND", "db1", ""))
	asleep := s.alert("Asleep", "db1", "hidden", func(a *web.Alert) bool { return firing(a) && len(a.Muted) > 0 })
	read.ask("silence", "add", "vm=db1", "JobErrors", "--duration", "2h", "--author", "eve", "--comment", "new disk")
	s.alert("JobErrors", "db1", "silenced", func(a *web.Alert) bool { return len(a.Muted) > 0 })
	read.ask("silence", "ls")

	// This one asks its VM.
	stopped(vm)
	paused := s.alert("PausedByHand", "web1", "fires", firing)
	ops.wait(t, "the paused VM", 2)
	s.log.said(t, 2, "receiver=ops", "msg=delivered")

	read.ask("alert", "ls")
	read.ask("alert", "show", id)
	read.ask("explain", "alert", id)
	read.ask("explain", "alert", asleep.ID.String())
	read.ask("explain", "alert", paused.ID.String())
	read.ask("explain", "route", "alertname=JobErrors", "severity=critical", "host=kvm07", "vm=db1")

	silences, err := s.api.Silences(t.Context())
	s.must(err)
	read.ask("silence", "expire", silences[0].ID)
	read.ask("silence", "ls")

	vm.Execute("cont", "")
	ops.wait(t, "its end", 3)
	s.alert("PausedByHand", "web1", "is over", func(a *web.Alert) bool { return a.Status == "resolved" })
	s.log.said(t, 3, "receiver=ops", "msg=delivered")
	read.ask("explain", "alert", paused.ID.String())
	read.same("testdata/explained.golden")
}

func firing(a *web.Alert) bool { return a.Status == "firing" }

// transcript is what somebody types and reads.
type transcript struct {
	*site
	text strings.Builder
}

func (r *transcript) ask(args ...string) {
	r.t.Helper()
	r.text.WriteString("$ qmpalert " + strings.Join(args, " ") + "\n" + r.site.ask(args...) + "\n")
}

// chance is what is different each time.
var chance = []struct {
	what *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?`), "TIME"},
	{regexp.MustCompile(`\b[0-9a-f]{16}-[0-9a-f]+\b`), "ALERT"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "MESSAGE"},
	{regexp.MustCompile(`\b[0-9a-f]{16}\b`), "SILENCE"},
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "ADDRESS"},
	{regexp.MustCompile(`in \d+ ms`), "in SOME ms"},
}

func (r *transcript) same(golden string) {
	r.t.Helper()
	got := strings.ReplaceAll(r.text.String(), r.dir, "DIR")
	for _, c := range chance {
		got = c.what.ReplaceAllString(got, c.name)
	}
	if *update {
		r.must(os.MkdirAll(filepath.Dir(golden), 0o755))
		r.must(os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	r.must(err)
	if d := cmp.Diff(string(want), got); d != "" {
		r.t.Errorf("people read something else; -update writes it down (-want +got):\n%s", d)
	}
}
