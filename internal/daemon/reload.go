package daemon

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/qmp"
)

// reloader takes over changed rule files and configuration while everything
// runs: whole or not at all.
type reloader struct {
	log     *slog.Logger
	load    func(explicit bool) (*setup, diag.List) // reads the files as they are now
	apply   func(context.Context, *setup) ([]engine.Verdict, error)
	failed  func(qmp.Data)
	done    func(error)   // told how an attempt ended
	settle  time.Duration // how long a great loss of rules must be stable
	first   *setup        // what storage and web are like until the end
	current *setup
	asked   chan asking
	ended   chan struct{} // closed when nothing is taken over any more

	mu          sync.Mutex
	outcome     web.Reload
	beats       config.Heartbeat
	beatChanged chan struct{} // one token: beats is another one
}

// asking is a reload that somebody waits for.
type asking struct{ done chan<- reloaded }

// reloaded is how an attempt ended.
type reloaded struct {
	findings diag.List
	verdicts []engine.Verdict
	rules    int
	err      error
}

func newReloader(d *daemon, load func(bool) (*setup, diag.List), first *setup) *reloader {
	r := &reloader{
		log: d.log, load: load, apply: d.apply, failed: d.loop.own, settle: d.opts.Settle, first: first, current: first,
		done:  func(err error) { d.metrics.Reloaded(err == nil, time.Now()) },
		asked: make(chan asking), ended: make(chan struct{}), beats: first.heartbeat, beatChanged: make(chan struct{}, 1),
	}
	r.note(nil)
	return r
}

// run reloads when files changed and when asked to, until ctx is done.
func (r *reloader) run(ctx context.Context, changed <-chan struct{}, signal <-chan struct{}) {
	defer close(r.ended)
	held := time.NewTimer(time.Hour)
	held.Stop()
	defer held.Stop()
	for {
		explicit := false
		var who asking
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-held.C:
			explicit = true // it was stable for long enough
		case <-signal:
			explicit = true
		case who = <-r.asked:
			explicit = true
		}
		held.Stop()
		var out reloaded
		next, findings := r.load(explicit)
		switch {
		case findings.HasErrors():
			out = r.refuse(findings)
		case !explicit && r.current.lost(next):
			r.log.Warn("more than half of the rules are gone: waiting whether it stays so; SIGHUP takes it over at once",
				"rules", r.current.rules.Len(), "left", next.rules.Len(), "wait", r.settle)
			held.Reset(r.settle)
		default:
			out = r.take(ctx, next, findings)
		}
		if who.done != nil {
			who.done <- out
		}
	}
}

// now reloads and returns when that is done.
func (r *reloader) now(ctx context.Context) (reloaded, error) {
	done := make(chan reloaded, 1)
	select {
	case r.asked <- asking{done}:
	case <-r.ended:
		return reloaded{}, errStarting
	case <-ctx.Done():
		return reloaded{}, ctx.Err()
	}
	select {
	case out := <-done:
		return out, nil
	case <-ctx.Done():
		return reloaded{}, ctx.Err()
	}
}

// refuse keeps what runs and says why: what is an error. The rest is said when
// it is taken.
func (r *reloader) refuse(findings diag.List) reloaded {
	wrong := slices.DeleteFunc(slices.Clone(findings), func(f diag.Finding) bool { return f.Severity != diag.Error })
	for _, f := range wrong {
		r.log.Error("reload refused", "finding", f.String())
	}
	first := wrong[0]
	r.failed(&qmp.QMPAlertReloadFailed{File: qmp.Some(first.Pos.File), Error: qmp.Some(first.String())})
	err := errors.New(first.String())
	r.note(err)
	return reloaded{findings: findings, err: err}
}

func (r *reloader) take(ctx context.Context, next *setup, findings diag.List) reloaded {
	verdicts, err := r.apply(ctx, next)
	if err != nil {
		if ctx.Err() == nil {
			r.log.Error("reload refused", "err", err)
			r.failed(&qmp.QMPAlertReloadFailed{Error: qmp.Some(err.Error())})
			r.note(err)
		}
		return reloaded{err: err}
	}
	for _, key := range r.first.fixed(next) {
		r.log.Warn("a change of " + key + " counts after a restart only")
	}
	r.current = next
	next.warn(r.log, findings)
	logVerdicts(r.log, verdicts)
	r.mu.Lock()
	r.beats = next.heartbeat
	r.mu.Unlock()
	select {
	case r.beatChanged <- struct{}{}:
	default:
	}
	r.note(nil)
	return reloaded{findings: findings, verdicts: verdicts, rules: next.rules.Len()}
}

func logVerdicts(log *slog.Logger, verdicts []engine.Verdict) {
	counts := make(map[engine.Action]int)
	for _, v := range verdicts {
		counts[v.Action]++
		level := slog.LevelInfo
		if v.Action == engine.Kept { // nearly all of them, at each start
			level = slog.LevelDebug
		}
		log.Log(context.Background(), level, "rule "+string(v.Action), "group", v.Group, "rule", v.Rule)
	}
	removed := counts[engine.Removed]
	log.Info("reloaded", "rules", len(verdicts)-removed, "kept", counts[engine.Kept], "added", counts[engine.Added],
		"changed", counts[engine.Changed], "removed", removed)
}

// note remembers how an attempt ended.
func (r *reloader) note(err error) {
	r.done(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcome = web.Reload{At: web.Time(time.Now().UnixMicro()), OK: err == nil}
	if err != nil {
		r.outcome.Error = err.Error()
	}
}

// last is how the last attempt ended.
func (r *reloader) last() web.Reload {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.outcome
}

func (r *reloader) heartbeat() config.Heartbeat {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.beats
}

// watchFiles sends on changed whenever the files hold something else than what
// known says, until ctx is done.
func watchFiles(ctx context.Context, log *slog.Logger, patterns func() []string, known watch.Hash, changed chan<- struct{}) {
	err := watch.Run(ctx, watch.Options{}, patterns, known, func(watch.Files) {
		select {
		case changed <- struct{}{}:
		default: // a reload that has not begun yet will see this too
		}
	})
	if err != nil {
		log.Error("rule files are not watched; SIGHUP reloads them", "err", err)
	}
}
