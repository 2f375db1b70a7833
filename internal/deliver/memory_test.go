package deliver_test

import (
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/deliver/delivertest"
	"github.com/qmpalert/qmpalert/notifiers"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	delivertest.Outbox(t, func(*testing.T) func() delivertest.Box {
		m := deliver.NewMemory(0)
		box := delivertest.Box{Outbox: m, Put: func(to []deliver.EndpointID, n notifiers.Notification, at int64) ([]deliver.Item, error) {
			var out []deliver.Item
			for _, e := range to {
				if it, ok := m.Put(e, n, at); ok {
					out = append(out, it)
				}
			}
			return out, nil
		}}
		return func() delivertest.Box { return box }
	})
}

func TestMemoryIsBounded(t *testing.T) {
	m := deliver.NewMemory(2)
	e := deliver.EndpointID{Receiver: "ops", Name: "slack"}
	for i, id := range []string{"a", "b", "c"} {
		it, ok := m.Put(e, delivertest.Message(id, "g", alert.Firing), 1)
		if full := i == 2; ok == full || full && it.Seq != 0 {
			t.Errorf("%s: %v, %v", id, it, ok)
		}
	}
}
