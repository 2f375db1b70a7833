package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	// tick is how often silence is looked at. Deadlines fire at most this much
	// after they are due; what they decide carries the exact time.
	tick = 50 * time.Millisecond
	// batchEvents is how many events are written to the disk and decided at once,
	// at most: as many as came while the disk was busy with those before.
	batchEvents = 4096
)

// loop owns the core and the memory: everything that enters is written down and
// decided on its one goroutine, in one order.
type loop struct {
	host string
	// receivers are those of the configuration.
	receivers map[string]bool
	now       func() int64 // microseconds since 1970 UTC; never goes back, nor did it before a restart
	log       *slog.Logger
	core      *core.Core
	memory    *memory
	saver     checkpoints
	deliver   *deliver.Deliverer
	asker     *asker
	count     counters

	onEvent  func(*event.Event)  // may be nil
	onChange func(*alert.Change) // may be nil

	inbox    *inbox
	requests chan request
	looks    chan func()
	ended    chan struct{} // closed when the loop does not turn any more

	// What is to be attached is collected beside the loop. held has the groups
	// whose message waits for it, and the messages behind that one.
	collected  chan collection
	collecting int
	held       map[string][]message

	// reached is until when silence was taken for the truth. What comes now was
	// received at the earliest then, whatever it says: a recording of the events
	// gives the same alerts.
	reached int64

	taken  []*event.Event // the batch
	enter  []core.Entry   // the same
	steps  []state.Step   // decided and not committed
	asking []engine.Question

	filesMu sync.Mutex
	files   map[string]string // position behind what was taken over of each followed file
}

// message is a notification and the position of the entry that decided it.
type message struct {
	position uint64
	n        notifiers.Notification
}

// emit hands an event to the loop and returns once it is accepted. It blocks
// while the loop is behind. The event is the caller's again when it returns.
func (l *loop) emit(ctx context.Context, ev *event.Event) error {
	c := ev.Clone()
	if err := l.inbox.put(ctx, c); err != nil {
		return err
	}
	if c.Position != "" {
		l.filesMu.Lock()
		l.files[c.Source] = c.Position
		l.filesMu.Unlock()
	}
	return nil
}

// resume says behind which position a source that follows files goes on. It may
// be called by any goroutine.
func (l *loop) resume(source string) string {
	l.filesMu.Lock()
	defer l.filesMu.Unlock()
	return l.files[source]
}

// own queues an event about qmpalert itself. It never blocks: the loop may be
// the one who waits for the caller. The loop gives it the host.
func (l *loop) own(data qmp.Data) {
	ev := &event.Event{
		Event: qmp.MakeEvent(data, qmp.NoTime), Source: "qmpalert", Received: l.now(),
	}
	if l.inbox.try(ev) != nil {
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
		case <-l.inbox.ready:
			l.take()
		case now := <-ticker.C:
			l.pass()
			if l.collecting == 0 && l.saver.due(now) {
				l.saver.begin(l.core, now)
			}
		case position := <-l.saver.saving:
			l.saver.finished(position)
		case r := <-l.requests:
			r.done <- l.request(r)
		case look := <-l.looks:
			look()
		case c := <-l.collected:
			l.release(c)
		case <-stopped:
			l.drain()
			l.saver.last(l.core)
			return
		}
	}
}

// drain decides what was accepted before the end, and sends what still waits:
// nobody can be asked any more, so that is soon.
func (l *loop) drain() {
	for l.inbox.len() > 0 {
		l.take()
	}
	for l.collecting > 0 {
		l.release(<-l.collected)
	}
}

// take writes down and decides what waits.
func (l *loop) take() {
	l.taken = l.inbox.take(l.taken, batchEvents)
	if len(l.taken) == 0 {
		return
	}
	l.enter = l.enter[:0]
	now := l.now()
	for _, ev := range l.taken {
		if ev.Received == qmp.NoTime || ev.Received > now {
			ev.Received = now // a file may say that it was next year
		}
		ev.Received = max(ev.Received, l.reached)
		if ev.Host == "" {
			ev.Host = l.host
		}
		l.enter = append(l.enter, core.Entry{At: ev.Received, Event: ev})
	}
	first := l.memory.append(l.enter...)
	began := time.Now()
	for i, ev := range l.taken {
		ev.Seq = first + uint64(i)
		if l.onEvent != nil {
			l.onEvent(ev)
		}
		l.memory.passed(ev)
		out := l.core.Step(l.enter[i])
		if out.Late {
			l.count.late.Add(1)
			l.log.Debug("event is late", "event", ev.Name, "vm", ev.VM.Name, "seq", ev.Seq)
		}
		l.decided(ev.Seq, &out)
	}
	l.count.spent.Add(int64(time.Since(began)))
	l.count.events.Add(uint64(len(l.taken)))
	clear(l.taken)
	clear(l.enter)
	l.tell()
}

// pass lets time pass until now. That is written down only if it decided
// something.
func (l *loop) pass() {
	e := core.Entry{At: l.reach()}
	out := l.core.Step(e)
	if out.Empty() {
		return
	}
	l.decided(l.memory.append(e), &out)
	l.tell()
}

// reach is the time until which silence is the truth.
func (l *loop) reach() int64 {
	l.reached = l.now()
	return l.reached
}

// decided takes note of what an entry decided.
func (l *loop) decided(position uint64, out *core.Output) {
	if out.Empty() {
		return
	}
	step := state.Step{Position: position, Changes: out.Changes, Notes: out.Notes}
	for i := range out.Changes {
		l.changed(&out.Changes[i])
	}
	for _, n := range out.Notifications {
		if l.waits(position, n) {
			continue
		}
		step.Puts = append(step.Puts, l.put(n))
	}
	l.steps = append(l.steps, step)
	l.asking = append(l.asking, out.Questions...)
}

func (l *loop) put(n notifiers.Notification) state.Put {
	return state.Put{Notification: n, Endpoints: l.wanted(&n)}
}

// tell keeps what was decided and hands it on to those who deliver and ask.
func (l *loop) tell() {
	if len(l.steps) > 0 {
		l.memory.point(crashDecided)
		l.commit(l.steps)
		clear(l.steps)
		l.steps = l.steps[:0]
	}
	for _, q := range l.asking {
		l.question(q)
	}
	l.asking = l.asking[:0]
}

func (l *loop) commit(steps []state.Step) {
	queued, ok := l.memory.commit(state.Batch{Position: l.memory.seq, At: l.now(), Steps: steps})
	if ok {
		for _, q := range queued {
			l.deliver.PutCommitted(q.Endpoint, q.Item)
		}
		l.memory.point(crashHanded)
		return
	}
	for i := range steps {
		for _, p := range steps[i].Puts {
			if len(p.Endpoints) > 0 {
				l.fromMemory(&p.Notification)
			}
		}
	}
}

// fromMemory delivers a message that is kept nowhere.
func (l *loop) fromMemory(n *notifiers.Notification) {
	if err := l.deliver.Put(*n); err != nil {
		l.log.Error("notification not queued", "receiver", n.Receiver, "group", n.GroupKey, "err", err)
	}
}

func (l *loop) changed(c *alert.Change) {
	level := slog.LevelInfo
	if c.Status == alert.Pending || c.Status == alert.Inactive || c.Reason == alert.ReasonQuiet {
		level = slog.LevelDebug
	}
	l.log.Log(context.Background(), level, "alert "+string(c.Status),
		"alertname", c.Name, "vm", c.Labels.Get("vm"), "reason", string(c.Reason),
		"fingerprint", c.Fingerprint.String(), "count", c.Count)
	if l.onChange != nil {
		l.onChange(c)
	}
}
