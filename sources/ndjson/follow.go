package ndjson

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/sources"
)

// FollowConfig says which files to follow and how. Pattern, Host and Now are
// needed.
type FollowConfig struct {
	// Pattern is the path of a file, or a glob of such paths in the words of
	// filepath.Match. Files may appear and vanish at any time. A file that was
	// rotated should get a name that does not match: after a restart nothing
	// tells it from a new one.
	Pattern string
	Host    string // of events that do not say it
	// VMName is the VM of events that do not say it; {{ file }} in it stands for
	// the name of the file without its extension. Empty: see the package.
	VMName string

	// Now is the time of reception, in microseconds since 1970. It never goes
	// back.
	Now func() int64
	Log *slog.Logger // one line for each change of a file; nil: none
	// Resume returns the Position of the newest event of a file that was
	// accepted, "" for none: then the file is read from its beginning. nil: none.
	Resume func(path string) string
}

// pollEvery is how often files are looked at. Reading them costs nothing where
// nothing happens; a notice from the system would save a tenth of a second.
const pollEvery = 200 * time.Millisecond

// maxFollowed bounds how many files are open at a time.
const maxFollowed = 1000

// Follower is a source that reads files while they grow, as tail -F does. Each
// event has a Position, from which reading goes on after a restart: an event
// comes again until one behind it, or it itself, was accepted for good.
type Follower struct {
	cfg  FollowConfig
	name sources.FileName

	tails    []*tail           // in the order in which they were opened
	left     map[string]string // by path, the positions of files that are followed no longer
	troubled map[string]bool   // paths that cannot be followed now

	mu   sync.Mutex
	seen map[string]*sighting // by path; what cannot be read included
}

// sighting is how a path is, for people.
type sighting struct {
	mu     sync.Mutex
	status sources.Status
}

func (s *sighting) update(change func(*sources.Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
}

// Follow checks cfg and returns a source that has not begun.
func Follow(cfg FollowConfig) (*Follower, error) {
	if _, err := filepath.Match(cfg.Pattern, ""); err != nil {
		return nil, err
	}
	name, err := sources.ParseFileName(cfg.VMName)
	switch {
	case err != nil:
		return nil, err
	case cfg.Pattern == "":
		return nil, errors.New("file: no path")
	case cfg.Now == nil:
		return nil, errors.New("file: no clock")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Resume == nil {
		cfg.Resume = func(string) string { return "" }
	}
	cfg.Host = cmp.Or(cfg.Host, "localhost")
	return &Follower{cfg: cfg, name: name, seen: map[string]*sighting{}, left: map[string]string{}, troubled: map[string]bool{}}, nil
}

// Run implements sources.Source. It waits for emit, and ends only with ctx or
// with the error of emit: what cannot be read now is tried again. All events
// come from the goroutine of the caller.
func (f *Follower) Run(ctx context.Context, emit sources.Emit) error {
	defer f.closeAll()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		f.look()
		for more := true; more; {
			var err error
			if more, err = f.read(ctx, emit); err != nil {
				return err
			}
			select {
			case <-tick.C: // a long file must not keep others from being seen
				f.look()
			default:
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
	return nil
}

// read takes a portion of each file; more says that one of them has more.
func (f *Follower) read(ctx context.Context, emit sources.Emit) (more bool, err error) {
	for _, t := range f.tails {
		if t.after != nil && !t.after.drained {
			continue
		}
		t.after = nil
		err := f.portion(ctx, t, emit)
		if ctx.Err() != nil {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		more = more || !t.drained
	}
	return more, nil
}

func (f *Follower) closeAll() {
	for _, t := range f.tails {
		t.close()
	}
	f.tails = nil
}

// Statuses implements sources.Reporter: one for each file, and one for the
// pattern while it matches none.
func (f *Follower) Statuses() []sources.Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]sources.Status, 0, len(f.seen))
	for _, s := range f.seen {
		s.update(func(status *sources.Status) { all = append(all, *status) })
	}
	slices.SortFunc(all, func(a, b sources.Status) int { return strings.Compare(a.Source, b.Source) })
	return all
}

// sighting returns how a path is, for changes.
func (f *Follower) sighting(path string) *sighting {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.seen[path]
	if s == nil {
		s = &sighting{status: sources.Status{Source: "file:" + path, Host: f.cfg.Host, Since: f.cfg.Now()}}
		f.seen[path] = s
	}
	return s
}

// forgetOthers drops what is known of paths that are gone.
func (f *Follower) forgetOthers() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for path := range f.seen {
		if !f.troubled[path] && !slices.ContainsFunc(f.tails, func(t *tail) bool { return t.path == path }) {
			delete(f.seen, path)
		}
	}
}

// trouble reports a path that cannot be followed now.
func (f *Follower) trouble(path string, state sources.State, reason string) {
	f.troubled[path] = true
	f.report(path, state, reason)
}

// report notes how a path is, and logs it when that is news.
func (f *Follower) report(path string, state sources.State, reason string) {
	news := false
	f.sighting(path).update(func(s *sources.Status) {
		if news = s.State != state || s.Reason != reason; news {
			s.State, s.Reason, s.Since = state, reason, f.cfg.Now()
		}
	})
	switch {
	case !news:
	case state == sources.Connected:
		f.cfg.Log.Info("following a file", "source", "file:"+path)
	default:
		f.cfg.Log.Warn("a file is not read", "source", "file:"+path, "state", state.String(), "reason", reason)
	}
}
