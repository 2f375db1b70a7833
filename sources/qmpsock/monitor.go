package qmpsock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

// monitor is one address, from when it appears until it vanishes. One goroutine
// connects, again and again; the client of each connection reads into the queue;
// another goroutine pumps the queue into emit.
type monitor struct {
	src   *Source
	addr  address
	queue *queue

	// Of the goroutine that connects:
	vm     event.VM    // of the last connection, maybe a former process's; zero before the first
	file   os.FileInfo // its socket; nil when that cannot be known
	lostAt int64       // when it ended
	clean  bool        // how
	lost   bool        // there was one, and its VM is not known to be gone

	mu     sync.Mutex
	status sources.Status
	past   qmp.ClientStats // of connections that ended
	client *qmp.Client     // of the present one, or nil
}

func newMonitor(s *Source, a address) *monitor {
	m := &monitor{
		src: s, addr: a,
		queue:  newQueue(s.cfg.Host, a.source(), s.cfg.QueueEvents, s.cfg.QueueBytes),
		status: sources.Status{Source: a.source(), Host: s.cfg.Host, State: sources.Waiting, Since: s.cfg.Now()},
	}
	if s.cfg.Before != nil {
		if vm, until, ok := s.cfg.Before(a.source()); ok {
			m.vm.Name, m.queue.vm.Name = vm, vm
			m.lost, m.lostAt = true, until
		}
	}
	return m
}

// run returns when the socket file has vanished and everything was emitted,
// when ctx ended (nil), or when emit failed.
func (m *monitor) run(parent context.Context, emit sources.Emit) error {
	ctx, cancel := context.WithCancel(parent)
	pumped := make(chan error, 1)
	go func() {
		pumped <- m.queue.pump(ctx, emit)
		cancel()
	}()
	m.keepConnecting(ctx)
	m.queue.close()
	err := <-pumped
	if parent.Err() != nil {
		return nil // emit failed because it was told to
	}
	return err
}

// keepConnecting returns when the address vanished or ctx ended.
func (m *monitor) keepConnecting(ctx context.Context) {
	pause := backoff{min: m.src.cfg.RetryMin, max: m.src.cfg.RetryMax, rand: m.src.cfg.Rand}
	for ctx.Err() == nil {
		if m.addr.vanished() {
			m.gone("the socket has vanished")
			m.report(sources.Waiting, "the socket has vanished")
			return
		}
		m.queue.waitForRoom(ctx)
		file := m.addr.identity()
		began := time.Now()
		err := m.connect(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			state, reason := explain(err, m.addr)
			if m.report(state, reason) {
				m.blind(state, reason)
			}
			m.refused(err)
		case time.Since(began) > pause.max:
			pause.reset() // it was a good one
		}
		if !m.addr.vanished() && m.wait(ctx, pause.next(), file) {
			pause.reset()
		}
	}
}

// wait waits for d, or until the socket file is another one or gone: a QEMU
// that starts again must not wait for the pause of the one that died. A look
// costs one stat.
func (m *monitor) wait(ctx context.Context, d time.Duration, file os.FileInfo) (fresh bool) {
	retry := time.NewTimer(d)
	defer retry.Stop()
	look := time.NewTicker(m.src.cfg.Rescan)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-retry.C:
			return false
		case <-look.C:
			if now := m.addr.identity(); file != nil && (now == nil || replaced(file, now)) {
				return true
			}
		}
	}
}

// connect makes one connection and returns when it has ended: nil, or why there
// was none.
func (m *monitor) connect(ctx context.Context) error {
	shutdown := false // written by the reader, read when it has ended
	opt := m.src.cfg.Client
	opt.OnEvent = func(ev *qmp.Event) {
		shutdown = shutdown || ev.Kind == qmp.KindShutdown
		m.queue.put(ev, m.src.cfg.Now())
	}
	file := m.addr.identity()
	m.queue.hold()
	client, err := qmp.Dial(ctx, m.addr.network, m.addr.addr, opt)
	if err != nil {
		m.queue.discard()
		return err
	}
	m.track(client)
	defer m.track(nil)
	defer client.Close()
	vm, err := m.identify(ctx, client)
	if err != nil {
		client.Close() // nothing may come between
		m.queue.discard()
		return err
	}
	m.connected(client, vm, file)
	select {
	case <-client.Done():
		m.disconnected(ctx, client.Err(), shutdown)
	case <-ctx.Done():
	}
	return nil
}

// connected says whose events come now, and what happened before.
func (m *monitor) connected(client *qmp.Client, vm event.VM, file os.FileInfo) {
	if other := m.src.namesake(m, vm); other != "" {
		m.src.cfg.Log.Warn("two monitors are of one VM: every event counts twice", "vm", vm.Name, "source", m.addr.source(), "other", other)
	}
	now := m.src.cfg.Now()
	var before, own []qmp.Data
	own = append(own, &qmp.QMPAlertConnected{Source: qmp.Some(m.addr.source()), Version: qmp.Some(client.Version().String())})
	switch {
	case !m.lost:
	case m.vm.Name != vm.Name:
		before = append(before, m.left(fmt.Sprintf("another VM, %q, answers on its socket", vm.Name)))
	case replaced(m.file, file): // a QEMU never makes its socket twice
		before = append(before, m.left("another QEMU has made its socket anew"))
	default:
		seconds := float64(max(0, now-m.lostAt)) / 1e6
		own = append(own, &qmp.QMPAlertGap{Reason: qmp.Some("disconnected"), Seconds: qmp.Some(seconds)})
	}
	m.vm, m.file, m.lost = vm, file, false
	m.setStatus(func(s *sources.Status) { s.VM, s.Version = vm, client.Version().String() })
	m.report(sources.Connected, "")
	m.queue.release(vm, now, before, own) // last: who gets an event may ask its VM at once
}

// disconnected notes the end of a connection.
func (m *monitor) disconnected(ctx context.Context, why error, shutdown bool) {
	m.lost, m.lostAt, m.clean = true, m.src.cfg.Now(), shutdown
	m.report(sources.Waiting, why.Error())
	gone := m.lingers(ctx)
	m.queue.putOwn(m.lostAt, &qmp.QMPAlertDisconnected{Clean: qmp.Some(m.clean), Gone: qmp.Some(gone), Reason: qmp.Some(why.Error())})
	m.lost = !gone
}

// lingers looks for a moment whether the socket file vanishes too, and returns
// true when it does: a QEMU that quits closes the connection first.
func (m *monitor) lingers(ctx context.Context) (gone bool) {
	const looks = 25
	end := time.NewTimer(m.src.cfg.Linger)
	defer end.Stop()
	again := time.NewTicker(max(m.src.cfg.Linger/looks, 1))
	defer again.Stop()
	for m.addr.network == "unix" {
		if m.addr.vanished() {
			return true
		}
		select {
		case <-again.C:
		case <-end.C:
			return m.addr.vanished()
		case <-ctx.Done():
			return false
		}
	}
	return false
}

// gone ends what is known of the VM, unless its end was told already.
func (m *monitor) gone(reason string) {
	if m.lost {
		m.queue.putOwn(m.src.cfg.Now(), m.left(reason))
		m.lost = false
	}
}

// refused makes a VM gone that sat behind a TCP address, where there is no file
// to look at: it had shut down, and nobody listens any more.
func (m *monitor) refused(err error) {
	if m.addr.network == "tcp" && m.clean && errors.Is(err, syscall.ECONNREFUSED) {
		m.gone("it shut down, and nobody listens any more")
	}
}

// blind says that a VM that was watched is still there and cannot be watched any
// more: somebody else took its monitor, or its permissions were changed. Before
// the first connection nobody knows which VM that is; the log says it then.
func (m *monitor) blind(state sources.State, reason string) {
	if m.lost && state != sources.Waiting {
		m.queue.putOwn(m.src.cfg.Now(), &qmp.QMPAlertBlind{Reason: qmp.Some(reason)})
	}
}

// left says that a VM is gone whose connection ended before, which was told
// then, with its reason. The reason why it is gone is for the log.
func (m *monitor) left(reason string) qmp.Data {
	m.src.cfg.Log.Info("VM gone", "source", m.addr.source(), "vm", m.vm.Name, "reason", reason)
	return &qmp.QMPAlertDisconnected{Clean: qmp.Some(m.clean), Gone: qmp.Some(true)}
}
