package deliver

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// BenchmarkDeliver: from Put until the far end has it, one message after the
// other, and as a backlog that goes out whole or as digests.
func BenchmarkDeliver(b *testing.B) {
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprint(i)
	}
	for _, bench := range []struct {
		name    string
		backlog int
		whole   bool
	}{{"single", 1, true}, {"backlog", 1000, true}, {"digests", 1000, false}} {
		b.Run(bench.name, func(b *testing.B) {
			m := NewMemory(bench.backlog)
			done := make(chan int, bench.backlog)
			d := New(Options{Outbox: durable(m), OnDelivered: func(x Delivery) { done <- x.Item.Messages }})
			n := notifyFunc(func(context.Context, notifiers.Notification, notifiers.Receipt) (notifiers.Receipt, error) {
				return "r", nil
			})
			e := Endpoint{Receiver: "ops", Name: "fake", SendResolved: true, Whole: bench.whole, Notifier: &n}
			if err := d.Swap([]Endpoint{e}); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				for i := range bench.backlog {
					it, _ := m.Put(e.ID(), msg(ids[i], ids[i], alert.Firing), time.Now().UnixMicro())
					d.PutCommitted(e.ID(), it)
				}
				for left := bench.backlog; left > 0; {
					left -= <-done
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*bench.backlog), "ns/message")
			d.Close(context.Background())
		})
	}
}
