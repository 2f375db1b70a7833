package demo

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/event"
)

// Show is a set of monitors that listen.
type Show struct {
	// Speed divides all pauses; 1 when 0.
	Speed int
	// Now is the time in microseconds since 1970 that events carry; needed.
	Now func() int64
	// Plays is told of every event right before it is sent, from several
	// goroutines at once; may be nil. The event must not be kept.
	Plays func(vm string, ev *event.Event)

	monitors []*monitor
}

// monitor is the socket of one scene.
type monitor struct {
	scene    *Scene
	listener net.Listener
}

// Listen opens a socket in dir for each scene, DIR/VM.qmp. After an error, and
// after Play, nothing is left of them.
func (s *Show) Listen(dir string, scenes []*Scene) error {
	for _, scene := range scenes {
		l, err := net.Listen("unix", filepath.Join(dir, scene.VM+".qmp"))
		if err != nil {
			s.close()
			return fmt.Errorf("a monitor for the demo: %w", err)
		}
		s.monitors = append(s.monitors, &monitor{scene, l})
	}
	return nil
}

// Play waits for a client on each monitor, sends its events, and returns when
// all have ended or ctx is done.
func (s *Show) Play(ctx context.Context) {
	stop := context.AfterFunc(ctx, s.close)
	defer stop()
	var running sync.WaitGroup
	for _, m := range s.monitors {
		running.Go(func() {
			defer m.listener.Close()
			s.serve(ctx, m)
		})
	}
	running.Wait()
}

// close ends all that waits for clients. Closing twice does no harm.
func (s *Show) close() {
	for _, m := range s.monitors {
		m.listener.Close()
	}
}

// serve talks to clients, one after the other, until one has seen all events.
// A client that leaves early is one that tries its luck, as socat would.
func (s *Show) serve(ctx context.Context, m *monitor) {
	for {
		conn, err := m.listener.Accept()
		if err != nil {
			return
		}
		if s.talk(ctx, conn, m) {
			return
		}
	}
}

// talk serves one client; done says that it has seen everything.
func (s *Show) talk(ctx context.Context, conn net.Conn, m *monitor) (done bool) {
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	c := &client{conn: conn, ready: make(chan struct{}), gone: make(chan struct{})}
	var answering sync.WaitGroup
	answering.Go(func() { c.answer(m.scene) })
	defer answering.Wait()
	defer conn.Close()
	select {
	case <-c.ready:
	case <-c.gone:
		return false
	}
	pause := m.scene.Start
	for i := range m.scene.steps {
		step := &m.scene.steps[i]
		if !s.wait(c, pause+step.after) {
			return false
		}
		pause = 0
		ev := step.event
		ev.Time = s.Now()
		if s.Plays != nil {
			s.Plays(m.scene.VM, &ev)
		}
		if !c.send(append(ev.AppendJSON(nil), "\r\n"...)) {
			return false
		}
	}
	return true
}

// wait lets a pause pass; false when the client leaves.
func (s *Show) wait(c *client, pause time.Duration) bool {
	timer := time.NewTimer(pause / time.Duration(max(s.Speed, 1)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.gone:
		return false
	}
}
