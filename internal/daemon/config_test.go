package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
)

// hook is a webhook receiver that keeps what it was told.
func hook(t *testing.T) (url string, told *lines) {
	t.Helper()
	told = newLines()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(told, r.Body)
	}))
	t.Cleanup(s.Close)
	return s.URL, told
}

// machine is a fake QEMU on a socket; events sent on it are stamped.
func machine(t *testing.T, name string) (path string, send func(event string)) {
	t.Helper()
	events := make(chan string)
	fake := qemutest.ListenUnix(t, name+".qmp", func(c *qemutest.Conn) {
		c.Send(qemutest.Greeting)
		c.Negotiate()
		c.Identify(name, "")
		for gone := c.Gone(); ; {
			select {
			case text := <-events:
				c.Send(text)
			case <-gone:
				return
			}
		}
	})
	t.Cleanup(fake.Close)
	return fake.Addr, func(event string) {
		t.Helper()
		now := time.Now().UnixMicro()
		select {
		case events <- fmt.Sprintf(`{"timestamp": {"seconds": %d, "microseconds": %d}, "event": %q}`+"\r\n", now/1e6, now%1e6, event):
		case <-time.After(patience):
			t.Fatalf("nobody reads %s", name)
		}
	}
}

// TestConfigurationReloads changes sources and receivers of a daemon that
// runs: what stayed the same goes on, what is broken changes nothing.
func TestConfigurationReloads(t *testing.T) {
	one, sendOne := machine(t, "one")
	two, sendTwo := machine(t, "two")
	oldURL, oldTold := hook(t)
	newURL, newTold := hook(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "qmpalert.yml")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	config := func(url string, sockets ...string) string {
		y := "host: h1\nrule_files: [rules.yml]\nroute: {receiver: ops}\nreceivers:\n- name: ops\n  webhook_configs: [{url: '" + url + "'}]\nsources:\n"
		for _, s := range sockets {
			y += "- qmp: " + s + "\n"
		}
		return y
	}
	write("rules.yml", "groups: [{name: g, rules: [{alert: Stopped, event: STOP, resolve: RESUME}]}]")
	write("qmpalert.yml", config(oldURL, one))

	log := newLines()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, Options{ConfigFile: file, Log: slog.New(slog.NewTextHandler(log, nil))})
	}()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	log.wait(t, `msg="monitor connected"`, 1)
	sendOne("STOP")
	oldTold.wait(t, `"status":"firing"`, 1)

	write("qmpalert.yml", strings.Replace(config(newURL, two), "receiver: ops", "receiver: opps", 1))
	log.wait(t, `msg="reload refused"`, 1)
	sendOne("RESUME")
	oldTold.wait(t, `"status":"resolved"`, 1)
	sendOne("STOP")
	oldTold.wait(t, `"startsAt"`, 3)

	write("qmpalert.yml", config(newURL, one, two))
	log.wait(t, `msg="monitor connected"`, 2)
	sendTwo("STOP")
	newTold.wait(t, `"vm":"two"`, 1)
	sendOne("RESUME") // its monitor was never left, its alert goes on at the new address
	newTold.wait(t, `"vm":"one"`, 1)

	write("qmpalert.yml", config(newURL, two))
	log.wait(t, `msg="source removed"`, 1)
	if n := log.count(`msg="monitor connected"`); n != 2 {
		t.Errorf("%d connections, want 2: a source that stayed was started again", n)
	}
	if oldTold.count(`"vm":"two"`) > 0 {
		t.Error("the old address was told after it was replaced")
	}
}

// Rules and configuration that cannot be used do not start, and say all that
// is wrong.
func TestInvalidAtStart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "qmpalert.yml")
	for name, text := range map[string]string{
		"qmpalert.yml": "rule_files: [a.yml]\nroute: {receiver: ops}\nreceivers: [{name: ops}]\n",
		"a.yml":        "groups: [{name: g, rules: [{alert: A, event: STOPP, receiver: oops}]}]",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	err := Run(t.Context(), Options{ConfigFile: file, Log: slog.New(slog.DiscardHandler)})
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("got %v", err)
	}
	if text := fmt.Sprint(invalid.Findings); !strings.Contains(text, "STOPP") || !strings.Contains(text, "oops") {
		t.Errorf("not all that is wrong: %s", text)
	}
}

// The name of the configuration is that of one file: a directory or a glob is
// told as what it is, and its files are not read.
func TestConfigurationThatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"empty/note.txt", "full/a.yml", "x1.yml"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("host: h\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{
		"empty": "is a directory", "full": "is a directory", "x*.yml": "no such file", "y*.yml": "no such file",
	} {
		err := Run(t.Context(), Options{ConfigFile: filepath.Join(dir, name), Log: slog.New(slog.DiscardHandler)})
		var invalid *InvalidError
		if !errors.As(err, &invalid) {
			t.Errorf("%s: got %v", name, err)
		} else if text := fmt.Sprint(invalid.Findings); len(invalid.Findings) != 1 || !strings.Contains(text, want) {
			t.Errorf("%s: got %s", name, text)
		}
	}
}
