package qmpsock

import (
	"cmp"
	"context"
	"slices"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// Ask implements sources.Asker. Of two monitors of one VM it asks the one whose
// address comes first.
func (s *Source) Ask(ctx context.Context, host, vm string, q qmp.Query) ([]byte, error) {
	client := s.clientOf(host, vm)
	if client == nil {
		return nil, sources.ErrNoMonitor
	}
	return client.Query(ctx, q)
}

// clientOf returns the connection to a VM, or nil.
func (s *Source) clientOf(host, vm string) *qmp.Client {
	if host != s.cfg.Host {
		return nil
	}
	s.mu.Lock()
	monitors := make([]*monitor, 0, len(s.monitors))
	for _, m := range s.monitors {
		monitors = append(monitors, m)
	}
	s.mu.Unlock()
	slices.SortFunc(monitors, func(a, b *monitor) int { return cmp.Compare(a.addr.source(), b.addr.source()) })
	for _, m := range monitors {
		if client := m.connectedTo(vm); client != nil {
			return client
		}
	}
	return nil
}

// connectedTo returns the present connection if it is to that VM. One whose VM
// is not known yet belongs to nobody.
func (m *monitor) connectedTo(vm string) *qmp.Client {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.status.State != sources.Connected || m.status.VM.Name != vm {
		return nil
	}
	return m.client
}
