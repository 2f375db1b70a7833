package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
)

const (
	// askTimeout is how long an answer may take. The engine waits as long.
	askTimeout = 5 * time.Second
	// maxAsking bounds what is asked about at once, each a goroutine, and
	// maxAskingVM what of this is about one VM: one that does not answer must not
	// keep others from being asked. What comes beyond is not asked and says so.
	maxAsking   = 256
	maxAskingVM = 32
	// maxQueries bounds the queries under way at one monitor.
	maxQueries = 4
	// maxAnswer bounds an answer that becomes an event, in bytes: an event of more
	// than 1 MiB would not be read again.
	maxAnswer = 512 << 10
)

var errTooMany = errors.New("too many questions are under way")

// asker asks VMs what rules want to know, beside the loop, which never waits
// for it.
type asker struct {
	ctx     context.Context // ends all questions
	timeout time.Duration
	ask     func(ctx context.Context, host, vm string, q qmp.Query) ([]byte, error)

	mu    sync.Mutex
	asked map[[2]string]*interview // by host and VM; those under way
	total int                      // of their topics
	wg    sync.WaitGroup
}

func newAsker(ctx context.Context, timeout time.Duration, ask func(context.Context, string, string, qmp.Query) ([]byte, error)) *asker {
	return &asker{ctx: ctx, timeout: timeout, ask: ask, asked: make(map[[2]string]*interview)}
}

// interview is everything that one VM is asked at present.
type interview struct {
	*asker
	host, vm string
	topics   int           // calls of run that have not ended; of asker.mu
	turns    chan struct{} // as many as queries may be under way
}

// run calls f on a goroutine of its own with a context that ends with the time
// for the answers; false when too much is under way.
func (a *asker) run(host, vm string, f func(context.Context, *interview)) bool {
	v := a.begin(host, vm)
	if v == nil {
		return false
	}
	a.wg.Go(func() {
		defer a.end(v)
		ctx, cancel := context.WithTimeout(a.ctx, a.timeout)
		defer cancel()
		f(ctx, v)
	})
	return true
}

// begin makes room for one more topic, or returns nil.
func (a *asker) begin(host, vm string) *interview {
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.asked[[2]string{host, vm}]
	if a.total >= maxAsking || v != nil && v.topics >= maxAskingVM {
		return nil
	}
	if v == nil {
		v = &interview{asker: a, host: host, vm: vm, turns: make(chan struct{}, maxQueries)}
		a.asked[[2]string{host, vm}] = v
	}
	v.topics++
	a.total++
	return v
}

func (a *asker) end(v *interview) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.total--
	if v.topics--; v.topics == 0 {
		delete(a.asked, [2]string{v.host, v.vm})
	}
}

// query asks one question.
func (v *interview) query(ctx context.Context, name string) ([]byte, error) {
	q, ok := qmp.ParseQuery(name)
	if !ok {
		return nil, fmt.Errorf("%q is not asked by this version", name)
	}
	var answer []byte
	var err error
	select {
	case v.turns <- struct{}{}:
		answer, err = v.ask(ctx, v.host, v.vm, q)
		<-v.turns
	case <-ctx.Done():
		err = ctx.Err()
	}
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, sources.ErrNoMonitor):
		return nil, sources.ErrNoMonitor
	case ctx.Err() == nil:
		// Who reads it knows what was asked.
		return nil, errors.New(strings.TrimPrefix(err.Error(), name+": "))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer within %v", v.timeout)
	}
	return nil, errors.New("qmpalert is stopping")
}

// askAgain is how soon a monitor that is not there yet is looked for again.
const askAgain = 50 * time.Millisecond

// patiently asks as query does, and waits for a monitor that is not there yet.
func (v *interview) patiently(ctx context.Context, name string) ([]byte, error) {
	for {
		answer, err := v.query(ctx, name)
		if !errors.Is(err, sources.ErrNoMonitor) {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(askAgain):
		}
	}
}

// wait returns when no question is under way any more.
func (a *asker) wait() { a.wg.Wait() }

// question asks whether an alert may fire. The answer comes back as an event,
// through the one queue that everything comes through.
func (l *loop) question(q engine.Question) { l.inquire(q, (*interview).query) }

// questionAgain asks what a former process was not answered, while the monitors
// are still being connected.
func (l *loop) questionAgain(q engine.Question) { l.inquire(q, (*interview).patiently) }

func (l *loop) inquire(q engine.Question, query func(*interview, context.Context, string) ([]byte, error)) {
	asked := l.asker.run(q.Host, q.VM, func(ctx context.Context, v *interview) {
		raw, err := query(v, ctx, q.Query)
		if err != nil && l.asker.ctx.Err() != nil && l.memory.state != nil {
			return // the next process asks again
		}
		ev := l.answer(q, raw, err)
		if err := l.emit(l.asker.ctx, ev); err != nil {
			l.log.Debug("answer came too late", "vm", q.VM, "query", q.Query, "alertname", q.Rule)
		}
	})
	if !asked && l.inbox.try(l.answer(q, nil, errTooMany)) != nil {
		l.log.Debug("no room for an answer", "vm", q.VM, "query", q.Query, "alertname", q.Rule) // the engine's patience ends
	}
}

// answer makes the event that says what became of a question.
func (l *loop) answer(q engine.Question, raw []byte, err error) *event.Event {
	if err == nil && len(raw) > maxAnswer {
		err = fmt.Errorf("the answer has %d bytes, more than %d", len(raw), maxAnswer)
	}
	d := &qmp.QMPAlertAnswer{Fingerprint: qmp.Some(q.Fingerprint.String()), Query: qmp.Some(q.Query)}
	if err != nil {
		d.Error = qmp.Some(err.Error())
	} else {
		d.Return = qmp.Some(qmp.ParseValue(raw))
	}
	l.log.Debug("asked", "vm", q.VM, "query", q.Query, "alertname", q.Rule, "err", err)
	return &event.Event{
		Event: qmp.MakeEvent(d, qmp.NoTime), Host: q.Host, VM: event.VM{Name: q.VM},
		Source: "qmpalert", Received: l.now(),
	}
}
