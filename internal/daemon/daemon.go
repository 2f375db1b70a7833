package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Options say what to run.
type Options struct {
	// ConfigFile is the configuration; "" runs without one: monitors at
	// Monitors, rules from Rules, alerts on Console.
	ConfigFile string
	// Rules are rule files, directories and globs that replace rule_files of
	// the configuration.
	Rules []string
	// Builtin are the rules for when no rule file is named anywhere.
	Builtin []rules.File
	// Monitors are the patterns that are read without a configuration; empty:
	// DefaultMonitors.
	Monitors []string
	// Console gets the alerts when there is no configuration. Color allows
	// escape sequences for colours on it.
	Console io.Writer
	Color   bool

	Log    *slog.Logger    // needed
	Reload <-chan struct{} // explicit reloads (SIGHUP); may be nil
	Ready  func()          // called once when everything runs; may be nil

	// OnEvent is told of each event right before it is decided, numbered, in
	// order, and OnChange of each change; both may be nil. They are called by the
	// goroutine that decides, and hold it up. An event must not be kept.
	OnEvent  func(*event.Event)
	OnChange func(alert.Change)

	// Settle is for how long the loss of more than half of the rules must be
	// stable before it is taken over; 30s when 0.
	Settle time.Duration
	// AskTimeout is how long a VM may take to answer what `confirm` and `attach`
	// ask; 5s when 0. The engine waits 5s for a confirm.
	AskTimeout time.Duration
	// Grace is how long what is decided may take to be delivered after ctx is
	// done; 10s when 0.
	Grace time.Duration
}

// DefaultMonitors is where QEMU's monitors are looked for without a
// configuration.
const DefaultMonitors = "/run/qemu/*.qmp"

// InvalidError says that the configuration or the rules cannot be used.
type InvalidError struct{ Findings diag.List }

func (e *InvalidError) Error() string { return e.Findings.Err().Error() }

// Run runs until ctx is done: then it stops reading, decides what was
// accepted, delivers what is decided for up to Options.Grace, and returns nil.
// It returns an *InvalidError, before anything was started, for a
// configuration or rules that cannot be used.
func Run(ctx context.Context, o Options) error {
	if o.Settle <= 0 {
		o.Settle = 30 * time.Second
	}
	if o.Grace <= 0 {
		o.Grace = 10 * time.Second
	}
	if o.AskTimeout <= 0 {
		o.AskTimeout = askTimeout
	}
	ld := &loader{opts: o}
	first, findings := ld.load()
	if findings.HasErrors() {
		return &InvalidError{findings}
	}
	for _, f := range findings {
		o.Log.Warn("rule finding", "finding", f.String())
	}
	d := newDaemon(o, first)
	if err := d.start(ctx, first); err != nil {
		return err
	}
	d.run(ctx, ld, first)
	return nil
}

// daemon is the running program.
type daemon struct {
	opts    Options
	log     *slog.Logger
	loop    *loop
	sources *sourceSet
	stop    context.CancelFunc // of the sources
}

func newDaemon(o Options, first *setup) *daemon {
	d := &daemon{opts: o, log: o.Log}
	l := &loop{
		host: first.host, now: wallClock(), log: o.Log,
		machine: engine.New(first.rules, engine.Options{}),
		planner: dispatch.New(first.route),
		onEvent: o.OnEvent, onChange: o.OnChange,
		events:  make(chan *event.Event, inbox),
		swaps:   make(chan swap),
		reached: qmp.NoTime,

		collected: make(chan collection),
		held:      make(map[string][]notifiers.Notification),
	}
	l.deliver = deliver.New(deliver.Options{
		OnFailed: func(f deliver.Failure) {
			logFailure(o.Log, f)
			l.own(&qmp.QMPAlertDeliveryFailed{Receiver: qmp.Some(f.Receiver), Reason: qmp.Some(string(f.Reason))})
		},
		OnRetry: func(r deliver.Retry) {
			o.Log.Warn("delivery will be tried again", "receiver", r.Receiver, "endpoint", r.Endpoint,
				"attempt", r.Attempt, "after", r.After, "err", r.Err)
		},
	})
	d.loop = l
	return d
}

// start opens what the first setup names.
func (d *daemon) start(ctx context.Context, first *setup) error {
	srcCtx, stop := context.WithCancel(ctx)
	d.stop = stop
	d.sources = &sourceSet{
		ctx: srcCtx, emit: d.loop.emit, now: d.loop.now, log: d.log,
		running: make(map[monitorSpec]runningSource),
	}
	d.loop.asker = newAsker(srcCtx, d.opts.AskTimeout, d.sources.ask)
	err := d.loop.deliver.Swap(first.endpoints)
	added, openErr := d.sources.open(first.monitors)
	if err == nil {
		err = openErr
	}
	if err != nil {
		stop()
		d.loop.deliver.Close(srcCtx)
		return err
	}
	d.sources.take(first.monitors, added)
	return nil
}

// run runs until ctx is done and everything has ended.
func (d *daemon) run(ctx context.Context, ld *loader, first *setup) {
	var wg sync.WaitGroup
	changed := make(chan struct{}, 1)
	wg.Go(func() { watchFiles(ctx, d.log, ld.patterns, ld.hash(), changed) })
	r := &reloader{
		log: d.log, load: ld.load, apply: d.apply, settle: d.opts.Settle, current: first,
		failed: d.loop.own,
	}
	wg.Go(func() { r.run(ctx, changed, d.opts.Reload) })
	stopped := make(chan struct{})
	wg.Go(func() {
		<-ctx.Done()
		d.sources.wait()
		close(stopped)
	})
	d.log.Info("running", "rules", first.rules.Len(), "receivers", len(first.endpoints), "sources", len(first.monitors))
	if d.opts.Ready != nil {
		d.opts.Ready()
	}
	d.loop.run(stopped)
	d.stop()
	d.loop.asker.wait()
	wg.Wait()
	d.close()
}

// close delivers what is decided, for as long as the grace lasts.
func (d *daemon) close() {
	ctx, cancel := context.WithTimeout(context.Background(), d.opts.Grace)
	defer cancel()
	left := d.loop.deliver.Close(ctx)
	for _, f := range left {
		logFailure(d.log, f)
	}
	d.log.Info("stopped", "events", d.loop.seq, "undelivered", len(left))
}

// apply takes over a setup while everything runs. What can fail comes first.
func (d *daemon) apply(ctx context.Context, next *setup) ([]engine.Verdict, error) {
	added, err := d.sources.open(next.monitors)
	if err != nil {
		return nil, err
	}
	done := make(chan swapped, 1)
	s := swap{setup: next, done: done}
	select {
	case d.loop.swaps <- s:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var result swapped
	select {
	case result = <-done:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if result.err != nil {
		return nil, fmt.Errorf("receivers: %w", result.err)
	}
	d.sources.take(next.monitors, added)
	return result.verdicts, nil
}

func logFailure(log *slog.Logger, f deliver.Failure) {
	args := []any{"receiver", f.Receiver, "endpoint", f.Endpoint, "reason", string(f.Reason), "messages", f.Count, "err", f.Err}
	if len(f.Stack) > 0 {
		args = append(args, "stack", string(f.Stack))
	}
	log.Error("not delivered", args...)
}
