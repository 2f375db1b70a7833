package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	// tick is how often silence is looked at. Deadlines fire at most this much
	// after they are due; what they decide carries the exact time.
	tick = 50 * time.Millisecond
	// inbox is how many accepted events may wait for the loop, of up to 1 MiB
	// each. Behind it the sources' own queues fill, which are weighed.
	inbox = 64
)

// loop owns the machine and the planner: everything that decides happens on
// its one goroutine, in one order.
type loop struct {
	host    string
	now     func() int64
	log     *slog.Logger
	machine *engine.Machine
	planner *dispatch.Planner
	deliver *deliver.Deliverer
	asker   *asker

	onEvent  func(*event.Event) // may be nil
	onChange func(alert.Change) // may be nil

	events chan *event.Event
	swaps  chan swap
	seq    uint64

	// What is to be attached is collected beside the loop. held has the groups
	// whose message waits for it, and the messages behind that one.
	collected  chan collection
	collecting int
	held       map[string][]notifiers.Notification

	// reached is until when silence was taken for the truth. What comes now was
	// received at the earliest then, whatever it says: a recording of the events
	// gives the same alerts.
	reached int64
}

// swap asks the loop to take over what a reload found.
type swap struct {
	*setup
	done chan<- swapped // has room for the answer
}

type swapped struct {
	verdicts []engine.Verdict
	err      error
}

// emit hands an event to the loop and returns once it is accepted. It blocks
// while the loop is behind. The event is the caller's again when it returns.
func (l *loop) emit(ctx context.Context, ev *event.Event) error {
	c := ev.Clone()
	select {
	case l.events <- c:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// own queues an event about qmpalert itself. It never blocks: the loop may be
// the one who waits for the caller. The loop gives it the host.
func (l *loop) own(data qmp.Data) {
	ev := &event.Event{
		Event: qmp.MakeEvent(data, qmp.NoTime), Source: "qmpalert", Received: l.now(),
	}
	select {
	case l.events <- ev:
	default:
		l.log.Error("no room for an event of our own", "event", ev.Name, "data", string(ev.Raw))
	}
}

// run decides until the sources have ended (stopped is closed) and what they
// emitted has been decided.
func (l *loop) run(stopped <-chan struct{}) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case ev := <-l.events:
			l.step(ev)
		case <-ticker.C:
			l.tell(l.machine.Advance(l.reach()))
		case s := <-l.swaps:
			l.swap(s)
		case c := <-l.collected:
			l.collecting--
			l.release(c)
		case <-stopped:
			l.drain()
			return
		}
	}
}

// drain decides what was accepted before the end, and sends what still waits:
// nobody can be asked any more, so that is soon.
func (l *loop) drain() {
	for {
		select {
		case ev := <-l.events:
			l.step(ev)
			continue
		default:
		}
		if l.collecting == 0 {
			return
		}
		c := <-l.collected
		l.collecting--
		l.release(c)
	}
}

// reach lets time pass until now.
func (l *loop) reach() int64 {
	l.reached = l.now()
	return l.reached
}

func (l *loop) step(ev *event.Event) {
	l.seq++
	ev.Seq = l.seq
	ev.Received = max(ev.Received, l.reached)
	if ev.Host == "" {
		ev.Host = l.host
	}
	if l.onEvent != nil {
		l.onEvent(ev)
	}
	d := l.machine.Step(ev)
	if d.Late {
		l.log.Debug("event is late", "event", ev.Name, "vm", ev.VM.Name, "seq", ev.Seq)
	}
	l.tell(d)
}

// swap takes over a setup between two events. The endpoints come first: the
// old rules may end alerts, and those of the new rules must find theirs.
func (l *loop) swap(s swap) {
	if err := l.deliver.Swap(s.endpoints); err != nil {
		s.done <- swapped{err: err}
		return
	}
	l.host = s.host
	l.planner.Swap(s.route)
	d, verdicts := l.machine.Swap(s.rules, l.reach())
	l.tell(d)
	s.done <- swapped{verdicts: verdicts}
}

// tell passes on what was decided.
func (l *loop) tell(d engine.Decision) {
	for _, c := range d.Changes {
		l.logChange(c)
		if l.onChange != nil {
			l.onChange(c)
		}
		l.send(&c, l.planner.Step(c))
	}
	for _, q := range d.Questions {
		l.question(q)
	}
}

func (l *loop) logChange(c alert.Change) {
	level := slog.LevelInfo
	if c.Status == alert.Pending || c.Status == alert.Inactive || c.Reason == alert.ReasonQuiet {
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, "alert "+string(c.Status),
		"alertname", c.Name, "vm", c.Labels.Get("vm"), "reason", string(c.Reason),
		"fingerprint", c.Fingerprint.String(), "count", c.Count)
}
