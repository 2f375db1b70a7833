package qmp_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

// pipe connects a client to a script in a bubble where time is virtual.
func pipe(t *testing.T, opt qmp.ClientOptions, script func(*qemutest.Conn)) (*qmp.Client, error) {
	t.Helper()
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		script(qemutest.NewConn(t, far, 1))
	}()
	t.Cleanup(func() { far.Close() })
	c, err := qmp.NewClient(t.Context(), near, opt)
	if err == nil {
		t.Cleanup(func() { c.Close() })
	}
	return c, err
}

// after lets virtual time pass, which takes none, or ends with the test: there
// is no time after that.
func after(t *testing.T, d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.Context().Done():
	}
}

func TestClientGreetingDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := pipe(t, qmp.ClientOptions{}, (*qemutest.Conn).Hold)
		if took := time.Since(began); !errors.Is(err, qmp.ErrBusy) || took != 2*time.Second {
			t.Errorf("a monitor that never greets: %v after %v, want %v after 2s", err, took, qmp.ErrBusy)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, err := pipe(t, qmp.ClientOptions{}, func(c *qemutest.Conn) {
			after(t, 1999*time.Millisecond)
			c.Negotiate()
			c.Hold()
		})
		if err != nil {
			t.Errorf("a late greeting: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		_, err := pipe(t, qmp.ClientOptions{}, func(c *qemutest.Conn) {
			c.Send(event("STOP"))
			c.Hold()
		})
		if !errors.Is(err, qmp.ErrNotQMP) {
			t.Errorf("events without greeting: %v, want %v", err, qmp.ErrNotQMP)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, err := pipe(t, qmp.ClientOptions{}, func(c *qemutest.Conn) {
			c.Send(qemutest.Greeting)
			c.Hold()
		})
		if took := time.Since(began); !errors.Is(err, qmp.ErrNoAnswer) || took != 10*time.Second {
			t.Errorf("no answer to capabilities: %v after %v, want %v after 10s", err, took, qmp.ErrNoAnswer)
		}
	})
}

func TestClientCommandDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := newNames()
		c, err := pipe(t, qmp.ClientOptions{OnEvent: got.add}, func(c *qemutest.Conn) {
			c.Negotiate()
			cmd := c.Expect("query-block")
			c.Send(event("STOP")) // instead of an answer
			after(t, 11*time.Second)
			c.Return(cmd, `"late"`)
			c.Return(c.Expect("query-status"), `"in time"`)
			c.Hold()
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Query(t.Context(), qmp.QueryBlock); !errors.Is(err, qmp.ErrNoAnswer) {
			t.Errorf("query-block: %v, want %v", err, qmp.ErrNoAnswer)
		}
		if value, err := c.Query(t.Context(), qmp.QueryStatus); err != nil || string(value) != `"in time"` {
			t.Errorf("query-status after a late answer = %s, %v", value, err)
		}
		if s := c.Stats(); s.Unmatched != 1 || s.Events != 1 {
			t.Errorf("stats %+v, want the late answer counted and the event delivered", s)
		}
		stop := errors.New("stop")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		if _, err := c.Query(ctx, qmp.QueryJobs); !errors.Is(err, stop) {
			t.Errorf("cancelled query: %v, want %v", err, stop)
		}
	})
}

// A monitor that does not read must not hold the one who asks for ever, and a
// half-written command ends the connection.
func TestClientWriteDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, err := pipe(t, qmp.ClientOptions{}, func(c *qemutest.Conn) {
			c.Negotiate()
			<-t.Context().Done()
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = c.Query(t.Context(), qmp.QueryStatus)
		if took := time.Since(began); err == nil || took != 10*time.Second {
			t.Errorf("query to a monitor that does not read: %v after %v, want an error after 10s", err, took)
		}
		<-c.Done()
	})
}

// QEMU 7.2 over TLS looks at a command only when a further record arrives.
func TestClientWritesTheNewlineSeparately(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := pipe(t, qmp.ClientOptions{}, func(c *qemutest.Conn) {
			c.Send(qemutest.Greeting)
			buf := make([]byte, 1000)
			n, _ := c.Read(buf) // net.Pipe never joins two writes
			if !strings.HasPrefix(string(buf[:n]), `{"execute":"qmp_capabilities"`) || buf[n-1] != '}' {
				t.Errorf("first write %q, want the command without newline", buf[:n])
			}
			if n, _ = c.Read(buf); string(buf[:n]) != "\n" {
				t.Errorf("second write %q, want the newline", buf[:n])
			}
			c.Send(`{"return": {}, "id": 1}`)
			c.Hold()
		})
		if err != nil {
			t.Error(err)
		}
	})
}

func TestClientLeavesAMonitorThatFloods(t *testing.T) {
	big := `{"event": "X", "data": {"text": "` + strings.Repeat("x", 2000) + `"}}` + "\n"
	flood := func(t *testing.T, pause time.Duration) func(*qemutest.Conn) {
		return func(c *qemutest.Conn) {
			c.Negotiate()
			for range 3 {
				c.Send(big + event("STOP"))
				after(t, pause)
			}
			c.Send(event("SHUTDOWN"))
			after(t, time.Second)
		}
	}
	opt := qmp.ClientOptions{MaxEvent: 1000, MaxReply: 1000}
	synctest.Test(t, func(t *testing.T) {
		got := newNames()
		opt.OnEvent = got.add
		c, err := pipe(t, opt, flood(t, 29*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		<-c.Done()
		if !errors.Is(c.Err(), qmp.ErrOversized) || !strings.Contains(c.Err().Error(), "1000 bytes") {
			t.Errorf("three oversized values in a minute: %v, want %v and the limit", c.Err(), qmp.ErrOversized)
		}
		if s := c.Stats(); s.Oversized != 3 || s.Events != 2 {
			t.Errorf("stats %+v, want 3 oversized values and the 2 events between", s)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		got := newNames()
		opt.OnEvent = got.add
		c, err := pipe(t, opt, flood(t, 30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		<-c.Done()
		if s := c.Stats(); errors.Is(c.Err(), qmp.ErrOversized) || s.Oversized != 3 || s.Events != 4 {
			t.Errorf("three oversized values in more than a minute: %v, stats %+v, want all 4 events", c.Err(), s)
		}
	})
}
