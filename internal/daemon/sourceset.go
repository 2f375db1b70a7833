package daemon

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
	"github.com/qmpalert/qmpalert/sources/ndjson"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

// sourceSpec is a configured source: QMP monitors, or files. Two equal ones are
// the same source: a reload leaves it running.
type sourceSpec struct {
	qmp, file    string // a pattern in one of them
	vmName, host string
}

func (s sourceSpec) String() string { return cmp.Or(s.qmp, s.file) }

// sourceSet runs the sources that the configuration names.
type sourceSet struct {
	ctx  context.Context
	emit sources.Emit
	now  func() int64
	log  *slog.Logger
	// resume says where a file that was followed before goes on.
	resume func(source string) string
	// before says whose monitor was read before, and until when.
	before *former

	wg      sync.WaitGroup
	mu      sync.Mutex
	running map[sourceSpec]runningSource
	closed  bool // wait was called: nothing is started any more
}

// runningSource is a source and how to stop it.
type runningSource struct {
	sources.Source
	stop context.CancelFunc
}

// open makes the sources that specs name beyond those that run, without
// starting them: nothing live is touched until everything that can fail has
// succeeded.
func (s *sourceSet) open(specs []sourceSpec) (map[sourceSpec]sources.Source, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	added := make(map[sourceSpec]sources.Source)
	for _, spec := range specs {
		if _, runs := s.running[spec]; runs {
			continue
		}
		src, err := s.make(spec)
		if err != nil {
			return nil, err
		}
		added[spec] = src
	}
	return added, nil
}

func (s *sourceSet) make(spec sourceSpec) (sources.Source, error) {
	if spec.file != "" {
		return ndjson.Follow(ndjson.FollowConfig{
			Pattern: spec.file, VMName: spec.vmName, Host: spec.host, Now: s.now, Log: s.log,
			Resume: func(path string) string { return s.resume("file:" + path) },
		})
	}
	return qmpsock.New(qmpsock.Config{
		Pattern: spec.qmp, VMName: spec.vmName, Host: spec.host, Now: s.now, Log: s.log,
		Before: func(source string) (vm string, until int64, ok bool) { return s.before.take(spec.host, source) },
	})
}

// take starts what open returned and stops the sources that specs no longer
// name. A monitor serves one client: the old ones are told to go first, and a
// new one that comes too early tries again.
func (s *sourceSet) take(specs []sourceSpec, added map[sourceSpec]sources.Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keep := make(map[sourceSpec]bool)
	for _, spec := range specs {
		keep[spec] = true
	}
	for spec, r := range s.running {
		if !keep[spec] {
			r.stop()
			delete(s.running, spec)
			s.log.Info("source removed", "source", spec.String())
		}
	}
	if s.closed {
		return
	}
	for spec, src := range added {
		ctx, cancel := context.WithCancel(s.ctx)
		s.running[spec] = runningSource{src, cancel}
		s.wg.Go(func() {
			if err := src.Run(ctx, s.emit); err != nil && ctx.Err() == nil {
				s.log.Error("source ended", "source", spec.String(), "err", err)
			}
		})
	}
}

// wait returns when every source has ended; the context given at the start
// tells them to.
func (s *sourceSet) wait() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.wg.Wait()
}

// statuses lists every connection, by name.
func (s *sourceSet) statuses() []sources.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []sources.Status
	for _, r := range s.running {
		if x, ok := r.Source.(sources.Reporter); ok {
			out = append(out, x.Statuses()...)
		}
	}
	slices.SortFunc(out, func(a, b sources.Status) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// ask asks a VM through whichever source reads its monitor. It may be called by
// any goroutine, and blocks as sources.Asker does.
func (s *sourceSet) ask(ctx context.Context, host, vm string, q qmp.Query) ([]byte, error) {
	s.mu.Lock()
	var askers []sources.Asker
	for _, r := range s.running {
		if a, ok := r.Source.(sources.Asker); ok {
			askers = append(askers, a)
		}
	}
	s.mu.Unlock()
	for _, a := range askers {
		answer, err := a.Ask(ctx, host, vm, q)
		if !errors.Is(err, sources.ErrNoMonitor) {
			return answer, err
		}
	}
	return nil, sources.ErrNoMonitor
}
