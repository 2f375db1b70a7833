package alertmanager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// patience is a safety net, not a measure.
const patience = time.Minute

// server is a real Alertmanager, and the webhook that it notifies.
type server struct {
	t    *testing.T
	addr string // http://127.0.0.1:port
	log  *bytes.Buffer

	mu   sync.Mutex
	told []told
}

// told is a message of the Alertmanager to its webhook.
type told struct {
	Status string `json:"status"`
	Alerts []struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
		StartsAt    time.Time         `json:"startsAt"`
		EndsAt      time.Time         `json:"endsAt"`
	} `json:"alerts"`
}

// start runs an Alertmanager in a directory of its own until the test ends.
func start(t *testing.T) *server {
	t.Helper()
	path, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		t.Fatal("this test needs a real Alertmanager: apt-get install prometheus-alertmanager")
	}
	s := &server{t: t, log: new(bytes.Buffer)}
	hook := httptest.NewServer(http.HandlerFunc(s.hook))
	t.Cleanup(hook.Close)
	dir := t.TempDir()
	config := fmt.Sprintf(`
route: {receiver: hook, group_by: [...], group_wait: 1ms, group_interval: 50ms, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: %q, send_resolved: true}]}]
`, hook.URL)
	if err := os.WriteFile(filepath.Join(dir, "alertmanager.yml"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := l.Addr().String()
	l.Close()
	s.addr = "http://" + listen
	cmd := exec.Command(path, "--config.file="+filepath.Join(dir, "alertmanager.yml"), "--storage.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+listen, "--cluster.listen-address=")
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Log(s.log.String())
		}
		http.DefaultClient.CloseIdleConnections()
	})
	await(t, "Alertmanager to be ready", func() bool {
		select {
		case <-ended:
			t.Fatal("Alertmanager ended")
		default:
		}
		resp, err := http.Get(s.addr + "/-/ready")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
	return s
}

func (s *server) hook(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var m told
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err != nil {
		s.t.Errorf("webhook: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = append(s.told, m)
}

// next waits for the n-th message to the webhook, counted from 1.
func (s *server) next(n int) told {
	s.t.Helper()
	var m told
	await(s.t, fmt.Sprintf("message %d of Alertmanager", n), func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.told) >= n {
			m = s.told[n-1]
		}
		return len(s.told) >= n
	})
	return m
}

// listed is an alert as GET /api/v2/alerts shows it.
type listed struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL"`
	Status       struct {
		State string `json:"state"`
	} `json:"status"`
}

// alerts are those that the Alertmanager holds for firing.
func (s *server) alerts() []listed {
	s.t.Helper()
	resp, err := http.Get(s.addr + "/api/v2/alerts")
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var out []listed
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

// await asks again and again until a condition holds.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
