package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"time"
)

// monitor is a QMP socket that answers as little as qmpalert needs, and sends
// events when told to.
type monitor struct {
	listener net.Listener
	ready    chan net.Conn // a client that has asked who the VM is
}

// listen serves one client on a unix socket. Close the listener.
func listen(path string) (*monitor, error) {
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	m := &monitor{listener: l, ready: make(chan net.Conn, 1)}
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return // the listener was closed
		}
		_ = m.serve(conn) // the client has left, or makes no sense: whoever waits for it gives up in time
		conn.Close()
	}()
	return m, nil
}

// serve greets, and answers commands until the client leaves, and says why.
func (m *monitor) serve(conn net.Conn) error {
	if _, err := fmt.Fprint(conn, `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}`+"\r\n"); err != nil {
		return err
	}
	in := bufio.NewReader(conn)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return err
		}
		var command struct {
			Execute string
			ID      json.RawMessage
		}
		if err := json.Unmarshal(line, &command); err != nil {
			return err
		}
		value := "{}"
		switch command.Execute {
		case "query-name":
			value = `{"name": "db1"}`
		case "query-uuid":
			value = `{"UUID": "00000000-0000-0000-0000-000000000001"}`
		}
		if _, err := fmt.Fprintf(conn, `{"return": %s, "id": %s}`+"\r\n", value, command.ID); err != nil {
			return err
		}
		if command.Execute == "query-uuid" {
			m.ready <- conn
		}
	}
}

// client waits for one who knows which VM this is.
func (m *monitor) client() (net.Conn, error) {
	select {
	case conn := <-m.ready:
		return conn, nil
	case <-time.After(time.Minute):
		return nil, errors.New("nobody has asked the monitor who the VM is within a minute")
	}
}

// send lets the VM send an event about a block job now.
func send(conn net.Conn, job string) error {
	now := time.Now().UnixMicro()
	_, err := fmt.Fprintf(conn, `{"timestamp": {"seconds": %d, "microseconds": %d}, "event": "BLOCK_JOB_ERROR", `+
		`"data": {"device": %q, "operation": "write", "action": "report"}}`+"\r\n",
		now/1e6, now%1e6, job)
	return err
}
