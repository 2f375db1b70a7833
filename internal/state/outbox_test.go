package state_test

import (
	"testing"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/deliver/delivertest"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/notifiers"
)

// open opens a State that is closed at the end of the test. Damage fails it.
func open(t testing.TB, dir string) *state.State {
	t.Helper()
	s, err := state.Open(dir, state.Options{Damaged: func(d store.Damage) { t.Errorf("damage: %+v", d) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestOutboxContract(t *testing.T) {
	delivertest.Outbox(t, func(t *testing.T) func() delivertest.Box {
		dir := t.TempDir()
		var s *state.State
		return func() delivertest.Box {
			if s != nil {
				s.Close()
			}
			s = open(t, dir)
			return delivertest.Box{Outbox: s.Outbox(), Put: putter(s)}
		}
	})
}

// putter commits one notification, as if the next entry of the log had decided
// it.
func putter(s *state.State) func([]deliver.EndpointID, notifiers.Notification, int64) ([]deliver.Item, error) {
	return func(to []deliver.EndpointID, n notifiers.Notification, at int64) (items []deliver.Item, err error) {
		position := s.Position() + 1
		queued, err := s.Commit(state.Batch{
			Position: position, At: at,
			Steps: []state.Step{{Position: position, Puts: []state.Put{{Notification: n, Endpoints: to}}}},
		})
		for _, q := range queued {
			items = append(items, q.Item)
		}
		return items, err
	}
}
