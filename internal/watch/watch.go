package watch

import (
	"context"
	"errors"
	"io/fs"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options of Run; the zero value has the defaults.
type Options struct {
	Quiet  time.Duration // without a further notice before the files are read; 150ms
	AtMost time.Duration // from the first notice until they are read anyway; 600ms
	Rescan time.Duration // between looks that nothing asked for, for lost notices; 10s
	// Poll is Rescan where the system gives no watches, or not enough of them;
	// 800ms.
	Poll time.Duration

	blind  bool            // for tests: no watches at all
	looked func(news bool) // for tests: called after each look
}

func (o *Options) defaults() {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&o.Quiet, 150*time.Millisecond)
	set(&o.AtMost, 600*time.Millisecond)
	set(&o.Rescan, 10*time.Second)
	set(&o.Poll, 800*time.Millisecond)
	if o.looked == nil {
		o.looked = func(bool) {}
	}
}

// Run calls changed, from its own goroutine, with what the files hold whenever
// that differs from what they held at the look before, for the first look from
// known: the hash of what the caller has loaded. patterns is asked before each
// look, for the configuration may name other files by then. While changed runs
// nothing is watched; what happens meanwhile is noticed afterwards. Run blocks
// until ctx is done, and then returns nil. Where the system gives no watches it
// looks by itself every Options.Poll.
//
// Each look costs reading all files: notices are gathered until there was none
// for Options.Quiet.
func Run(ctx context.Context, o Options, patterns func() []string, known Hash, changed func(Files)) error {
	o.defaults()
	r := runner{patterns: patterns, changed: changed, looked: o.looked, known: known, watched: map[string]bool{}}
	events, errs := r.open(o.blind)
	defer r.close()

	rescan := time.NewTimer(0) // now: what changed before the watches were there
	defer rescan.Stop()
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	defer quiet.Stop()
	var first time.Time // of the notices since the last look
	for {
		select {
		case <-ctx.Done():
			return nil
		case e := <-events:
			if !r.scope.matters(e.Name) && !r.watched[e.Name] {
				continue
			}
		case <-errs: // also an overflow of the system's queue: look
		case <-quiet.C:
			first = time.Time{}
			r.look(true)
			continue
		case <-rescan.C:
			news := r.look(false)    // somebody may be in the middle of it: that is a notice like any other
			rescan.Reset(r.every(o)) // not at every notice, which would put it off for ever
			if !news || !first.IsZero() {
				continue
			}
		}
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		quiet.Reset(min(o.Quiet, max(0, o.AtMost-now.Sub(first))))
	}
}

type runner struct {
	w        *fsnotify.Watcher // nil where the system gives none
	patterns func() []string
	changed  func(Files)
	looked   func(news bool)
	known    Hash
	watched  map[string]bool
	scope    scope
	short    bool // some directory could not be watched
}

// open starts fsnotify. Its channels are nil, and never ready, without it.
func (r *runner) open(blind bool) (<-chan fsnotify.Event, <-chan error) {
	if blind {
		return nil, nil
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, nil // out of inotify instances; polling does as well
	}
	r.w = w
	return w.Events, w.Errors
}

func (r *runner) close() {
	if r.w != nil {
		_ = r.w.Close() // nothing is written through it
	}
}

// every is the time after which to look without being asked.
func (r *runner) every(o Options) time.Duration {
	if r.w == nil || r.short {
		return o.Poll
	}
	return o.Rescan
}

// look watches every directory that matters now, then reads the files. In this
// order: what changes in between makes a notice. It returns whether they hold
// something new, and reports that if it is asked to.
func (r *runner) look(report bool) (news bool) {
	patterns := r.patterns()
	r.watch(patterns)
	files := Read(patterns)
	h := files.Hash()
	news = h != r.known
	if news && !report {
		return true // the look that reports comes
	}
	if news {
		r.known = h
		r.changed(files)
	}
	r.looked(news)
	return news
}

// watch puts watches on the directories of the scope.
func (r *runner) watch(patterns []string) {
	if r.w == nil {
		return
	}
	r.scope = scopeOf(patterns)
	r.short = len(r.scope.dirs) > maxFiles // the scope was cut there
	for dir := range r.watched {
		if _, ok := r.scope.dirs[dir]; !ok {
			_ = r.w.Remove(dir) // it may be gone already
			delete(r.watched, dir)
		}
	}
	for dir := range r.scope.dirs {
		// Adding again costs little and renews the watch of a directory that was
		// replaced by another of the same name.
		switch err := r.w.Add(dir); {
		case err == nil:
			r.watched[dir] = true
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			// It comes later, and its parent is watched.
		default: // out of watches, or not readable for us
			r.short = true
		}
	}
}
