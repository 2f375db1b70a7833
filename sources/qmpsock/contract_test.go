package qmpsock_test

import (
	"sync/atomic"
	"testing"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
	"github.com/qmpalert/qmpalert/sources/sourcetest"
)

// clock is a clock that moves on by a microsecond at each look.
func clock() func() int64 {
	var now atomic.Int64
	now.Store(1_800_000_000_000_000)
	return func() int64 { return now.Add(1) }
}

func TestContract(t *testing.T) {
	for _, network := range []string{"unix", "tcp"} {
		t.Run(network, func(t *testing.T) {
			sourcetest.Test(t, func(t *testing.T) *sourcetest.Rig {
				texts, sent, gone := make(chan string, 1), make(chan struct{}), make(chan struct{})
				script := func(c *qemutest.Conn) {
					defer close(gone)
					c.Negotiate()
					c.Identify("db1", "00000000-0000-0000-0000-000000000001")
					left := c.Gone()
					select {
					case text := <-texts:
						c.Send(text)
						close(sent)
						<-left
					case <-left:
					}
				}
				rig := &sourcetest.Rig{Host: "kvm07", VM: "db1", Live: true}
				var pattern string
				if network == "tcp" {
					pattern = "tcp://" + qemutest.ListenTCP(t, script).Addr
				} else {
					pattern = qemutest.ListenUnix(t, "db1.qmp", script).Addr
				}
				rig.Origin = "qmp:" + pattern
				rig.Feed = func(text string) {
					texts <- text
					select {
					case <-sent:
					case <-gone:
					}
				}
				source, err := qmpsock.New(qmpsock.Config{Pattern: pattern, Host: "kvm07", Now: clock(), QueueEvents: 100})
				if err != nil {
					t.Fatal(err)
				}
				rig.Source = source
				return rig
			})
		})
	}
}
