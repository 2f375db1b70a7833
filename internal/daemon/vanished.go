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

// vanished sorts the monitors of a former process: events that say which VMs went
// away while nobody looked, and the monitors that are still there. Of those whose
// socket is not there any more no source knows, and their alerts would fire for
// ever.
func (l *loop) vanished() (gone []*event.Event, still []state.Monitor) {
	for _, m := range l.memory.watched() {
		if !vanished(m.Source) {
			still = append(still, m)
			continue
		}
		d := &qmp.QMPAlertDisconnected{Gone: qmp.Some(true), Reason: qmp.Some("the socket vanished while qmpalert did not run")}
		gone = append(gone, &event.Event{
			Event: qmp.MakeEvent(d, qmp.NoTime), Host: m.Host, VM: event.VM{Name: m.VM}, Source: m.Source, Received: l.now(),
		})
	}
	return gone, still
}

// vanished reports whether the socket of a monitor is not there; never of TCP.
func vanished(source string) bool {
	path, isSocket := strings.CutPrefix(source, "qmp:")
	if !isSocket || strings.Contains(path, "://") {
		return false
	}
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist)
}
