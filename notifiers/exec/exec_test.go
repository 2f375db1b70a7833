package exec

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// script is a notifier whose program is a shell with a script of the test. $1 is
// a directory for what it leaves.
func script(t *testing.T, text string) (*Notifier, string) {
	t.Helper()
	dir := t.TempDir()
	n, err := New(Config{Command: []string{"/bin/sh", "-c", text, "notify", dir}})
	if err != nil {
		t.Fatal(err)
	}
	return n, dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// class fails the test when err is not of a class, and returns its text.
func class(t *testing.T, err error, want notifiers.Class) string {
	t.Helper()
	var e *notifiers.Error
	if !errors.As(err, &e) || e.Class != want {
		t.Fatalf("error %v, want one of class %s", err, want)
	}
	return err.Error()
}

const password = "hunter2-hunter2"

func TestContract(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		// order is a script that the program runs instead of taking the message.
		n, dir := script(t, `if [ -e "$1/order" ]; then . "$1/order"; fi
			n=$(ls "$1" | wc -l); cat > "$1/$(printf %06d "$n")"`)
		n.cfg.Command = append(n.cfg.Command, password)
		order := func(text string) func() {
			return func() {
				if err := os.WriteFile(filepath.Join(dir, "order"), []byte(text), 0o600); err != nil {
					t.Error(err)
				}
			}
		}
		return &notifiertest.Harness{
			Notifier: n, Secrets: []string{password}, MaxSize: 12 << 20,
			Accepted: func() []notifiertest.Message {
				var out []notifiertest.Message
				names, err := filepath.Glob(dir + "/0*")
				if err != nil {
					t.Fatal(err)
				}
				for _, name := range names {
					raw := read(t, "", name)
					out = append(out, notifiertest.Message{Raw: raw, Text: raw})
				}
				return out
			},
			Hang: order("exec sleep 1000"),
			Harmless: func(t *testing.T, m notifiertest.Message) {
				if !json.Valid([]byte(m.Raw)) || strings.ContainsAny(m.Raw, "\x7f\u009b\u202e\u200b") {
					t.Errorf("%.500q", m.Raw)
				}
			},
			Answers: []notifiertest.Answer{
				{Name: "0", Arrange: order("exit 0"), OK: true},
				{Name: "0 with much to say", Arrange: order("head -c 10000000 /dev/zero; head -c 10000000 /dev/zero >&2; exit 0"), OK: true},
				{Name: "0 and closed pipes", Arrange: order("exec <&- >&- 2>&-; exit 0"), OK: true},
				{Name: "75", Arrange: order("exit 75"), Want: notifiers.Retry},
				{Name: "1", Arrange: order("echo 'no \033[31m' >&2; exit 1"), Want: notifiers.Rejected},
				{Name: "10 MB and 1", Arrange: order("yes | head -c 10000000; yes | head -c 10000000 >&2; exit 1"), Want: notifiers.Rejected},
				{Name: "255", Arrange: order("exit 255"), Want: notifiers.Rejected},
				{Name: "signal", Arrange: order("kill -SEGV $$"), Want: notifiers.Retry},
				{Name: "gone", Arrange: func() { n.path = "/nonexistent" }, Want: notifiers.Misconfigured},
				{Name: "not a program", Arrange: func() { n.path = "/etc/passwd" }, Want: notifiers.Misconfigured},
			},
		}
	})
}

func TestWhatItGets(t *testing.T) {
	t.Setenv("QMPALERT_TOKEN", password)
	t.Setenv("LANG", "")
	n, dir := script(t, `env > "$1/env"; pwd > "$1/pwd"; cat > "$1/stdin"; echo "$0" > "$1/name"`)
	note := notifiertest.Firing()
	note.Receiver = "ops\nPATH=/evil\x00\u202e"
	if _, err := n.Notify(t.Context(), note, ""); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range strings.Split(strings.TrimSpace(read(t, dir, "env")), "\n") {
		name, value, _ := strings.Cut(line, "=")
		if want := map[string]string{
			"QMPALERT_ID": note.ID, "QMPALERT_KIND": "firing", "QMPALERT_STATUS": "firing",
			"QMPALERT_RECEIVER": "ops PATH=/evil\uFFFD\uFFFD", "PATH": os.Getenv("PATH"), "LANG": "",
		}[name]; value != want && name != "PWD" && name != "_" && name != "SHLVL" && name != "OLDPWD" {
			t.Errorf("%s=%q, want %q", name, value, want)
		}
		names = append(names, name)
	}
	for _, name := range []string{"LANG", "PATH", "QMPALERT_ID", "QMPALERT_KIND", "QMPALERT_RECEIVER", "QMPALERT_STATUS"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is not set", name)
		}
	}
	if slices.Contains(names, "QMPALERT_TOKEN") || slices.Contains(names, "HOME") {
		t.Errorf("too much is set: %v", names)
	}
	if got := read(t, dir, "pwd"); got != "/\n" {
		t.Errorf("working directory %s", got)
	}
	var body struct{ Version, Status string }
	if err := json.Unmarshal([]byte(read(t, dir, "stdin")), &body); err != nil || body.Version != "4" || body.Status != "firing" {
		t.Errorf("%+v, %v", body, err)
	}
}

// TestWhatItSays: the beginning of what a program prints is in the error, and
// nothing in it acts on a terminal.
func TestWhatItSays(t *testing.T) {
	for text, want := range map[string]string{
		`echo out; echo "  why\033[31m not" >&2; exit 3`: "exec sh: exit status 3: why\uFFFD[31m not",
		`echo "only out"; exit 75`:                       "exec sh: exit status 75 (EX_TEMPFAIL): only out",
		`exit 1`:                                         "exec sh: exit status 1",
		`kill -KILL $$`:                                  "exec sh: was ended by a signal: killed",
	} {
		n, _ := script(t, text)
		_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
	n, _ := script(t, `yes é | head -c 10000 >&2; exit 1`)
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); len(err.Error()) > 600 {
		t.Errorf("%d bytes", len(err.Error()))
	}
}

// TestInputIsNotRead: a large message to a program that never reads.
func TestInputIsNotRead(t *testing.T) {
	n, _ := script(t, `exit 0`)
	if _, err := n.Notify(t.Context(), notifiertest.Big(100), ""); err != nil {
		t.Error(err)
	}
	n, _ = script(t, `echo busy >&2; exec sleep 1000`)
	n.cfg.Timeout = 100 * time.Millisecond
	_, err := n.Notify(t.Context(), notifiertest.Big(100), "")
	if text := class(t, err, notifiers.Retry); !strings.Contains(text, "did not end within 100ms and was killed") {
		t.Error(text)
	}
	n.cfg.Timeout = time.Hour
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = n.Notify(soon, notifiertest.Firing(), "")
	if text := class(t, err, notifiers.Retry); !strings.Contains(text, "ms and was killed") {
		t.Errorf("who calls has less time: %s", text)
	}
}

// TestEndOfTheGroup: everything of the process group ends, also what ignores
// SIGTERM and what runs in the background.
func TestEndOfTheGroup(t *testing.T) {
	for name, text := range map[string]string{
		"ends at SIGTERM":    `sleep 1000 & echo $! > "$1/child"; sleep 1000`,
		"ignores SIGTERM":    `trap '' TERM; sleep 1000 & echo $! > "$1/child"; sleep 1000; sleep 1000`,
		"catches and stays":  `trap : TERM; sleep 1000 & echo $! > "$1/child"; while :; do sleep 1000; done`,
		"leaves a child":     `sleep 1000 & echo $! > "$1/child"; exit 0`,
		"that has its pipes": `(trap '' TERM; sleep 1000) & echo $! > "$1/child"; exit 75`,
	} {
		t.Run(name, func(t *testing.T) {
			n, dir := script(t, text)
			n.grace = 100 * time.Millisecond
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			done := make(chan error, 1)
			go func() {
				_, err := n.Notify(ctx, notifiertest.Firing(), "")
				done <- err
			}()
			child := ""
			await(t, "the child to start", func() bool {
				text, _ := os.ReadFile(filepath.Join(dir, "child"))
				child = strings.TrimSpace(string(text))
				return strings.HasSuffix(string(text), "\n")
			})
			if !strings.Contains(text, "exit") {
				cancel()
			}
			err := <-done
			t.Log(err)
			if strings.HasSuffix(text, "exit 0") != (err == nil) {
				t.Errorf("%v", err)
			}
			gone(t, child)
			noChildren(t)
		})
	}
}

// TestEscaped: a process that left the group keeps our pipes; it does not keep
// us.
func TestEscaped(t *testing.T) {
	n, dir := script(t, `setsid sh -c 'echo $$ > "$1/child"; exec sleep 1000' x "$1" & while [ ! -s "$1/child" ]; do sleep 0.01; done; exit 0`)
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), ""); err != nil {
		t.Error(err)
	}
	noChildren(t)
	var pid int
	if err := json.Unmarshal([]byte(strings.TrimSpace(read(t, dir, "child"))), &pid); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Errorf("it was ended, against what doc.go says: %v", err)
	}
}

// TestStuck: what does not end when it is killed is reaped when it ends at last.
// Without any patience, every program is like that.
func TestStuck(t *testing.T) {
	n, _ := script(t, `exec sleep 1000`)
	n.cfg.Timeout, n.grace = 20*time.Millisecond, 0
	for range 10 {
		_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
		t.Log(class(t, err, notifiers.Retry))
	}
	// That the goroutines which reap are gone, goleak looks at the end.
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n, dir := script(t, `echo > "$1/ran"`)
	_, err := n.Notify(ctx, notifiertest.Firing(), "")
	class(t, err, notifiers.Retry)
	if _, err := os.Stat(filepath.Join(dir, "ran")); err == nil {
		t.Error("the program ran")
	}
}

// gone waits until a process is dead. Its parent may be slow to reap it.
func gone(t *testing.T, pid string) {
	t.Helper()
	await(t, "the end of process "+pid, func() bool {
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}

// await asks again and again until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for limit := time.Now().Add(time.Minute); !holds(); <-tick.C {
		if time.Now().After(limit) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func noChildren(t *testing.T) {
	t.Helper()
	if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); !errors.Is(err, syscall.ECHILD) {
		t.Errorf("a child is left: %d, %v", pid, err)
	}
}

func TestNewRefuses(t *testing.T) {
	for want, cfg := range map[string]Config{
		"names no program":  {},
		"relative path":     {Command: []string{"./notify"}},
		"not found":         {Command: []string{"qmpalert-has-no-such-program"}},
		"no such file":      {Command: []string{"/nonexistent/notify"}},
		"permission denied": {Command: []string{"/etc/passwd"}},
		"NUL":               {Command: []string{"sh", "a\x00b"}},
		"negative":          {Command: []string{"sh"}, Timeout: -1},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, want %q", err, want)
		}
	}
	n, err := New(Config{Command: []string{"sh"}})
	if err != nil || !filepath.IsAbs(n.path) || n.cfg.Timeout != DefaultTimeout {
		t.Errorf("%+v, %v", n, err)
	}
}
