package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Options of Run; the zero value has the defaults.
type Options struct {
	Quiet  time.Duration // without a further notice before the files are read; 150ms
	AtMost time.Duration // from the first notice until they are read anyway; 600ms
	Rescan time.Duration // between looks that nothing asked for, for lost notices; 10s
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
}

// Run calls changed, from its own goroutine, with what the files hold whenever
// that differs from known, which changed returns anew: the caller says what it
// has taken over or refused. patterns is asked before each look, for the
// configuration may name other files by then. Run blocks until ctx is done and
// returns nil, or returns at once an error when the system gives no watches;
// then the caller can still look by itself.
//
// Each look costs reading all files: notices are gathered until there was none
// for Options.Quiet.
func Run(ctx context.Context, o Options, patterns func() []string, known Hash, changed func(Files)) error {
	o.defaults()
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watching files: %w", err)
	}
	defer w.Close()
	r := runner{w: w, patterns: patterns, changed: changed, known: known, watched: map[string]bool{}}
	r.look() // what changed before the watches were there

	rescan := time.NewTicker(o.Rescan)
	defer rescan.Stop()
	quiet := time.NewTimer(time.Hour)
	quiet.Stop()
	var first time.Time // of the notices since the last look
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Events:
			if !ok {
				return nil
			}
			if !r.scope.matters(e.Name) && !r.watched[e.Name] {
				continue
			}
		case <-w.Errors: // also an overflow of the system's queue: look
		case <-quiet.C:
			first = time.Time{}
			r.look()
			continue
		case <-rescan.C:
			r.look()
			continue
		}
		now := time.Now()
		if first.IsZero() {
			first = now
		}
		quiet.Reset(min(o.Quiet, max(0, o.AtMost-now.Sub(first))))
	}
}

type runner struct {
	w        *fsnotify.Watcher
	patterns func() []string
	changed  func(Files)
	known    Hash
	watched  map[string]bool
	scope    scope
}

// look watches every directory that matters now, then reads the files. In this
// order: what changes in between makes a notice.
func (r *runner) look() {
	patterns := r.patterns()
	r.watch(patterns)
	files := Read(patterns)
	if h := files.Hash(); h != r.known {
		r.known = h
		r.changed(files)
	}
}

// watch puts watches on the directories of the scope.
func (r *runner) watch(patterns []string) {
	r.scope = scopeOf(patterns)
	for dir := range r.watched {
		if _, ok := r.scope.dirs[dir]; !ok {
			_ = r.w.Remove(dir) // it may be gone already
			delete(r.watched, dir)
		}
	}
	for dir := range r.scope.dirs {
		// Adding again costs little and renews the watch of a directory that was
		// replaced by another of the same name.
		if r.w.Add(dir) == nil {
			r.watched[dir] = true
		}
	}
}
