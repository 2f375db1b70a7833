package daemon

import (
	"context"
	"log/slog"
	"time"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/qmp"
)

// reloader takes over changed rule files and configuration while everything
// runs: whole or not at all.
type reloader struct {
	log     *slog.Logger
	load    func() (*setup, diag.List) // reads the files as they are now
	apply   func(context.Context, *setup) ([]engine.Verdict, error)
	failed  func(qmp.Data)
	settle  time.Duration // how long a great loss of rules must be stable
	current *setup
}

// run reloads when files changed and when asked to, until ctx is done.
func (r *reloader) run(ctx context.Context, changed <-chan struct{}, asked <-chan struct{}) {
	held := time.NewTimer(time.Hour)
	held.Stop()
	defer held.Stop()
	for {
		explicit := false
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case <-held.C:
			explicit = true // it was stable for long enough
		case <-asked:
			explicit = true
		}
		held.Stop()
		next, findings := r.load()
		switch {
		case findings.HasErrors():
			r.refuse(findings)
		case !explicit && r.current.lost(next):
			r.log.Warn("more than half of the rules are gone: waiting whether it stays so; SIGHUP takes it over at once",
				"rules", r.current.rules.Len(), "left", next.rules.Len(), "wait", r.settle)
			held.Reset(r.settle)
		default:
			r.take(ctx, next, findings)
		}
	}
}

// refuse keeps what runs and says why.
func (r *reloader) refuse(findings diag.List) {
	for _, f := range findings {
		r.log.Error("reload refused", "finding", f.String())
	}
	first := findings[0]
	for _, f := range findings {
		if f.Severity == diag.Error {
			first = f
			break
		}
	}
	r.failed(&qmp.QMPAlertReloadFailed{File: qmp.Some(first.Pos.File), Error: qmp.Some(first.String())})
}

func (r *reloader) take(ctx context.Context, next *setup, findings diag.List) {
	verdicts, err := r.apply(ctx, next)
	if err != nil {
		if ctx.Err() == nil {
			r.log.Error("reload refused", "err", err)
			r.failed(&qmp.QMPAlertReloadFailed{Error: qmp.Some(err.Error())})
		}
		return
	}
	r.current = next
	for _, f := range findings {
		r.log.Warn("rule finding", "finding", f.String())
	}
	counts := make(map[engine.Action]int)
	for _, v := range verdicts {
		counts[v.Action]++
		r.log.Info("rule "+string(v.Action), "group", v.Group, "rule", v.Rule)
	}
	r.log.Info("reloaded", "rules", next.rules.Len(), "kept", counts[engine.Kept], "added", counts[engine.Added],
		"changed", counts[engine.Changed], "removed", counts[engine.Removed])
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
