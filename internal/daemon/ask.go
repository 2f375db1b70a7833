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
)

const (
	// askTimeout is how long an answer may take. The engine waits as long.
	askTimeout = 5 * time.Second
	// maxAsking bounds the questions under way, each a goroutine; what comes
	// beyond is not asked and says so.
	maxAsking = 256
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
	places  chan struct{} // as many as may be under way
	wg      sync.WaitGroup
}

// run calls f on a goroutine of its own with a context that ends with the time
// for the answer; false when too many are under way.
func (a *asker) run(f func(context.Context)) bool {
	select {
	case a.places <- struct{}{}:
	default:
		return false
	}
	a.wg.Go(func() {
		defer func() { <-a.places }()
		ctx, cancel := context.WithTimeout(a.ctx, a.timeout)
		defer cancel()
		f(ctx)
	})
	return true
}

// query asks one question.
func (a *asker) query(ctx context.Context, host, vm, name string) ([]byte, error) {
	q, ok := qmp.ParseQuery(name)
	if !ok {
		return nil, fmt.Errorf("%q is not asked by this version", name)
	}
	answer, err := a.ask(ctx, host, vm, q)
	switch {
	case err == nil:
		return answer, nil
	case ctx.Err() == nil:
		// Who reads it knows what was asked.
		return nil, errors.New(strings.TrimPrefix(err.Error(), name+": "))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return nil, fmt.Errorf("no answer within %v", a.timeout)
	}
	return nil, errors.New("qmpalert is stopping")
}

// wait returns when no question is under way any more.
func (a *asker) wait() { a.wg.Wait() }

// question asks whether an alert may fire. The answer comes back as an event,
// through the one queue that everything comes through.
func (l *loop) question(q engine.Question) {
	asked := l.asker.run(func(ctx context.Context) {
		raw, err := l.asker.query(ctx, q.Host, q.VM, q.Query)
		ev := l.answer(q, raw, err)
		if err := l.emit(l.asker.ctx, ev); err != nil {
			l.log.Debug("answer came too late", "vm", q.VM, "query", q.Query, "alertname", q.Rule)
		}
	})
	if !asked {
		l.step(l.answer(q, nil, errTooMany))
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
