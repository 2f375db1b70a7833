package state_test

import (
	"fmt"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/notifiers"
)

// BenchmarkCommit is the time of one transaction with so many alerts that fire,
// each with a message for one endpoint, a note and ten events of evidence.
func BenchmarkCommit(b *testing.B) {
	for _, n := range []int{0, 1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, b.TempDir())
			number := 0
			for b.Loop() {
				b.StopTimer()
				batch := state.Batch{Position: s.Position() + 1, At: 1}
				step := state.Step{Position: batch.Position}
				for range n {
					number++
					fire(b, &step, number)
				}
				batch.Steps = append(batch.Steps, step)
				b.StartTimer()
				if _, err := s.Commit(batch); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDone is the time of a delivery of which so many end at the same time.
func BenchmarkDone(b *testing.B) {
	for _, n := range []int{1, 16} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := open(b, b.TempDir())
			put := putter(s)
			b.SetParallelism(n)
			number := make(chan int, 1)
			number <- 0
			b.RunParallel(func(pb *testing.PB) {
				i := <-number
				number <- i + 1
				e := []deliver.EndpointID{{Receiver: "ops", Name: fmt.Sprint(i)}}
				for pb.Next() {
					i := <-number
					number <- i + 1
					items, err := put(e, notifiers.Notification{ID: fmt.Sprint(i)}, 1)
					if err == nil && len(items) == 1 {
						err = s.Outbox().Done(e[0], items[0].Seq, deliver.Outcome{At: 1})
					}
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

func fire(b *testing.B, step *state.Step, number int) {
	c := change(fmt.Sprint("db", number), int64(number), int64(number), alert.Firing)
	ev, err := event.Parse([]byte(`{"timestamp":{"seconds":1,"microseconds":2},"event":"BLOCK_IO_ERROR","data":{"device":"virtio-disk0","node-name":"#block123","operation":"write","action":"stop","reason":"No space left on device"},"host":"kvm07","vm":{"name":"db1"},"source":"qmp:/run/qemu/db1.qmp","received":"2026-01-01T00:00:00.000000Z","seq":123}`))
	if err != nil {
		b.Fatal(err)
	}
	for range 10 {
		c.Evidence.Events = append(c.Evidence.Events, ev)
	}
	step.Changes = append(step.Changes, c)
	id := fmt.Sprintf("%032x", uint64(number)*0x9e3779b97f4a7c15)
	step.Notes = append(step.Notes, dispatch.Note{At: c.At, Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, What: dispatch.Told, NotificationID: id})
	step.Puts = append(step.Puts, state.Put{
		Notification: notifiers.Notification{ID: id, Receiver: "ops", GroupKey: c.Fingerprint.String(), Status: alert.Firing, Alerts: []alert.Change{c}},
		Endpoints:    []deliver.EndpointID{{Receiver: "ops", Name: "slack"}},
	})
}
