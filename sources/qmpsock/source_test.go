package qmpsock_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

// Who an event is about is known from the connection, never from the event.
func TestIdentity(t *testing.T) {
	liar := `{"timestamp": {"seconds": 1, "microseconds": 0}, "event": "STOP", "vm": "liar", "host": "liar", "source": "liar", "received": "2001-01-01T00:00:00.000000Z", "seq": 7}` + "\r\n"
	for _, tt := range []struct {
		name, vmName string
		script       func(*qemutest.Conn)
		want, uuid   string
	}{
		{"query-name", "", func(c *qemutest.Conn) { hello(c, "db1") }, "db1", uuid},
		{"no name", "", func(c *qemutest.Conn) {
			c.Negotiate()
			c.Return(c.Expect("query-name"), "{}")
			c.Return(c.Expect("query-uuid"), `{"UUID": "00000000-0000-0000-0000-000000000000"}`)
		}, "file", ""},
		{"an empty name", "", func(c *qemutest.Conn) { hello(c, "") }, "file", uuid},
		{"a monitor without these commands", "", func(c *qemutest.Conn) {
			c.Negotiate()
			c.Refuse(c.Expect("query-name"), "CommandNotFound", "no")
			c.Refuse(c.Expect("query-uuid"), "CommandNotFound", "no")
		}, "file", ""},
		{"an answer of another shape", "", func(c *qemutest.Conn) {
			c.Negotiate()
			c.Return(c.Expect("query-name"), `[{"name": "x"}]`)
			c.Return(c.Expect("query-uuid"), `{"UUID": 5}`)
		}, "file", ""},
		{"vm_name", "vm-{{ file }}/{{file}}", func(c *qemutest.Conn) {
			c.Negotiate()
			c.Return(c.Expect("query-uuid"), `{"UUID": "`+uuid+`"}`)
		}, "vm-file/file", uuid},
		{"events before the answers", "", func(c *qemutest.Conn) {
			c.Negotiate()
			cmd := c.Expect("query-name")
			c.Send(liar)
			c.Return(cmd, `{"name": "db1"}`)
			c.Return(c.Expect("query-uuid"), `{"UUID": "`+uuid+`"}`)
		}, "db1", uuid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := qemutest.ListenUnix(t, "file.qmp", func(c *qemutest.Conn) {
				tt.script(c)
				c.Send(liar)
				c.Hold()
			})
			w := start(t, qmpsock.Config{Pattern: f.Addr, VMName: tt.vmName})
			w.expect(connected(tt.want, f.Addr))
			ev := w.next()
			if ev.Name != "STOP" || ev.VM.Name != tt.want || ev.VM.UUID != tt.uuid || ev.Host != "kvm07" || ev.Source != "qmp:"+f.Addr || ev.Seq != 0 {
				t.Errorf("event %+v, want STOP of %s %s on kvm07", ev, tt.want, tt.uuid)
			}
			if ev.Received < 1_800_000_000_000_000 {
				t.Errorf("received at %d, want the source's clock", ev.Received)
			}
		})
	}
}

// A monitor that dies while it is asked for its name: what it said before goes
// under the file's name; without a word there was no connection.
func TestLostBeforeTheName(t *testing.T) {
	f := qemutest.ListenUnix(t, "file.qmp", func(c *qemutest.Conn) {
		c.Negotiate()
		c.Expect("query-name")
		switch c.Number {
		case 1:
		case 2:
			c.Send(stamped("SHUTDOWN"))
		default:
			c.Hold()
		}
	})
	w := start(t, qmpsock.Config{Pattern: f.Addr, Linger: time.Millisecond})
	w.expect(connected("file", f.Addr), "file SHUTDOWN", disconnected("file", true, false, closed))
}

func TestReconnect(t *testing.T) {
	var now = clock()
	next := make(chan struct{})
	f := qemutest.ListenUnix(t, "db1.qmp", func(c *qemutest.Conn) {
		hello(c, map[bool]string{true: "db2", false: "db1"}[c.Number == 4])
		switch c.Number {
		case 1:
			c.Send(stamped("STOP"))
		case 2:
			c.Send(stamped("SHUTDOWN") + stamped("RESUME") + `{"event": "ST`)
		case 3:
			c.Send(strings.Repeat(`{"event": "`+strings.Repeat("x", 3000)+`"}`, 3))
			c.Hold()
		case 4:
			<-next
		default:
			c.Hold()
		}
	})
	w := start(t, qmpsock.Config{
		Pattern: f.Addr, Linger: time.Millisecond, Client: qmp.ClientOptions{MaxEvent: 1000, MaxReply: 1000},
		Now: func() int64 { return now() / 10 * 10 }, // seconds below are exact enough to print
	})
	gap := func() {
		t.Helper()
		ev := w.next()
		g, ok := ev.Data.(*qmp.QMPAlertGap)
		if !ok || g.Reason.V != "disconnected" || !g.Seconds.Set || g.Seconds.V < 0 || g.Dropped.Set {
			t.Fatalf("event %s %s, want a gap of some seconds", ev.Name, ev.Raw)
		}
	}
	w.expect(connected("db1", f.Addr), "db1 STOP", disconnected("db1", false, false, closed))
	w.expect(connected("db1", f.Addr))
	gap()
	w.expect("db1 SHUTDOWN", "db1 RESUME", disconnected("db1", true, false, closed))
	w.expect(connected("db1", f.Addr))
	gap()
	w.expect(disconnected("db1", false, false, "three values above the size limit within a minute: line 5: value is larger than 1000 bytes"))
	// Another VM on the same socket: the first one is gone, the new one has no gap.
	w.expect(left("db1", false), connected("db2", f.Addr))
	s := w.untilState(sources.Connected)
	if c := s.Counts; c.Received != 3 || c.Emitted != 3 || c.Dropped != 0 || c.Damaged != 1 || c.Oversized != 3 {
		t.Errorf("counts %+v, want 3 events, 1 damaged and 3 oversized values over all connections", c)
	}
	close(next)
	w.expect(disconnected("db2", false, false, closed))
}

// What a former process read is known: the gap since then is said, and a VM that
// is gone, or that cannot be watched, has a name.
func TestBefore(t *testing.T) {
	const until = 7
	former := func(source string) (string, int64, bool) { return "db1", until, strings.HasSuffix(source, ".qmp") }
	now := func() int64 { return until + 61e6 }
	serve := func(name string) func(*qemutest.Conn) {
		return func(c *qemutest.Conn) {
			hello(c, name)
			c.Hold()
		}
	}
	const gap = `db1 QMPALERT_GAP {"reason": "disconnected", "seconds": 61}`
	same := qemutest.ListenUnix(t, "a.qmp", serve("db1"))
	start(t, qmpsock.Config{Pattern: same.Addr, Now: now, Before: former}).expect(connected("db1", same.Addr), gap)

	other := qemutest.ListenUnix(t, "b.qmp", serve("db2"))
	start(t, qmpsock.Config{Pattern: other.Addr, Now: now, Before: former}).expect(left("db1", false), connected("db2", other.Addr))

	fresh := qemutest.ListenUnix(t, "c.sock", serve("db1"))
	w := start(t, qmpsock.Config{Pattern: fresh.Addr, Now: now, Before: former, Linger: time.Millisecond})
	w.expect(connected("db1", fresh.Addr))
	fresh.Die()
	w.expect(disconnected("db1", false, false, closed)) // and no gap came before it

	free := make(chan struct{})
	busy := qemutest.ListenUnix(t, "d.qmp", func(c *qemutest.Conn) {
		if c.Number == 1 {
			c.Hold() // no greeting
			return
		}
		<-free
		serve("db1")(c)
	})
	w = start(t, qmpsock.Config{Pattern: busy.Addr, Now: now, Before: former, Client: qmp.ClientOptions{GreetingTimeout: 50 * time.Millisecond}})
	w.expect(`db1 QMPALERT_BLIND {"reason": "another client holds this monitor; give QEMU a second -qmp for qmpalert"}`)
	close(free)
	w.expect(connected("db1", busy.Addr), gap)

	dead := qemutest.ListenUnix(t, "e.qmp", serve("db1"))
	dead.Die()
	w = start(t, qmpsock.Config{Pattern: dead.Addr, Now: now, Before: former})
	w.until("nobody listens", func(s sources.Status) bool { return s.Reason == "nobody listens" })
	if err := os.Remove(dead.Addr); err != nil {
		t.Fatal(err)
	}
	w.expect(left("db1", false))
}

// Somebody else takes the monitor of a VM that was watched: that is an event,
// once, until it is back.
func TestBlind(t *testing.T) {
	free := make(chan struct{})
	f := qemutest.ListenUnix(t, "db1.qmp", func(c *qemutest.Conn) {
		switch {
		case c.Number == 1:
			hello(c, "db1")
		case c.Number < 4:
			c.Hold() // no greeting
		default:
			<-free
			hello(c, "db1")
			c.Hold()
		}
	})
	w := start(t, qmpsock.Config{
		Pattern: f.Addr, Linger: time.Millisecond, RetryMax: time.Millisecond,
		Client: qmp.ClientOptions{GreetingTimeout: 50 * time.Millisecond},
	})
	w.expect(connected("db1", f.Addr), disconnected("db1", false, false, closed),
		`db1 QMPALERT_BLIND {"reason": "another client holds this monitor; give QEMU a second -qmp for qmpalert"}`)
	close(free)
	w.expect(connected("db1", f.Addr))
}

// A QEMU that was killed leaves its socket file, one that quits removes it.
func TestGone(t *testing.T) {
	dir := qemutest.ShortDir(t)
	path := filepath.Join(dir, "db1.qmp")
	serve := func(c *qemutest.Conn) {
		hello(c, "db1")
		c.Hold()
	}
	w := start(t, qmpsock.Config{Pattern: filepath.Join(dir, "*.qmp"), Linger: 100 * time.Millisecond})
	if s := w.untilState(sources.Waiting); s.Source != "qmp:"+filepath.Join(dir, "*.qmp") || s.Reason != "no socket there yet" {
		t.Errorf("status %+v, want that nothing is there yet", s)
	}

	f := qemutest.ListenPath(t, path, serve)
	w.expect(connected("db1", path))
	f.Close()
	w.expect(disconnected("db1", false, true, closed))

	f = qemutest.ListenPath(t, path, serve) // a new life: no gap
	w.expect(connected("db1", path))
	f.Die()
	w.expect(disconnected("db1", false, false, closed))
	if s := w.until("nobody listens", func(s sources.Status) bool { return s.Reason == "nobody listens" }); s.VM.Name != "db1" {
		t.Errorf("status %+v, want that of db1", s)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.expect(left("db1", false))

	// Killed, and started again before anybody looked: the file is another one.
	f = qemutest.ListenPath(t, path, serve)
	w.expect(connected("db1", path))
	f.Die()
	w.expect(disconnected("db1", false, false, closed))
	f = qemutest.ListenPath(t, path+"~", serve)
	if err := os.Rename(path+"~", path); err != nil {
		t.Fatal(err)
	}
	w.expect(left("db1", false), connected("db1", path))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	f.Close()
	w.expect(disconnected("db1", false, true, closed))

	// A file that vanishes under a connection means nothing while it lasts.
	leave := make(chan struct{})
	f = qemutest.ListenPath(t, path, func(c *qemutest.Conn) {
		hello(c, "db1")
		<-leave
		c.Send(stamped("SHUTDOWN"))
	})
	w.expect(connected("db1", path))
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	close(leave)
	w.expect("db1 SHUTDOWN", disconnected("db1", true, true, closed))
	w.until("the pattern's", func(s sources.Status) bool { return strings.HasSuffix(s.Source, "*.qmp") })
	f.Close()
}

// Behind TCP there is no file: a VM is gone when it shut down and nobody listens.
func TestGoneTCP(t *testing.T) {
	f := qemutest.ListenTCP(t, func(c *qemutest.Conn) {
		hello(c, "db1")
		if c.Number == 2 {
			c.Send(stamped("SHUTDOWN"))
			c.Hold()
		}
	})
	w := start(t, qmpsock.Config{Pattern: "tcp://" + f.Addr})
	source := "tcp://" + f.Addr
	w.expect(connected("db1", source), disconnected("db1", false, false, closed))
	w.expect(connected("db1", source))
	if ev := w.next(); ev.Name != "QMPALERT_GAP" {
		t.Errorf("event %s, want QMPALERT_GAP", ev.Name)
	}
	w.expect("db1 SHUTDOWN")
	f.Close()
	w.expect(disconnected("db1", true, false, closed), left("db1", true))
}

// Trouble is said once, however often it is met.
func TestTroubleIsReportedOnce(t *testing.T) {
	dir := qemutest.ShortDir(t)
	for _, tt := range []struct {
		name   string
		prep   func(t *testing.T, path string, attempts chan<- struct{})
		state  sources.State
		reason string
	}{
		{"busy", func(t *testing.T, path string, attempts chan<- struct{}) {
			qemutest.ListenPath(t, path, func(c *qemutest.Conn) { attempts <- struct{}{}; c.Hold() })
		}, sources.Busy, "another client holds this monitor"},
		{"not QMP", func(t *testing.T, path string, attempts chan<- struct{}) {
			qemutest.ListenPath(t, path, func(c *qemutest.Conn) { attempts <- struct{}{}; c.Send("220 smtp ready\r\n"); c.Hold() })
		}, sources.NotQMP, "this is not a QMP monitor"},
		{"leaves at once", func(t *testing.T, path string, attempts chan<- struct{}) {
			qemutest.ListenPath(t, path, func(c *qemutest.Conn) { attempts <- struct{}{} })
		}, sources.Waiting, ""},
		{"not a socket", func(t *testing.T, path string, attempts chan<- struct{}) {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			close(attempts)
		}, sources.Waiting, "this is not a socket"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, strings.ReplaceAll(tt.name, " ", "-"))
			attempts := make(chan struct{}, 1000)
			tt.prep(t, path, attempts)
			var client qmp.ClientOptions
			if tt.state == sources.Busy {
				client.GreetingTimeout = time.Millisecond // the others send theirs, when they get to it
			}
			w := start(t, qmpsock.Config{Pattern: path, Client: client})
			for range 4 {
				<-attempts
			}
			s := w.untilState(tt.state)
			if !strings.Contains(s.Reason, tt.reason) {
				t.Errorf("reason %q, want %q", s.Reason, tt.reason)
			}
			// Each different sentence once; the end of a connection that never
			// was can have several.
			if n := w.log.count(fmt.Sprintf("reason=%q", s.Reason)); n != 1 {
				t.Errorf("%d lines say %q:\n%s", n, s.Reason, w.log)
			}
		})
	}
}

func TestAllOfAPattern(t *testing.T) {
	dir := qemutest.ShortDir(t)
	serve := func(name string) func(*qemutest.Conn) {
		return func(c *qemutest.Conn) {
			hello(c, name)
			c.Hold()
		}
	}
	qemutest.ListenPath(t, filepath.Join(dir, "a.qmp"), serve("a"))
	qemutest.ListenPath(t, filepath.Join(dir, "b.sock"), serve("b"))
	w := start(t, qmpsock.Config{Pattern: filepath.Join(dir, "*.qmp")})
	w.expect(connected("a", filepath.Join(dir, "a.qmp")))
	qemutest.ListenPath(t, filepath.Join(dir, "c.qmp"), serve("a"))
	w.expect(connected("a", filepath.Join(dir, "c.qmp")))
	if !strings.Contains(w.log.String(), "two monitors are of one VM") {
		t.Errorf("nothing says that two monitors are of VM a:\n%s", w.log)
	}
	if all := w.source.Statuses(); len(all) != 2 || all[0].Source >= all[1].Source {
		t.Errorf("statuses %+v, want two in order", all)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, tt := range []struct{ pattern, vmName, want string }{
		{"", "", "neither a path nor an address"},
		{"tcp://127.0.0.1", "", "tcp://127.0.0.1:4444"},
		{"tcp://127.0.0.1:", "", "tcp://127.0.0.1:4444"},
		{"http://x/y", "", "neither a path nor an address"},
		{"/run/[", "", "not a valid pattern"},
		{"/run/q*[", "", "not a valid pattern"},
		{"/run/*.qmp", "{{ name }}", "only {{ file }}"},
		{"/run/*.qmp", "x {{ file", "only {{ file }}"},
	} {
		_, err := qmpsock.New(qmpsock.Config{Pattern: tt.pattern, VMName: tt.vmName, Now: clock()})
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("New(%q, %q) = %v, want an error that says %q", tt.pattern, tt.vmName, err, tt.want)
		}
	}
}
