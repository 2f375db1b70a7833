package engine

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// maxRaw is the size of an event's data, in bytes, up to which it is kept as it
// is.
const maxRaw = 8 << 10

// trimmed returns an event with its data cut as expressions see it: strings at
// 4 KiB, lists at 1,000, depth at 16. A window may hold thousands of events, and
// QEMU may send a megabyte in each.
func trimmed(ev *event.Event) *event.Event {
	c := *ev
	c.Raw = qmp.ParseValue(ev.Raw).AppendJSON(nil)
	again, err := event.Parse(c.AppendJSON(nil)) // Data shares memory with Raw
	if err != nil {
		return ev
	}
	c.Event.Data, c.Event.Raw, c.Event.Name = again.Data, again.Raw, again.Name
	return &c
}
