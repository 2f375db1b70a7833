package demo

import (
	"bufio"
	"cmp"
	"encoding/json"
	"net"
	"sync"
)

// greeting is what a QEMU says first.
const greeting = `{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "qmpalert demo"}, "capabilities": []}}` + "\r\n"

// noUUID is what QEMU answers when -uuid was not given.
const noUUID = "00000000-0000-0000-0000-000000000000"

// client is whoever connected to a monitor.
type client struct {
	conn  net.Conn
	mu    sync.Mutex    // answers and events are written whole
	ready chan struct{} // closed when it has asked who the VM is
	gone  chan struct{} // closed when the client has left
}

// answer greets and answers commands until the client leaves. Events begin once
// it has asked for the UUID, the last thing that qmpalert asks: QEMU would not
// wait for that, but a show does.
func (c *client) answer(scene *Scene) {
	defer close(c.gone)
	if !c.send([]byte(greeting)) {
		return
	}
	var asked sync.Once
	in := bufio.NewScanner(c.conn)
	for in.Scan() {
		var command struct {
			Execute string          `json:"execute"`
			ID      json.RawMessage `json:"id"`
		}
		if err := json.Unmarshal(in.Bytes(), &command); err != nil {
			continue
		}
		if !c.reply(command.Execute, command.ID, scene) {
			return
		}
		if command.Execute == "query-uuid" {
			asked.Do(func() { close(c.ready) })
		}
	}
}

// reply answers one command as QEMU does.
func (c *client) reply(command string, id json.RawMessage, scene *Scene) bool {
	answer := map[string]any{}
	switch command {
	case "qmp_capabilities":
		answer["return"] = struct{}{}
	case "query-name":
		answer["return"] = map[string]string{"name": scene.VM}
	case "query-uuid":
		answer["return"] = map[string]string{"UUID": cmp.Or(scene.UUID, noUUID)}
	default:
		answer["error"] = map[string]string{"class": "CommandNotFound", "desc": "The command " + command + " has not been found"}
	}
	if id != nil {
		answer["id"] = id
	}
	text, err := json.Marshal(answer)
	return err == nil && c.send(append(text, "\r\n"...))
}

// send writes one value; false when the client has left.
func (c *client) send(text []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.conn.Write(text)
	return err == nil
}
