package daemon

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/internal/telemetry"
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
	// Version and Revision are those of the program, for the API and metrics.
	Version, Revision string

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
	// done; 10s when 0. What is left then waits on the disk, if there is storage.
	Grace time.Duration
	// Deliver are the times of delivery; the zero value has the defaults.
	Deliver deliver.Options
	// Crash is called at named points, for tests that let the process die there.
	Crash func(point string)
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
// configuration or rules that cannot be used, and another error when the state
// directory or a listening address cannot be used.
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
	first, findings := ld.load(false)
	if findings.HasErrors() {
		return &InvalidError{findings}
	}
	first.warn(o.Log, findings)
	d := &daemon{opts: o, log: o.Log, started: time.Now(), metrics: telemetry.New(o.Version, o.Revision)}
	d.buttons.daemon, d.prober.log = d, o.Log
	if err := d.start(ctx, ld, first); err != nil {
		return err
	}
	d.run(ctx, ld, first)
	return nil
}

// daemon is the running program.
type daemon struct {
	opts    Options
	log     *slog.Logger
	started time.Time
	clock   *clock
	loop    *loop
	sources *sourceSet
	web     *webServer
	outbox  deliver.Outbox
	metrics *telemetry.Registry
	buttons listeners
	prober  prober             // of run, then of the reloader
	stop    context.CancelFunc // of the sources
	reload  *reloader
	damage  damages
	account account
	ready   atomic.Bool

	restored bool  // the core may have other rules and routes than the files
	until    int64 // until when a former process lived
}

// start opens what the first setup names, and restores what was known.
func (d *daemon) start(ctx context.Context, ld *loader, first *setup) (err error) {
	memory := &memory{log: d.log, files: map[string]string{}, monitors: map[monitored]string{}}
	if s := first.storage; s.path != "" {
		if memory, err = openMemory(s, d.log, d.damaged); err != nil {
			return err
		}
	} else if d.opts.ConfigFile != "" {
		d.log.Warn("nothing is kept on disk: a restart forgets windows, alerts and what was not delivered; `storage: {path: …}` keeps them")
	}
	memory.crash = d.opts.Crash
	d.clock = newClock()
	l := &loop{
		host: first.host, receivers: namesOf(&first.route), now: d.clock.now, ended: make(chan struct{}), log: d.log, memory: memory,
		saver:   checkpoints{log: d.log, memory: memory, limits: first.storage},
		onEvent: d.opts.OnEvent, onChange: d.changed,
		inbox: newInbox(), requests: make(chan request), looks: make(chan func()),
		reached: qmp.NoTime,

		collected: make(chan collection),
		held:      make(map[string][]message),
	}
	d.loop = l
	d.reload = newReloader(d, ld.load, first)
	l.deliver = deliver.New(d.deliverOptions(memory))
	defer func() {
		if err != nil {
			d.abandon()
		}
	}()
	if err := l.deliver.Swap(first.endpoints); err != nil {
		return err
	}
	if err := d.restore(first); err != nil {
		return err
	}
	return d.open(ctx, first)
}

// restore brings back what a former process knew, then takes over the files as
// they are now.
func (d *daemon) restore(first *setup) error {
	l := d.loop
	r := recovery{log: d.log, memory: l.memory, wanted: l.wanted, put: l.deliver.PutCommitted, tell: l.fromMemory}
	var err error
	if l.core, err = r.run(first); err != nil {
		return err
	}
	d.restored = r.older
	if r.found {
		l.saver.saved = r.from
	} else {
		// Whoever dies before the first checkpoint must not find a log without one.
		l.saver.saveNow(l.core)
	}
	d.until = l.memory.until(l.core.Clock())
	d.clock.notBefore(l.core.Clock())
	l.files = l.memory.positions()
	return nil
}

// open starts sources, and whoever wants to be asked.
func (d *daemon) open(ctx context.Context, first *setup) error {
	l := d.loop
	srcCtx, stop := context.WithCancel(ctx)
	d.stop = stop
	d.sources = &sourceSet{
		ctx: srcCtx, emit: l.emit, now: l.now, resume: l.resume, log: d.log,
		running: make(map[sourceSpec]runningSource),
	}
	l.asker = newAsker(srcCtx, d.opts.AskTimeout, d.sources.ask)
	added, err := d.sources.open(first.sources)
	if err != nil {
		return err
	}
	if d.web, err = d.listen(first.web, hostsOf(first.route.ExternalURL)); err != nil {
		return err
	}
	if d.restored { // what was known may be older than the files
		a := l.request(request{setup: first})
		if a.err != nil {
			return a.err
		}
		logVerdicts(d.log, a.verdicts)
	}
	for _, q := range l.core.Machine().Questions() {
		l.questionAgain(q)
	}
	gone, still := l.vanished()
	for _, ev := range gone {
		if l.inbox.try(ev) != nil { // nobody takes anything out yet
			d.log.Error("no room for an event of our own", "event", ev.Name, "vm", ev.VM.Name)
		}
	}
	d.sources.before = newFormer(still, d.until)
	d.sources.take(first.sources, added)
	return nil
}

// abandon takes down what start has put up.
func (d *daemon) abandon() {
	if d.stop != nil {
		d.stop()
		d.loop.asker.wait()
	}
	d.web.close()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	d.loop.deliver.Close(ended)
	d.loop.memory.close()
}

// run runs until ctx is done and everything has ended.
func (d *daemon) run(ctx context.Context, ld *loader, first *setup) {
	var wg sync.WaitGroup
	changed := make(chan struct{}, 1)
	wg.Go(func() { watchFiles(ctx, d.log, ld.patterns, ld.hash(), changed) })
	stopped := make(chan struct{})
	wg.Go(func() {
		<-ctx.Done()
		d.ready.Store(false)
		d.sources.wait()
		close(stopped)
	})
	wg.Go(func() { d.web.run(ctx) })
	wg.Go(func() { d.beat(ctx) })
	d.buttons.swap(ctx, first.buttons)
	d.prober.ask(ctx, first.endpoints)
	wg.Go(func() { d.reload.run(ctx, changed, d.opts.Reload) })
	d.log.Info("running", "rules", first.rules.Len(), "receivers", len(first.endpoints), "sources", len(first.sources))
	d.ready.Store(true)
	if d.opts.Ready != nil {
		d.opts.Ready()
	}
	d.loop.run(stopped)
	close(d.loop.ended)
	d.stop()
	d.loop.asker.wait()
	wg.Wait() // first of all the reloader, who starts what is waited for next
	d.buttons.wait()
	d.prober.wait()
	d.close()
}

// close delivers what is decided, for as long as the grace lasts. What it could
// not deliver waits in the outbox, or was left because there is none.
func (d *daemon) close() {
	ctx, cancel := context.WithTimeout(context.Background(), d.opts.Grace)
	defer cancel()
	left := d.loop.deliver.Close(ctx)
	for _, f := range left {
		logFailure(d.log, f)
	}
	waiting := 0
	for _, s := range d.loop.deliver.Stats() {
		waiting += int(s.Queued)
	}
	d.log.Info("stopped", "events", d.loop.count.events.Load(), "undelivered", waiting+len(left))
	d.loop.memory.close()
}

// apply takes over a setup while everything runs. What can fail comes first.
func (d *daemon) apply(ctx context.Context, next *setup) ([]engine.Verdict, error) {
	added, err := d.sources.open(next.sources)
	if err != nil {
		return nil, err
	}
	result, err := d.loop.ask(ctx, request{setup: next})
	if err != nil {
		return nil, err
	}
	if result.err != nil {
		return nil, fmt.Errorf("receivers: %w", result.err)
	}
	d.sources.take(next.sources, added)
	d.buttons.swap(ctx, next.buttons)
	d.prober.ask(ctx, next.endpoints)
	return result.verdicts, nil
}

// changed hands a change to those who follow them.
func (d *daemon) changed(c *alert.Change) {
	if d.opts.OnChange != nil {
		d.opts.OnChange(*c)
	}
	d.web.publish(c)
}

// damaged takes note of damage in the state directory.
func (d *daemon) damaged(x store.Damage) {
	d.damage.add(x)
	d.log.Error("the state directory is damaged", "file", x.File, "bytes", x.Bytes, "kept", x.Kept, "err", x.Err)
}
