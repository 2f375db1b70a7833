package qmp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

// names collects what OnEvent gets.
type names struct {
	mu   sync.Mutex
	list []string
	more chan struct{} // one token when something came
}

func newNames() *names { return &names{more: make(chan struct{}, 1)} }

func (n *names) add(ev *qmp.Event) {
	n.mu.Lock()
	n.list = append(n.list, strings.Clone(ev.Name))
	n.mu.Unlock()
	select {
	case n.more <- struct{}{}:
	default:
	}
}

func (n *names) get() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.list)
}

// wait waits until there are count events.
func (n *names) wait(t *testing.T, c *qmp.Client, count int) []string {
	t.Helper()
	for {
		if list := n.get(); len(list) >= count {
			return list
		}
		select {
		case <-n.more:
		case <-c.Done():
			if list := n.get(); len(list) >= count {
				return list
			}
			t.Fatalf("the connection ended (%v) after events %q, want %d", c.Err(), n.get(), count)
		}
	}
}

func event(name string) string {
	return `{"timestamp": {"seconds": 1700000000, "microseconds": 5}, "event": "` + name + `"}` + "\r\n"
}

func dial(t *testing.T, f *qemutest.Fake, opt qmp.ClientOptions) (*qmp.Client, error) {
	t.Helper()
	c, err := qmp.Dial(t.Context(), f.Network, f.Addr, opt)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// scripts are monitors that work, one way or another. Each is asked
// query-status once and must deliver all events in order.
var scripts = []struct {
	name   string
	script func(*qemutest.Conn)
	answer string
	events []string
	stats  qmp.ClientStats
}{
	{"plain", func(c *qemutest.Conn) {
		c.Negotiate()
		c.Return(c.Expect("query-status"), `{"status": "running"}`)
		c.Send(event("STOP"))
	}, `{"status": "running"}`, []string{"STOP"},
		qmp.ClientStats{Events: 1, Answers: 2, Other: 1}},

	{"events before, between and after", func(c *qemutest.Conn) {
		c.Send(event("RESET"))
		c.Send(qemutest.Greeting + event("STOP"))
		cmd := c.Expect("qmp_capabilities")
		c.Send(event("RESUME"))
		c.Return(cmd, "{}")
		cmd = c.Expect("query-status")
		c.Send(event("SUSPEND") + event("WAKEUP"))
		c.Return(cmd, "1")
		c.Send(event("POWERDOWN"))
	}, "1", []string{"RESET", "STOP", "RESUME", "SUSPEND", "WAKEUP", "POWERDOWN"},
		qmp.ClientStats{Events: 6, Answers: 2, Other: 1}},

	{"one byte at a time", func(c *qemutest.Conn) {
		c.SendBytewise(qemutest.Greeting)
		cmd := c.Expect("qmp_capabilities")
		c.SendBytewise(`{"return": {}, "id": ` + string(cmd.ID) + "}\r\n" + event("STOP"))
		cmd = c.Expect("query-status")
		c.SendBytewise(`{"id": ` + string(cmd.ID) + `, "return": {"a": [1, "\u0041"]}}` + event("RESUME"))
	}, `{"a": [1, "\u0041"]}`, []string{"STOP", "RESUME"},
		qmp.ClientStats{Events: 2, Answers: 2, Other: 1}},

	{"all in one write", func(c *qemutest.Conn) {
		c.Negotiate()
		id := string(c.Expect("query-status").ID)
		c.Send(event("STOP") + `{"return": 7, "id": ` + id + `}` + event("RESUME") + event("SHUTDOWN"))
	}, "7", []string{"STOP", "RESUME", "SHUTDOWN"},
		qmp.ClientStats{Events: 3, Answers: 2, Other: 1}},

	{"pretty", func(c *qemutest.Conn) {
		c.Send("{\r\n    \"QMP\": {\r\n        \"version\": {}\r\n    }\r\n}\r\n")
		c.Return(c.Expect("qmp_capabilities"), "{\r\n    }")
		cmd := c.Expect("query-status")
		c.Send("{\r\n    \"timestamp\": {\r\n        \"seconds\": 1,\r\n        \"microseconds\": 2\r\n    },\r\n    \"event\": \"STOP\"\r\n}\r\n")
		c.Return(cmd, "{\r\n        \"status\": \"paused\"\r\n    }")
	}, "{\r\n        \"status\": \"paused\"\r\n    }", []string{"STOP"},
		qmp.ClientStats{Events: 1, Answers: 2, Other: 1}},

	{"answers that nobody asked for", func(c *qemutest.Conn) {
		c.Negotiate()
		cmd := c.Expect("query-status")
		c.Send(`{"return": "no id"}` + `{"return": "unknown", "id": 4711}` + `{"return": "a string", "id": "` + string(cmd.ID) + `"}` +
			`{"error": {"class": "GenericError", "desc": "JSON parse error"}}` + `{"return": "huge", "id": 99999999999999999999}`)
		c.Return(cmd, `"mine"`)
		c.Return(cmd, `"mine again"`)
		c.Send(event("STOP"))
	}, `"mine"`, []string{"STOP"},
		qmp.ClientStats{Events: 1, Answers: 2, Unmatched: 6, Other: 1}},

	{"garbage between", func(c *qemutest.Conn) {
		c.Negotiate()
		cmd := c.Expect("query-status")
		c.Send("\x00\xff\xfe}}}\r\n" + event("STOP") + "{\"event\": \"RES\r\n" + event("RESUME") + "[1, 2]\r\n{\"x\": 1}\r\n")
		c.Return(cmd, "true")
		c.Send(event("SHUTDOWN"))
	}, "true", []string{"STOP", "RESUME", "SHUTDOWN"},
		qmp.ClientStats{Events: 3, Answers: 2, Other: 3, Damaged: 2}},

	{"cut in the middle of a value", func(c *qemutest.Conn) {
		c.Negotiate()
		c.Return(c.Expect("query-status"), "0")
		c.Send(event("STOP") + `{"timestamp": {"seconds": 17`)
	}, "0", []string{"STOP"},
		qmp.ClientStats{Events: 1, Answers: 2, Other: 1, Damaged: 1}},
}

func TestClientDeliversEverything(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		for _, tt := range scripts {
			t.Run(network+"/"+tt.name, func(t *testing.T) {
				defer goleak.VerifyNone(t)
				// The far end leaves only when the answer was taken: an answer
				// that comes before its question is nobody's.
				answered := make(chan struct{})
				script := func(c *qemutest.Conn) {
					tt.script(c)
					<-answered
				}
				var f *qemutest.Fake
				if network == "tcp" {
					f = qemutest.ListenTCP(t, script)
				} else {
					f = qemutest.ListenUnix(t, "q.sock", script)
				}
				defer f.Close()
				got := newNames()
				c, err := dial(t, f, qmp.ClientOptions{OnEvent: got.add})
				if err != nil {
					close(answered)
					t.Fatal(err)
				}
				value, err := c.Query(t.Context(), qmp.QueryStatus)
				close(answered)
				if err != nil || string(value) != tt.answer {
					t.Errorf("query-status = %s, %v, want %s", value, err, tt.answer)
				}
				<-c.Done()
				if !errors.Is(c.Err(), io.EOF) {
					t.Errorf("the connection ended with %v, want io.EOF", c.Err())
				}
				if list := got.get(); !slices.Equal(list, tt.events) {
					t.Errorf("events %q, want %q", list, tt.events)
				}
				if s := c.Stats(); s != tt.stats {
					t.Errorf("stats %+v, want %+v", s, tt.stats)
				}
			})
		}
	}
}

func TestClientRefusesWhatIsNotQMP(t *testing.T) {
	for name, first := range map[string]string{
		"another protocol":   "SSH-2.0-OpenSSH_9.2p1\r\n",
		"binary":             "\x16\x03\x01\x02\x00\x01\x00",
		"JSON, not greeting": `{"hello": "world"}`,
		"an array":           `[{"QMP": {}}]`,
		"an answer":          `{"return": {}}`,
		"an endless string":  `{"QMP": "` + strings.Repeat("a", 10000) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			defer goleak.VerifyNone(t)
			f := qemutest.ListenUnix(t, "q.sock", func(c *qemutest.Conn) {
				c.Send(first)
				c.Hold()
			})
			defer f.Close()
			_, err := dial(t, f, qmp.ClientOptions{MaxEvent: 1000, MaxReply: 1000})
			if !errors.Is(err, qmp.ErrNotQMP) {
				t.Errorf("Dial = %v, want %v", err, qmp.ErrNotQMP)
			}
		})
	}
}

func TestClientKeepsWhatQEMUSays(t *testing.T) {
	defer goleak.VerifyNone(t)
	f := qemutest.ListenUnix(t, "q.sock", func(c *qemutest.Conn) {
		c.Negotiate()
		c.Refuse(c.Expect("query-spice"), "CommandNotFound", "The command query-spice has not been found")
		c.Hold()
	})
	defer f.Close()
	c, err := dial(t, f, qmp.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if v := c.Version().String(); v != "7.2.22 (Debian 1:7.2)" {
		t.Errorf("version %q", v)
	}
	_, err = c.Query(t.Context(), qmp.QuerySPICE)
	var refusal *qmp.Error
	if !errors.As(err, &refusal) || *refusal != (qmp.Error{Class: "CommandNotFound", Desc: "The command query-spice has not been found"}) {
		t.Errorf("query-spice: %v, want the class and description of the refusal", err)
	}
	c.Close()
	if _, err := c.Query(t.Context(), qmp.QueryStatus); !errors.Is(err, net.ErrClosed) {
		t.Errorf("query after Close: %v, want %v", err, net.ErrClosed)
	}
}

func TestClientRefusedCapabilities(t *testing.T) {
	defer goleak.VerifyNone(t)
	f := qemutest.ListenUnix(t, "q.sock", func(c *qemutest.Conn) {
		c.Send(qemutest.Greeting)
		c.Refuse(c.Expect("qmp_capabilities"), "GenericError", "no")
		c.Hold()
	})
	defer f.Close()
	var refusal *qmp.Error
	if _, err := dial(t, f, qmp.ClientOptions{}); !errors.As(err, &refusal) {
		t.Errorf("Dial = %v, want the refusal", err)
	}
}

func TestClientCancelled(t *testing.T) {
	defer goleak.VerifyNone(t)
	f := qemutest.ListenUnix(t, "q.sock", func(c *qemutest.Conn) { c.Hold() })
	defer f.Close()
	stop := errors.New("stop")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	if _, err := qmp.Dial(ctx, f.Network, f.Addr, qmp.ClientOptions{}); err == nil {
		t.Error("Dial with a cancelled context succeeded")
	}
}

func TestOnlyKnownQueriesExist(t *testing.T) {
	for _, q := range qmp.Queries() {
		if !strings.HasPrefix(q.String(), "query-") {
			t.Errorf("Query %d sends %q, which is not a query", q, q)
		}
		if back, ok := qmp.ParseQuery(q.String()); !ok || back != q {
			t.Errorf("ParseQuery(%q) = %v, %v", q, back, ok)
		}
	}
	for _, name := range []string{"", "quit", "system_reset", "query-rx-filter", "query-name\n", "QUERY-NAME"} {
		if q, ok := qmp.ParseQuery(name); ok {
			t.Errorf("ParseQuery(%q) = %v, want none", name, q)
		}
	}
	near, far := net.Pipe()
	defer far.Close()
	go func() {
		c := qemutest.NewConn(t, far, 1)
		c.Negotiate()
		c.Hold()
	}()
	c, err := qmp.NewClient(t.Context(), near, qmp.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, q := range []qmp.Query{0, 255} {
		if _, err := c.Query(t.Context(), q); err == nil {
			t.Errorf("Query(%d) was sent", q)
		}
	}
}
