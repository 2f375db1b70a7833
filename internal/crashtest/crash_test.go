package crashtest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	kills = flag.Int("kills", 20, "how often the daemon is killed")
	seed  = flag.Uint64("seed", 0, "what is drawn; 0 for something new, which is printed")
)

const ruleText = `
groups:
  - name: crash
    rules:
      - {alert: Paused, event: STOP, resolve: RESUME}
      - {alert: Stuck, event: STOP, for: 700ms, resolve: RESUME}
      - {alert: Worn, event: BLOCK_JOB_ERROR, by: [device], count: 3, within: 1h}
`

// points are those of daemon.Options.Crash.
var points = []string{"logged", "decided", "committed", "handed on", "saving", "checkpoint"}

const configText = `
host: kvm07
sources: [{file: %s/in.ndjson}]
rule_files: [rules.yml]
storage: {path: state}
web: {listen: '%s'}
route:
  receiver: each
  group_by: ['...']
  group_wait: 0s
  routes:
    - {matchers: ['alertname=~".+"'], receiver: each, continue: true}
    - {matchers: ['alertname=~".+"'], receiver: chat, continue: true}
    - {matchers: ['alertname=~".+"'], receiver: host, group_by: [host], group_wait: 20ms, group_interval: 1s}
receivers:
  - {name: each, webhook_configs: [{url: '%[3]s/each'}]}
  - {name: host, webhook_configs: [{url: '%[3]s/host'}]}
  - name: chat
    webhook_configs:
      - url: '%[3]s/chat'
        body: {kind: '{{ kind }}', alerts: '{{ alerts }}', digest: '{{ digest }}'}
`

// patience ends a test that hangs; nothing is measured by it.
const patience = time.Minute

// TestKilledAtAnyMoment is the promise: what was decided arrives, once as people
// see it.
func TestKilledAtAnyMoment(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("-seed %d", *seed)
	rng := rand.New(rand.NewPCG(*seed, 1))
	r := newReceivers(t, rand.New(rand.NewPCG(*seed, 2)))
	d := newDaemon(t, r)
	f := &feed{t: t, path: filepath.Join(d.dir, "in.ndjson"), rng: rng}

	died := map[string]int{}
	for i := range *kills {
		how := "any moment"
		switch i % 3 {
		case 0:
			p := points[rng.IntN(len(points))]
			d.start(fmt.Sprintf("%s:%d", p, 1+rng.IntN(8)))
			how = p
		case 1:
			d.start("")
			how = "while told"
			r.killAtNext(d.kill)
		default:
			d.start("")
		}
		if d.live(f, time.Duration(50+rng.IntN(500))*time.Millisecond) && i%3 < 2 {
			how = "any moment" // it did not come there
		}
		d.kill()
		d.wait()
		died[how]++
	}
	r.heal()
	d.start("")
	d.settle()
	d.stop()
	for _, how := range slices.Sorted(keys(died)) {
		t.Logf("killed %d times: %s", died[how], how)
	}

	changes, events := decided(t, filepath.Join(d.dir, "state"))
	if diff := cmp.Diff(f.lines, events); diff != "" {
		t.Errorf("events of the file in the journal (-want +got):\n%s", diff)
	}
	each(t, "each", changes, r.of("each"))
	each(t, "chat", changes, r.of("chat"))
	grouped(t, "host", changes, r.of("host"))
	for _, name := range []string{"each", "chat", "host"} {
		t.Logf("%s: %d messages came again", name, r.repeats(t, name))
	}
	t.Logf("%d events, %d changes", len(events), len(changes))
	if t.Failed() {
		t.Logf("the daemon's log:\n%s", d.log.String())
	}
}

func keys(m map[string]int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// daemonProcess is the child, again and again.
type daemonProcess struct {
	t    *testing.T
	dir  string
	web  string
	calm time.Duration // longer than every deadline of the rules and routes
	full bool          // the disk takes nothing from the start
	log  record
	cmd  *exec.Cmd
	over chan error
}

// record is what the daemon logs; it may be read while it does.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

func newDaemon(t *testing.T, r *receivers) *daemonProcess {
	d := &daemonProcess{t: t, dir: t.TempDir(), web: freePort(t), calm: 4 * time.Second}
	for name, text := range map[string]string{
		"rules.yml":    ruleText,
		"qmpalert.yml": fmt.Sprintf(configText, d.dir, d.web, r.URL),
	} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		d.kill()
		d.wait()
	})
	return d
}

func freePort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (d *daemonProcess) start(crash string) {
	d.cmd = exec.Command(os.Args[0])
	d.cmd.Env = append(os.Environ(), configEnv+"="+filepath.Join(d.dir, "qmpalert.yml"), crashEnv+"="+crash)
	if d.full {
		d.cmd.Env = append(d.cmd.Env, fullEnv+"=yes")
	}
	d.cmd.Stderr = &d.log
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	d.over = make(chan error, 1)
	go func(cmd *exec.Cmd, over chan<- error) { over <- cmd.Wait() }(d.cmd, d.over)
}

// live lets events come while the daemon runs, for a time or until it is dead;
// true: it still runs.
func (d *daemonProcess) live(f *feed, span time.Duration) bool {
	end := time.After(span)
	tick := time.NewTicker(15 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-end:
			return true
		case err := <-d.over:
			d.over <- err
			if code := d.cmd.ProcessState.ExitCode(); code != -1 {
				d.t.Fatalf("the daemon ended by itself with %d:\n%s", code, d.log.String())
			}
			return false
		case <-tick.C:
			f.some()
		}
	}
}

func (d *daemonProcess) kill() {
	if d.cmd != nil {
		_ = d.cmd.Process.Kill() // it may be dead
	}
}

func (d *daemonProcess) wait() {
	if d.cmd != nil {
		<-d.over
		d.cmd = nil
	}
}

// stop ends the daemon as an operator does.
func (d *daemonProcess) stop() {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		d.t.Fatal(err)
	}
	if err := <-d.over; err != nil {
		d.t.Fatalf("the daemon did not end well: %v\n%s", err, d.log.String())
	}
	d.cmd = nil
}

// settle returns when nothing waits any more and nothing happened for a while.
func (d *daemonProcess) settle() {
	var before string
	since := time.Now()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		<-tick.C
		now, waiting := d.status()
		switch {
		case now != before:
			before, since = now, time.Now()
		case waiting && time.Since(since) > patience:
			d.t.Fatalf("nothing happens, but something waits: %s\n%s", now, d.log.String())
		case !waiting && time.Since(since) > d.calm:
			return
		}
	}
}

// status is how far the daemon is, and whether something waits.
func (d *daemonProcess) status() (picture string, waiting bool) {
	answer, err := http.Get("http://" + d.web + "/api/v1/status")
	if err != nil {
		return err.Error(), true
	}
	defer answer.Body.Close()
	var s struct {
		Storage struct{ Position uint64 }
		Events  struct{ Pending uint64 }
		Outbox  []struct{ Queued int }
	}
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		return err.Error(), true
	}
	for _, o := range s.Outbox {
		waiting = waiting || o.Queued > 0
	}
	return fmt.Sprintf("%+v", s), waiting || s.Events.Pending > 0
}
