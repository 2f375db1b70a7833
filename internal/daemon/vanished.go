package daemon

import (
	"cmp"
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/qmp"
)

// monitored is a VM that is watched through a monitor.
type monitored struct{ host, vm string }

// passed remembers what a restart has to know about an event: the position
// behind it in its file, and whose monitor is where.
func (m *memory) passed(ev *event.Event) {
	if ev.Position != "" {
		m.files[ev.Source] = ev.Position
	}
	switch d := ev.Data.(type) {
	case *qmp.QMPAlertConnected:
		m.monitors[monitored{ev.Host, ev.VM.Name}] = ev.Source
	case *qmp.QMPAlertDisconnected:
		if d.Gone.V {
			delete(m.monitors, monitored{ev.Host, ev.VM.Name})
		}
	}
}

// positions are a copy of where the followed files are, for sources and for a
// checkpoint.
func (m *memory) positions() map[string]string { return maps.Clone(m.files) }

// watched lists the monitors for a checkpoint.
func (m *memory) watched() []state.Monitor {
	var out []state.Monitor
	for who, source := range m.monitors {
		out = append(out, state.Monitor{Host: who.host, VM: who.vm, Source: source})
	}
	slices.SortFunc(out, func(a, b state.Monitor) int {
		return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.VM, b.VM))
	})
	return out
}

// vanished makes the events that say which VMs went away while nobody looked:
// those whose socket was there before a restart and is not any more. No source
// knows of them, and their alerts would fire for ever.
func (l *loop) vanished() []*event.Event {
	var out []*event.Event
	for _, m := range l.memory.watched() {
		path, isSocket := strings.CutPrefix(m.Source, "qmp:")
		if !isSocket || strings.Contains(path, "://") {
			continue
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		gone := &qmp.QMPAlertDisconnected{Gone: qmp.Some(true), Reason: qmp.Some("the socket vanished while qmpalert did not run")}
		out = append(out, &event.Event{
			Event: qmp.MakeEvent(gone, qmp.NoTime), Host: m.Host, VM: event.VM{Name: m.VM}, Source: m.Source, Received: l.now(),
		})
	}
	return out
}
