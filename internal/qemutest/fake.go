package qemutest

import (
	"bufio"
	"encoding/json"
	"net"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Greeting is what QEMU 7.2 says first.
const Greeting = `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian 1:7.2"}, "capabilities": ["oob"]}}` + "\r\n"

// Fake is a monitor on a real socket whose far end is a function.
type Fake struct {
	Network string // "unix" or "tcp"
	Addr    string // path or host:port

	t        testing.TB
	listener net.Listener
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]struct{}
	closed   bool
}

// ListenUnix starts a fake on a unix socket of the given file name in a
// temporary directory, ListenPath on a given path, ListenTCP on a free port.
// script runs in a goroutine for each connection; the connection is closed
// when it returns.
func ListenUnix(t testing.TB, name string, script func(*Conn)) *Fake {
	t.Helper()
	return ListenPath(t, filepath.Join(ShortDir(t), name), script)
}

// ListenPath is ListenUnix for a path of the caller's choice.
func ListenPath(t testing.TB, path string, script func(*Conn)) *Fake {
	t.Helper()
	return listen(t, "unix", path, script)
}

// ListenTCP is ListenUnix on a free port of the loopback interface.
func ListenTCP(t testing.TB, script func(*Conn)) *Fake {
	t.Helper()
	return listen(t, "tcp", "127.0.0.1:0", script)
}

func listen(t testing.TB, network, addr string, script func(*Conn)) *Fake {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatalf("fake QEMU: %v", err)
	}
	f := &Fake{Network: network, Addr: l.Addr().String(), t: t, listener: l, conns: map[net.Conn]struct{}{}}
	f.wg.Go(func() {
		for number := 1; ; number++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			f.serve(conn, number, script)
		}
	})
	t.Cleanup(f.Close)
	return f
}

func (f *Fake) serve(conn net.Conn, number int, script func(*Conn)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		conn.Close()
		return
	}
	f.conns[conn] = struct{}{}
	f.wg.Go(func() {
		defer func() {
			conn.Close()
			f.mu.Lock()
			delete(f.conns, conn)
			f.mu.Unlock()
		}()
		script(NewConn(f.t, conn, number))
	})
}

// Close stops listening, cuts every connection and waits for the scripts. The
// socket file is removed, as QEMU does when it quits.
func (f *Fake) Close() {
	f.mu.Lock()
	f.closed = true
	f.listener.Close()
	for conn := range f.conns {
		conn.Close()
	}
	f.mu.Unlock()
	f.wg.Wait()
}

// Die does what Close does but leaves the socket file, as a killed QEMU does.
func (f *Fake) Die() {
	if l, ok := f.listener.(*net.UnixListener); ok {
		l.SetUnlinkOnClose(false)
	}
	f.Close()
}

// Conn is the far end of one connection. Its methods belong to the script's
// goroutine and end it when the other side has gone; an unexpected command
// fails the test and ends it too.
type Conn struct {
	net.Conn
	Number int // of the connection, from 1

	t testing.TB
	r *bufio.Reader
}

// NewConn makes a far end of a connection that the caller made, such as one
// half of net.Pipe.
func NewConn(t testing.TB, conn net.Conn, number int) *Conn {
	return &Conn{Conn: conn, Number: number, t: t, r: bufio.NewReader(conn)}
}

// Command is what the client asked.
type Command struct {
	Execute   string          `json:"execute"`
	Arguments json.RawMessage `json:"arguments"`
	ID        json.RawMessage `json:"id"`
}

// Send writes text in one write.
func (c *Conn) Send(text string) {
	if _, err := c.Write([]byte(text)); err != nil {
		runtime.Goexit()
	}
}

// SendBytewise writes text one byte at a time.
func (c *Conn) SendBytewise(text string) {
	for i := range len(text) {
		c.Send(text[i : i+1])
	}
}

// Receive reads the next command.
func (c *Conn) Receive() Command {
	line, err := c.r.ReadBytes('\n')
	if err != nil {
		runtime.Goexit()
	}
	var cmd Command
	if err := json.Unmarshal(line, &cmd); err != nil {
		c.t.Errorf("client sent %q, which is not a command: %v", line, err)
		runtime.Goexit()
	}
	return cmd
}

// Expect reads the next command, which must be the given one and have an id.
func (c *Conn) Expect(execute string) Command {
	cmd := c.Receive()
	if cmd.Execute != execute || len(cmd.ID) == 0 {
		c.t.Errorf("client sent %s with id %q, want %s with an id", cmd.Execute, cmd.ID, execute)
		runtime.Goexit()
	}
	return cmd
}

// Return answers a command; value is JSON.
func (c *Conn) Return(cmd Command, value string) {
	c.Send(`{"return": ` + value + `, "id": ` + string(cmd.ID) + "}\r\n")
}

// Refuse answers a command with an error.
func (c *Conn) Refuse(cmd Command, class, desc string) {
	c.Send(`{"id": ` + string(cmd.ID) + `, "error": {"class": "` + class + `", "desc": "` + desc + "\"}}\r\n")
}

// Negotiate greets and accepts the client's capabilities.
func (c *Conn) Negotiate() {
	c.Send(Greeting)
	c.Return(c.Expect("qmp_capabilities"), "{}")
}

// Identify answers query-name and query-uuid, in this order.
func (c *Conn) Identify(name, uuid string) {
	c.Return(c.Expect("query-name"), `{"name": "`+name+`"}`)
	c.Return(c.Expect("query-uuid"), `{"UUID": "`+uuid+`"}`)
}

// Hold waits until the client leaves and ignores what it sends.
func (c *Conn) Hold() {
	for {
		if _, err := c.r.ReadByte(); err != nil {
			return
		}
	}
}

// Gone returns a channel that is closed when the client has left. Nothing can
// be received any more after this call.
func (c *Conn) Gone() <-chan struct{} {
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		c.Hold()
	}()
	return gone
}
