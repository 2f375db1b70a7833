package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

// start runs the program until the test ends and returns the lines it prints on
// stdout and stderr, and what stops it: that returns its exit code.
func start(t *testing.T, args ...string) (out, log *bufio.Scanner, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	outR, outW := io.Pipe()
	logR, logW := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, args, stdio{strings.NewReader(""), outW, logW})
		outW.Close()
		logW.Close()
	}()
	stop = func() int {
		cancel()
		go io.Copy(io.Discard, outR)
		go io.Copy(io.Discard, logR)
		c := <-code
		code <- c // for the second call
		return c
	}
	t.Cleanup(func() { stop() })
	return bufio.NewScanner(outR), bufio.NewScanner(logR), stop
}

// expect reads lines until one has the text.
func expect(t *testing.T, in *bufio.Scanner, text string) string {
	t.Helper()
	var seen []string
	watchdog := time.AfterFunc(time.Minute, func() { panic("no line with " + text + " for a minute") })
	defer watchdog.Stop()
	for in.Scan() {
		if strings.Contains(in.Text(), text) {
			return in.Text()
		}
		seen = append(seen, in.Text())
	}
	t.Fatalf("the output ended without %q:\n%s", text, strings.Join(seen, "\n"))
	return ""
}

// drain lets a program that logs go on.
func drain(in *bufio.Scanner) {
	go func() {
		for in.Scan() {
		}
	}()
}

// TestRecord reads two VMs of real QEMUs and prints what they say as records
// that can be read again.
func TestRecord(t *testing.T) {
	a := qemutest.Start(t, qemutest.Plain("db1"))
	b := qemutest.Start(t, qemutest.Plain("db2"))
	out, log, stop := start(t, "record", "--host", "kvm07", "--source", "qmp:"+a.Socket, "--source", b.Socket)
	drain(log)
	connected := map[string]bool{}
	for len(connected) < 2 {
		ev := parse(t, expect(t, out, "QMPALERT_CONNECTED"))
		connected[ev.VM.Name] = true
	}
	a.Quit()
	ev := parse(t, expect(t, out, "SHUTDOWN"))
	if ev.Host != "kvm07" || ev.VM.Name != "db1" || ev.Source != "qmp:"+a.Socket || ev.Received == qmp.NoTime || ev.Seq < 3 {
		t.Errorf("the record is %+v", ev)
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d after the end was asked for", code)
	}
}

func parse(t *testing.T, line string) *event.Event {
	t.Helper()
	ev, err := event.Parse([]byte(line))
	if err != nil {
		t.Fatalf("%v in %q", err, line)
	}
	return ev
}

// TestRun watches a real QEMU without a configuration's receivers: alerts come
// to stdout. The end by a signal is a good one.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	vm := qemutest.Start(t, qemutest.Plain("db1"))
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rules := write("rules.yml", "groups:\n  - name: g\n    rules:\n      - alert: Ended\n        event: SHUTDOWN\n")
	hooks := make(chan string, 10)
	config := write("qmpalert.yml", "sources: [{qmp: '"+vm.Socket+"'}]\nrule_files: [rules.yml]\n"+
		"receivers: [{name: ops, webhook_configs: [{url: '"+hookServer(t, hooks)+"'}]}]\n")
	out, log, stop := start(t, "run", "--config", config, "--rules", rules)
	drain(out)
	expect(t, log, "connected")
	drain(log)
	vm.Quit()
	select {
	case body := <-hooks:
		if !strings.Contains(body, `"alertname":"Ended"`) || !strings.Contains(body, `"vm":"db1"`) {
			t.Errorf("the webhook got %s", body)
		}
	case <-time.After(time.Minute):
		t.Error("the webhook was not called for a minute")
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d after the end was asked for", code)
	}
}

// hookServer is a webhook receiver that passes on what it gets.
func hookServer(t *testing.T, bodies chan<- string) (url string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("the webhook: %v", err)
		}
		select {
		case bodies <- string(body):
		default:
			t.Error("the webhook was called too often")
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}
