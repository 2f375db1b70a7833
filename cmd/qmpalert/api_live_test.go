package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

// TestAPILive has the real daemon decide, and people ask it, acknowledge,
// silence and reload: what the API answers is as its description says.
func TestAPILive(t *testing.T) {
	d := newLive(t)
	d.event("STOP", "db1")
	d.message(`"alertname":"Paused"`)

	alerts := d.alerts("Paused")
	if len(alerts) != 1 || alerts[0].Labels["vm"] != "db1" {
		t.Fatalf("%+v", alerts)
	}
	id := alerts[0].ID.String()
	d.verb(0, "alert", "ack", id, "--author", "eve", "--comment", "mine")
	d.until("acknowledged by eve", "alert", "ls")
	d.until("accepted", "explain", "alert", id)
	story := d.verb(0, "explain", "alert", id)
	for _, want := range []string{"rule g / Paused", "FIRING  (match), 1 match", "STOP  db1", "acknowledged  by eve: mine", "firing to ops / webhook: delivered", "tells ops"} {
		if !strings.Contains(story, want) {
			t.Errorf("no %q in\n%s", want, story)
		}
	}

	silence := strings.TrimSpace(d.verb(0, "silence", "add", "vm=db2", "--comment", "new disk"))
	d.event("STOP", "db2")
	d.until("hidden by silence "+silence, "alert", "ls", "vm=db2")
	d.verb(0, "silence", "expire", silence)
	d.message(`"vm":"db2"`)

	d.write("rules.yml", liveRules+"      - {alert: Another, event: WATCHDOG}\n")
	if out := d.verb(0, "reload"); !strings.Contains(out, "2 rules") {
		t.Errorf("reload: %s", out)
	}
	d.write("rules.yml", "nonsense")
	d.verb(2, "reload")

	doc := webtest.Describe(t)
	for _, path := range []string{"status", "sources", "rules", "alerts", "alerts?state=all", "alerts/" + id, "silences", "dead-letters", "explain/route?label=vm%3Ddb1", "openapi.json"} {
		if code, text := doc.Check(t, d.url, "s3cret", "GET", "/api/v1/"+path, ""); code != 200 {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
	if code, text := doc.Check(t, d.url, "s3cret", "GET", "/metrics", ""); code != 200 ||
		!strings.Contains(text, `qmpalert_notifications_delivered_total{endpoint="webhook",receiver="ops"}`) ||
		!strings.Contains(text, `qmpalert_alerts{status="firing"} 2`) {
		t.Errorf("metrics: %d %s", code, text)
	}
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		if code, text := doc.Check(t, d.url, "", "GET", path, ""); code != 200 {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
	if code, _ := doc.Check(t, d.url, "", "GET", "/api/v1/status", ""); code != 401 {
		t.Errorf("without a token: %d", code)
	}
	if code := d.stop(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	d.verb(exitUnreachable, "alert", "ls")
}

const liveRules = "groups:\n  - name: g\n    rules:\n      - {alert: Paused, event: STOP, resolve: RESUME}\n"

// live is a daemon that follows a recording.
type live struct {
	t     *testing.T
	dir   string
	url   string
	hooks chan string
	stop  func() int
}

func newLive(t *testing.T) *live {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close() // for the daemon
	d := &live{t: t, dir: t.TempDir(), url: "http://" + address, hooks: make(chan string, 100)}
	d.write("rules.yml", liveRules)
	d.write("token", "s3cret\n")
	d.write("in.ndjson", "")
	d.write("qmpalert.yml", "host: kvm07\nsources: [{file: in.ndjson}]\nrule_files: [rules.yml]\n"+
		"route: {receiver: ops, group_wait: 0s, group_interval: 1s}\nweb: {listen: '"+address+"', token_file: token}\nstorage: {path: state}\n"+
		"receivers: [{name: ops, webhook_configs: [{url: '"+hookServer(t, d.hooks)+"'}]}]\n")
	out, log, stop := start(t, "run", "--config", d.path("qmpalert.yml"))
	d.stop = stop
	drain(out)
	expect(t, log, "listening")
	drain(log)
	return d
}

func (d *live) path(name string) string { return filepath.Join(d.dir, name) }

func (d *live) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

// event appends to the recording.
func (d *live) event(name, vm string) {
	d.t.Helper()
	f, err := os.OpenFile(d.path("in.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	now := time.Now().UnixMicro()
	if _, err := fmt.Fprintf(f, `{"timestamp":{"seconds":%d,"microseconds":%d},"event":%q,"vm":%q}`+"\n", now/1e6, now%1e6, name, vm); err != nil {
		d.t.Fatal(err)
	}
}

// message waits for one that has the text.
func (d *live) message(text string) {
	d.t.Helper()
	for end := time.After(time.Minute); ; {
		select {
		case body := <-d.hooks:
			if strings.Contains(body, text) {
				return
			}
		case <-end:
			d.t.Fatalf("no message with %s for a minute", text)
		}
	}
}

// verb runs one against the daemon and returns what it printed.
func (d *live) verb(want int, args ...string) string {
	d.t.Helper()
	stdout, stderr, code := qmpalert(d.t, d.t.Context(), append(args, "--config", d.path("qmpalert.yml"))...)
	if code != want {
		d.t.Errorf("%q: exit code %d, want %d\n%s%s", args, code, want, stdout, stderr)
	}
	return stdout
}

// until runs a verb until it prints a text: what was asked for shows a moment
// later.
func (d *live) until(text string, args ...string) {
	d.t.Helper()
	var out string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if out = d.verb(0, args...); strings.Contains(out, text) {
			return
		}
	}
	d.t.Fatalf("%q did not print %q for a minute, but\n%s", args, text, out)
}

// alerts lists those of a name.
func (d *live) alerts(name string) (all []web.Alert) {
	d.t.Helper()
	dec := json.NewDecoder(strings.NewReader(d.verb(0, "alert", "ls", name, "-o", "json")))
	for dec.More() {
		var a web.Alert
		if err := dec.Decode(&a); err != nil {
			d.t.Fatal(err)
		}
		all = append(all, a)
	}
	return all
}
