package crashtest

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// receivers are three webhooks behind one server, which fail as they like.
type receivers struct {
	*httptest.Server
	t *testing.T

	mu      sync.Mutex
	rng     *rand.Rand
	faulty  bool
	kill    func() // not nil: call it while the next message is here
	arrived map[string][]message
}

// message is one that a receiver has read, whatever it answered.
type message struct {
	id, body string
	accepted bool // and the answer said so
	parsed   body
}

// body is what the three forms of a message have in common here.
type body struct {
	Kind   string  `json:"kind"`
	Alerts []told  `json:"alerts"`
	Digest []entry `json:"digest"`
}

type told struct {
	Fingerprint string `json:"fingerprint"`
	Status      string `json:"status"`
}

type entry struct {
	Status string            `json:"status"`
	Kind   string            `json:"kind"`
	Labels map[string]string `json:"labels"`
}

// fault is a way to fail; it returns whether the answer was 200.
type fault func(w http.ResponseWriter, r *http.Request) bool

var faults = []fault{
	status(500), status(503), status(408), status(429), status(425), status(302), status(404), status(401),
	func(w http.ResponseWriter, r *http.Request) bool { // come back soon
		w.Header().Set("Retry-After", "0")
		return status(429)(w, r)
	},
	func(w http.ResponseWriter, r *http.Request) bool { // the connection is cut, the message is here
		cut(w)
		return false
	},
	func(w http.ResponseWriter, r *http.Request) bool { // it hangs until the client has enough
		select {
		case <-r.Context().Done():
		case <-time.After(2 * time.Second):
		}
		return false
	},
	func(w http.ResponseWriter, _ *http.Request) bool { // an endless answer
		w.WriteHeader(500)
		big := make([]byte, 64<<10)
		for range 160 {
			if _, err := w.Write(big); err != nil {
				break
			}
		}
		return false
	},
	func(w http.ResponseWriter, _ *http.Request) bool { // half an answer
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(500)
		_, _ = w.Write([]byte("half"))
		cut(w)
		return false
	},
}

func status(code int) fault {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		if code == 302 {
			w.Header().Set("Location", "http://127.0.0.1:1/")
		}
		w.WriteHeader(code)
		return false
	}
}

// cut closes the connection as a crashed server does.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func newReceivers(t *testing.T, rng *rand.Rand) *receivers {
	r := &receivers{t: t, rng: rng, faulty: true, arrived: map[string][]message{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

// ServeHTTP reads a message, or does not even do that, and answers.
func (r *receivers) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	f, deaf, kill := r.decide()
	if deaf {
		cut(w)
		return
	}
	text, err := io.ReadAll(req.Body)
	if err != nil {
		return // the client died
	}
	if kill != nil {
		kill()
	}
	m := message{id: req.Header.Get("webhook-id"), body: string(text)}
	if err := json.Unmarshal(text, &m.parsed); err != nil {
		r.t.Errorf("%s got no JSON: %v\n%s", req.URL.Path, err, text)
	}
	name := req.URL.Path[1:]
	r.mu.Lock()
	at := len(r.arrived[name])
	r.arrived[name] = append(r.arrived[name], m)
	r.mu.Unlock()
	if f == nil {
		w.WriteHeader(http.StatusOK)
	} else if !f(w, req) {
		return
	}
	r.mu.Lock()
	r.arrived[name][at].accepted = true
	r.mu.Unlock()
}

// decide draws what becomes of a request.
func (r *receivers) decide() (f fault, deaf bool, kill func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	kill, r.kill = r.kill, nil
	if !r.faulty || r.rng.IntN(100) < 50 {
		return nil, false, kill
	}
	if r.rng.IntN(10) == 0 {
		return nil, true, kill
	}
	return faults[r.rng.IntN(len(faults))], false, kill
}

// heal ends all faults.
func (r *receivers) heal() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.faulty, r.kill = false, nil
}

// killAtNext lets kill happen while the next message is here.
func (r *receivers) killAtNext(kill func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kill = kill
}

// of returns what has arrived at a receiver, in order.
func (r *receivers) of(name string) []message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]message(nil), r.arrived[name]...)
}

// repeats checks that what has the same id is the same.
func (r *receivers) repeats(t *testing.T, name string) (again int) {
	first := map[string]string{}
	for _, m := range r.of(name) {
		before, seen := first[m.id]
		if !seen {
			first[m.id] = m.body
			continue
		}
		again++
		if before != m.body {
			t.Errorf("%s: message %s came again with another body:\n%s\n%s", name, m.id, before, m.body)
		}
	}
	return again
}

func (m message) String() string { return fmt.Sprintf("%s %.200s", m.id, m.body) }
