package crashtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

const restartConfig = `
host: kvm07
sources: [{file: %s/in.ndjson}]
rule_files: [rules.yml]
storage: {path: state}
web: {listen: '%s'}
route: {receiver: ops, group_by: ['...'], group_wait: 0s}
receivers:
  - name: ops
%s`

// restartable is a daemon with one receiver and a file to write events to.
type restartable struct {
	*daemonProcess
	t *testing.T
}

func newRestartable(t *testing.T, receiver, rules string) *restartable {
	d := &daemonProcess{t: t, dir: t.TempDir(), web: freePort(t), calm: time.Second}
	for name, text := range map[string]string{
		"rules.yml":    rules,
		"qmpalert.yml": fmt.Sprintf(restartConfig, d.dir, d.web, receiver),
		"in.ndjson":    "",
	} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		d.kill()
		d.wait()
	})
	d.start("")
	return &restartable{d, t}
}

// event lets an event happen now and returns when it is in the journal.
func (r *restartable) event(event, vm, data string) {
	r.t.Helper()
	before := r.position()
	now := time.Now().UnixMicro()
	f := feed{t: r.t, path: filepath.Join(r.dir, "in.ndjson")}
	f.append(fmt.Sprintf(`{"timestamp":{"seconds":%d,"microseconds":%d},"event":"%s"%s,"vm":"%s"}`+"\n", now/1e6, now%1e6, event, data, vm))
	r.until("the event is in the journal", func() bool { return r.position() > before })
}

func (r *restartable) position() (n uint64) {
	r.until("the daemon answers", func() bool {
		answer, err := http.Get("http://" + r.web + "/api/v1/status")
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		var s struct{ Storage struct{ Position uint64 } }
		err = json.NewDecoder(answer.Body).Decode(&s)
		n = s.Storage.Position
		return err == nil
	})
	return n
}

func (r *restartable) until(what string, true func() bool) {
	r.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !true(); {
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("waited in vain until %s:\n%s", what, r.log.String())
		}
	}
}

// again kills the daemon and starts it.
func (r *restartable) again() {
	r.kill()
	r.wait()
	r.start("")
}

// inbox is a webhook that fails at nothing. What comes again, with the id and
// the body that it had, is no news to it.
type inbox struct {
	*httptest.Server
	mu  sync.Mutex
	ids map[string]string // bodies
	got []string          // "firing Worn 3 vm", in order
}

func newInbox(t *testing.T) *inbox {
	b := &inbox{ids: map[string]string{}}
	b.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var m struct {
			Alerts []struct {
				Status   string
				Labels   map[string]string
				QMPAlert struct {
					Count              int
					ActiveAt, StartsAt time.Time
				}
			}
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the daemon was killed while it sent
		}
		if err := json.Unmarshal(body, &m); err != nil {
			t.Errorf("no JSON: %v", err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		id := r.Header.Get("Idempotency-Key")
		if before, again := b.ids[id]; again {
			if before != string(body) {
				t.Errorf("%s came again with another body:\n%s\n%s", id, before, body)
			}
			return
		}
		b.ids[id] = string(body)
		for _, a := range m.Alerts {
			b.got = append(b.got, fmt.Sprintf("%s %s %s count=%d after=%v", a.Status, a.Labels["alertname"], a.Labels["vm"],
				a.QMPAlert.Count, a.QMPAlert.StartsAt.Sub(a.QMPAlert.ActiveAt)))
		}
	}))
	t.Cleanup(b.Close)
	return b
}

func (b *inbox) list() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.got)
}

// TestWindowsAndTimersSurvive: a window that is two of three full before a kill
// -9 fires with the third event after it; an alert that is pending fires when it
// would have; what fires goes on firing. Nothing is told twice.
func TestWindowsAndTimersSurvive(t *testing.T) {
	t.Parallel()
	hook := newInbox(t)
	r := newRestartable(t, "    webhook_configs: [{url: '"+hook.URL+"'}]\n", `
groups:
  - name: g
    rules:
      - {alert: Worn, event: BLOCK_JOB_ERROR, by: [device], count: 3, within: 1h}
      - {alert: Stuck, event: STOP, for: 2s, resolve: RESUME}
      - {alert: Paused, event: STOP, resolve: RESUME}
`)
	failed := `,"data":{"device":"d","operation":"write","action":"stop"}`
	r.event("BLOCK_JOB_ERROR", "db1", failed)
	r.event("BLOCK_JOB_ERROR", "db1", failed)
	r.event("STOP", "db2", "")
	r.until("the first alert is told", func() bool { return len(hook.list()) == 1 })
	r.delivered()
	r.again()
	r.event("BLOCK_JOB_ERROR", "db1", failed)
	r.until("all is told", func() bool { return len(hook.list()) >= 3 })
	r.delivered()
	r.again()
	r.event("RESUME", "db2", "")
	r.until("the end is told", func() bool { return len(hook.list()) >= 5 })
	r.settle()
	r.stop()
	got := hook.list()
	slices.Sort(got)
	want := []string{
		"firing Paused db2 count=1 after=0s", "firing Stuck db2 count=1 after=2s", "firing Worn db1 count=3 after=0s",
		"resolved Paused db2 count=1 after=0s", "resolved Stuck db2 count=1 after=2s",
	}
	if !slices.Equal(got, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// slowSlack is a Slack that is away, and later takes one message a second and
// five at once, as Slack does.
type slowSlack struct {
	*httptest.Server
	mu     sync.Mutex
	away   bool
	calls  []time.Time
	text   strings.Builder // of all messages
	sooner int             // calls that came too soon
}

func newSlowSlack(t *testing.T) *slowSlack {
	s := &slowSlack{away: true}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *slowSlack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.away:
		cut(w)
	case strings.HasSuffix(r.URL.Path, "auth.test"):
		fmt.Fprint(w, `{"ok":true}`)
	default:
		s.text.Write(text)
		s.calls = append(s.calls, time.Now())
		s.limit()
		fmt.Fprintf(w, `{"ok":true,"channel":"C0ALERTS","ts":"1773496923.%06d"}`, len(s.calls))
	}
}

// limit counts a call that is more than five ahead of one a second, with the
// tenth of a second that clocks and networks may take.
func (s *slowSlack) limit() {
	const burst, slack = 5, 100 * time.Millisecond
	if n := len(s.calls); n > burst && s.calls[n-1].Sub(s.calls[n-1-burst]) < time.Second-slack {
		s.sooner++
	}
}

// TestBacklog: a receiver is away while 1,000 alerts are decided, and the daemon
// is restarted; when the receiver is back, all of them arrive.
func TestBacklog(t *testing.T) {
	t.Parallel()
	const alerts = 1000
	slack := newSlowSlack(t)
	r := newRestartable(t, "    slack_configs: [{channel: '#alerts', token: xoxb-1-test, api_url: '"+slack.URL+"/'}]\n", `
groups:
  - name: g
    rules:
      - {alert: Crashed, event: GUEST_PANICKED, keep_firing_for: 1h, annotations: {summary: "{{ vm.name }} panicked"}}
`)
	f := feed{t: t, path: filepath.Join(r.dir, "in.ndjson")}
	var lines strings.Builder
	now := time.Now().UnixMicro()
	for i := range alerts {
		fmt.Fprintf(&lines, `{"timestamp":{"seconds":%d,"microseconds":%d},"event":"GUEST_PANICKED","data":{"action":"pause"},"vm":"vm-%04d"}`+"\n",
			now/1e6, now%1e6, i)
	}
	f.append(lines.String())
	r.until("all is decided", func() bool { return r.position() >= alerts })
	r.again()
	r.until("the daemon runs", func() bool { return r.position() >= alerts })

	slack.mu.Lock()
	slack.away = false
	slack.mu.Unlock()
	r.settle()
	r.stop()
	slack.mu.Lock()
	defer slack.mu.Unlock()
	all := slack.text.String()
	missing := 0
	for i := range alerts {
		if !strings.Contains(all, fmt.Sprintf("vm-%04d", i)) {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d of %d alerts are in no message", missing, alerts)
	}
	if slack.sooner > 0 {
		t.Errorf("%d of %d calls came too soon", slack.sooner, len(slack.calls))
	}
	t.Logf("%d alerts in %d calls within %v", alerts, len(slack.calls), slack.calls[len(slack.calls)-1].Sub(slack.calls[0]).Round(time.Second))
}
