package qemutest

import (
	"encoding/json"
	"fmt"
	"net"
	"testing"
	"time"
)

// Control is a second monitor of the same QEMU, for the test: it may send any
// command, which the client under test can not, and it gets every event too.
// One goroutine at a time.
type Control struct {
	t      testing.TB
	conn   net.Conn
	dec    *json.Decoder
	events []Event
	nextID int
}

// Event is an event as QEMU sent it.
type Event struct {
	Name string
	Raw  json.RawMessage // the whole object
}

// message is any QMP message, as far as a test cares.
type message struct {
	QMP    json.RawMessage `json:"QMP"`
	Event  string          `json:"event"`
	Return json.RawMessage `json:"return"`
	Error  *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error"`
	ID json.RawMessage `json:"id"`
}

// Execute sends a command with its arguments (a JSON object, or "") and
// returns the answer. An error answer fails the test.
func (c *Control) Execute(command, arguments string) json.RawMessage {
	c.t.Helper()
	if arguments == "" {
		arguments = "{}"
	}
	c.nextID++
	id := fmt.Sprint(c.nextID)
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	if _, err := fmt.Fprintf(c.conn, `{"execute": %q, "arguments": %s, "id": %s}`+"\n", command, arguments, id); err != nil {
		c.t.Fatalf("%s: %v", command, err)
	}
	for {
		m := c.next(command)
		switch {
		case string(m.ID) != id:
		case m.Error != nil:
			c.t.Fatalf("%s: %s: %s", command, m.Error.Class, m.Error.Desc)
		default:
			return m.Return
		}
	}
}

// HMP sends a line to the human monitor, which can do what QMP can not, such
// as qemu-io. What it prints may be empty although it failed.
func (c *Control) HMP(line string) {
	c.t.Helper()
	text, err := json.Marshal(line)
	if err != nil {
		c.t.Fatal(err)
	}
	c.Execute("human-monitor-command", `{"command-line": `+string(text)+`}`)
}

// WaitEvent waits until the control monitor has seen n events of the name
// since the start.
func (c *Control) WaitEvent(name string, n int) {
	c.t.Helper()
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	for {
		seen := 0
		for _, e := range c.events {
			if e.Name == name {
				seen++
			}
		}
		if seen >= n {
			return
		}
		c.next("waiting for " + name)
	}
}

// Events returns the events since the start, up to the last answer or event
// that was waited for. Those that QEMU holds back come later.
func (c *Control) Events() []Event { return c.events }

// negotiate reads the greeting and enters command mode.
func (c *Control) negotiate() {
	c.t.Helper()
	c.dec = json.NewDecoder(c.conn)
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	if m := c.next("greeting"); m.QMP == nil {
		c.t.Fatal("control monitor: no greeting")
	}
	c.Execute("qmp_capabilities", "")
}

// next reads one message and remembers events.
func (c *Control) next(doing string) message {
	c.t.Helper()
	m, err := c.read()
	if err != nil {
		c.t.Fatalf("control monitor: %s: %v", doing, err)
	}
	return m
}

// read is next without a verdict.
func (c *Control) read() (m message, err error) {
	var raw json.RawMessage
	if err := c.dec.Decode(&raw); err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, err
	}
	if m.Event != "" {
		c.events = append(c.events, Event{m.Event, raw})
	}
	return m, nil
}

// Seen waits for the end of a QEMU that was told to quit, and returns how many
// events it has sent to a monitor since the start.
func (c *Control) Seen() int {
	_ = c.conn.SetDeadline(time.Now().Add(patience))
	for {
		if _, err := c.read(); err != nil {
			return len(c.events)
		}
	}
}
