package daemon

import (
	"context"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/web"
)

// request is something that a person or a reload wants of the core. It is
// written down and decided like an event.
type request struct {
	entry core.Entry // At is the loop's
	setup *setup     // with entry.Swap: what else changes
	done  chan<- answer
}

// answer is what became of a request.
type answer struct {
	verdicts []engine.Verdict
	err      error
}

// errStarting is the answer of a loop that does not turn.
var errStarting = web.Unavailable("starting, or stopping")

// ask hands a request to the loop and waits for the answer. Once the loop has
// ended it is an error at once.
func (l *loop) ask(ctx context.Context, r request) (answer, error) {
	done := make(chan answer, 1)
	r.done = done
	select {
	case l.requests <- r:
	case <-l.ended:
		return answer{}, errStarting
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
	select {
	case a := <-done:
		return a, nil
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

// look runs f between two entries, when nothing of the core changes. f must not
// keep anything that does. Once the loop has ended it is an error at once.
func (l *loop) look(ctx context.Context, f func(*core.Core)) error {
	done := make(chan struct{})
	look := func() {
		defer close(done)
		f(l.core)
	}
	select {
	case l.looks <- look:
	case <-l.ended:
		return errStarting
	case <-ctx.Done():
		return ctx.Err()
	}
	<-done
	return nil
}

// request decides what somebody wants.
func (l *loop) request(r request) answer {
	if r.setup != nil {
		if err := l.prepare(&r); err != nil {
			return answer{err: err}
		}
	}
	r.entry.At = l.reach()
	position := l.memory.append(r.entry)
	out := l.core.Step(r.entry)
	l.decided(position, &out)
	l.tell()
	return answer{out.Verdicts, out.Err}
}

// prepare takes over what belongs to a swap and is not decided. The endpoints
// come before it: the old rules may end alerts, and those of the new rules must
// find theirs.
func (l *loop) prepare(r *request) error {
	id := ""
	if l.memory.state != nil {
		var err error
		id, err = l.memory.state.KeepRules(l.memory.seq, r.setup.files)
		l.memory.trouble(&l.memory.stateErr, err)
		l.memory.hole = l.memory.hole || err != nil
	}
	if err := l.deliver.Swap(r.setup.endpoints); err != nil {
		return err
	}
	l.host, l.receivers = r.setup.host, namesOf(&r.setup.route)
	r.entry.Swap = &core.Swap{RulesID: id, Rules: r.setup.rules, Route: r.setup.route}
	return nil
}
