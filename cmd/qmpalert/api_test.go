package main

import (
	"context"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/qmpalert/qmpalert/internal/telemetry"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

var updateScripts = flag.Bool("update", false, "rewrite what the scripts of testdata/api expect")

// serveFake serves a backend on a real port until stop is called.
func serveFake(b web.Backend, token string, metrics http.Handler) (address string, stop func(), err error) {
	o := web.Options{
		Backend: b, Metrics: metrics, Now: func() int64 { return webtest.Begin }, Log: slog.New(slog.DiscardHandler),
	}
	if token != "" {
		o.Token = func() (string, error) { return token, nil }
	}
	l, err := web.Listen(context.Background(), "127.0.0.1:0", token != "")
	if err != nil {
		return "", nil, err
	}
	s, ended := web.New(o), make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Serve(l); err != nil {
			panic(err)
		}
	}()
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			panic(err)
		}
		<-ended
	}
	return "http://" + l.Addr().String(), stop, nil
}

// TestAPIScript runs the verbs that ask a daemon, against one that is not there
// behind the real API on a real port.
func TestAPIScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/api",
		RequireExplicitExec: true,
		UpdateScripts:       *updateScripts,
		Setup: func(env *testscript.Env) error {
			for name, token := range map[string]string{"API": "", "GUARDED": "s3cret"} {
				address, stop, err := serveFake(webtest.Busy(), token, nil)
				if err != nil {
					return err
				}
				env.Defer(stop)
				env.Setenv(name, address)
				env.Setenv(name+"_PORT", address[strings.LastIndex(address, ":")+1:])
			}
			env.Setenv("HOSTILE", webtest.Evil)
			fake := webtest.Busy()
			env.Setenv("FIRING", fake.Stories[0].Alert.ID.String())
			env.Setenv("RESOLVED", fake.Stories[1].Alert.ID.String())
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "harmless": harmless, "fill": fill},
	})
}

// harmless says that what the last command printed cannot do anything to a
// terminal.
func harmless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: harmless")
	}
	for _, name := range []string{"stdout", "stderr"} {
		text := ts.ReadFile(name)
		// Another judgement than that of the program: C0, C1, zero width, bidi.
		bad := func(r rune) bool {
			return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x206f
		}
		if i := strings.IndexFunc(text, bad); i >= 0 {
			ts.Fatalf("%s has %q", name, text[i:min(len(text), i+20)])
		}
	}
}

// fill replaces $NAME in a file by the variable of that name.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fill FILE")
	}
	name := ts.MkAbs(args[0])
	ts.Check(os.WriteFile(name, []byte(os.Expand(ts.ReadFile(name), ts.Getenv)), 0o600))
}

// TestAPIDocs runs the commands of docs/api.md against a daemon that is not
// there: each has to succeed, and print what stands below it.
func TestAPIDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	fake := webtest.Busy()
	address, stop, err := serveFake(fake, "", telemetry.New("1.2.3", "abc").Handler())
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := 0
	for _, b := range regexp.MustCompile("(?ms)^```console\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		command, want, _ := strings.Cut(strings.TrimPrefix(b[1], "$ "), "\n")
		for strings.HasSuffix(command, `\`) {
			var more string
			more, want, _ = strings.Cut(want, "\n")
			command = strings.TrimSuffix(command, `\`) + more
		}
		if strings.Contains(command, "/api/v1/events") {
			continue // it does not end; the tests of the stream read it
		}
		command = strings.ReplaceAll(command, "http://127.0.0.1:9595", address)
		cmd := exec.CommandContext(t.Context(), "sh", "-c", command)
		cmd.Dir = dir
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("%s: %v\n%s%s", command, err, out, stderr.String())
			continue
		}
		run++
		for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
			if line != "" && line != "…" && !strings.Contains(string(out), strings.TrimSuffix(line, "…")) {
				t.Errorf("%s\nprints %s\nwithout %s", command, out, line)
			}
		}
	}
	if run < 8 {
		t.Errorf("only %d commands in docs/api.md", run)
	}
}
