package qmpsock

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"syscall"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// explain turns a failed attempt into a state and a reason for people.
func explain(err error, a address) (sources.State, string) {
	switch {
	case errors.Is(err, qmp.ErrBusy):
		return sources.Busy, "another client holds this monitor; give QEMU a second -qmp for qmpalert"
	case errors.Is(err, qmp.ErrNotQMP):
		return sources.NotQMP, err.Error()
	case errors.Is(err, syscall.EPROTOTYPE):
		return sources.NotQMP, "this is not a QMP monitor: it is a socket of another type than stream"
	case errors.Is(err, os.ErrPermission):
		return sources.Denied, "no permission to connect; run as a member of the group that owns the socket"
	case errors.Is(err, os.ErrNotExist):
		return sources.Waiting, "the socket is not there"
	case errors.Is(err, syscall.ECONNREFUSED):
		if file := a.identity(); file != nil && file.Mode()&os.ModeSocket == 0 {
			return sources.Waiting, "this is not a socket"
		}
		return sources.Waiting, "nobody listens"
	case a.network == "unix" && len(a.addr) >= maxPath:
		return sources.Waiting, "the path is longer than 107 bytes, which no unix socket can have"
	}
	return sources.Waiting, err.Error()
}

// maxPath is the room for a path in sun_path of unix(7), its final zero
// included.
const maxPath = 108

// report notes a state, and logs it when it is news, which it returns.
func (m *monitor) report(state sources.State, reason string) (news bool) {
	m.setStatus(func(s *sources.Status) {
		if news = s.State != state || s.Reason != reason; news {
			s.State, s.Reason, s.Since = state, reason, m.src.cfg.Now()
		}
	})
	if !news {
		return false
	}
	level, text := slog.LevelInfo, "monitor not connected"
	switch state {
	case sources.Connected:
		text = "monitor connected"
	case sources.Busy, sources.Denied, sources.NotQMP:
		level = slog.LevelWarn
	case sources.Waiting:
	}
	s := m.snapshot()
	said := []any{"source", s.Source, "state", state.String()}
	for _, known := range [][2]string{{"vm", s.VM.Name}, {"reason", reason}, {"version", s.Version}} {
		if known[1] != "" {
			said = append(said, known[0], known[1])
		}
	}
	m.src.cfg.Log.Log(context.Background(), level, text, said...)
	return true
}

func (m *monitor) setStatus(change func(*sources.Status)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	change(&m.status)
}

// track makes the counts of the present connection, or of none, part of the
// status.
func (m *monitor) track(client *qmp.Client) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.client != nil {
		m.past = sum(m.past, m.client.Stats())
	}
	m.client = client
}

func sum(a, b qmp.ClientStats) qmp.ClientStats {
	a.Damaged += b.Damaged
	a.Oversized += b.Oversized
	a.Unmatched += b.Unmatched
	a.Mistyped += b.Mistyped
	a.UnknownMembers += b.UnknownMembers
	return a
}

// snapshot returns the status of now.
func (m *monitor) snapshot() sources.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, wire := m.status, m.past
	if m.client != nil {
		wire = sum(wire, m.client.Stats())
	}
	s.Counts = m.queue.snapshot()
	s.Counts.Damaged, s.Counts.Oversized, s.Counts.Unmatched = wire.Damaged, wire.Oversized, wire.Unmatched
	s.Counts.Mistyped, s.Counts.UnknownMembers = wire.Mistyped, wire.UnknownMembers
	return s
}
