package webhook

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// patience is a safety net: it ends a test that hangs.
const patience = time.Minute

// TestRealReceiver sends the life of an alert to a program that was written for
// Alertmanager's webhooks, and reads what it makes of it: the relay to IRC.
func TestRealReceiver(t *testing.T) {
	t.Parallel() // IRC is slow: the relay must not flood it
	path, err := exec.LookPath("alertmanager-irc-relay")
	if err != nil {
		t.Fatal("this test needs a real receiver of webhooks: apt-get install alertmanager-irc-relay")
	}
	said := ircServer(t)
	hook := startRelay(t, path, said.port)
	n, err := New(Config{URL: secret(hook + "/oncall")}, clock)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	digest := notifiertest.Firing()
	digest.ID, digest.Kind, digest.Alerts, digest.Carries = "digest", notifiers.KindDigest, nil, []string{"a", "b"}
	for _, note := range []notifiers.Notification{digest, notifiertest.Firing(), notifiertest.Resolved()} {
		if err := send(t, n, note); err != nil {
			t.Fatalf("%s: %v", note.ID, err)
		}
	}
	const line = "PRIVMSG #oncall :QuorumChildFailing db1 (critical) since 14:02: db1: quorum child c answered badly 14 times, fingerprint 4f0c5e82ffcf4dbf, https://qmpalert.example.org: "
	for _, want := range []string{line + "firing", line + "resolved"} {
		select {
		case got := <-said.lines:
			if got != want {
				t.Errorf("the relay says\n%s, want\n%s", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("the relay does not say %s", want)
		}
	}
}

// send tries until the relay listens.
func send(t *testing.T, n *Notifier, note notifiers.Notification) error {
	for end := time.Now().Add(patience); ; {
		_, err := n.Notify(t.Context(), note, "")
		if err == nil || !strings.Contains(err.Error(), "refused") || time.Now().After(end) {
			return err
		}
		<-time.After(20 * time.Millisecond)
	}
}

// startRelay starts the relay, which ends with the test, and returns where it
// listens.
func startRelay(t *testing.T, path, ircPort string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	config := filepath.Join(t.TempDir(), "relay.yml")
	text := fmt.Sprintf(`
http_host: %s
http_port: %s
irc_host: 127.0.0.1
irc_port: %s
irc_use_ssl: no
irc_nickname: bot
irc_channels: [{name: "#oncall"}]
use_privmsg: yes
msg_template: '{{ .Labels.alertname }} {{ .Labels.vm }} ({{ .Labels.severity }}) since {{ .StartsAt.Format "15:04" }}: {{ .Annotations.summary }}, fingerprint {{ .Fingerprint }}, {{ .GeneratorURL }}: {{ .Status }}'
`, host, port, ircPort)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(path, "--config", config)
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return "http://" + net.JoinHostPort(host, port)
}

// irc is as much of an IRC server as the relay needs.
type irc struct {
	port  string
	lines chan string // what was said in channels
}

func ircServer(t *testing.T) *irc {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	s := &irc{port: port, lines: make(chan string, 100)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.serve(conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return s
}

// serve speaks with one client until it hangs up.
func (s *irc) serve(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewScanner(conn)
	for in.Scan() {
		verb, rest, _ := strings.Cut(in.Text(), " ")
		switch verb {
		case "USER":
			fmt.Fprint(conn, ":irc 001 bot :Welcome\r\n")
		case "PING":
			fmt.Fprintf(conn, ":irc PONG irc %s\r\n", rest)
		case "JOIN":
			fmt.Fprintf(conn, ":bot!bot@irc JOIN %s\r\n", rest)
		case "PRIVMSG":
			if strings.HasPrefix(rest, "#") {
				s.lines <- in.Text()
			}
		}
	}
}
