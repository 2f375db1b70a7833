package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

func recordCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "record --source qmp:PATH… | --journal DIR [--since DURATION] [--vm NAME]",
		Short: "Print live events as NDJSON",
		Long: `Prints the events of QEMU monitors as they come, one JSON object a line: the
event as QEMU sent it, and which host and VM it came from and when. Ctrl-C ends
it. What it prints can be replayed.

With --journal it prints events that a daemon has accepted, and ends. DIR is
storage.path in its configuration, or the directory journal in it; the daemon may
run. --since leaves out what was received earlier than so long before the newest
event, --vm the events of other VMs.

--source is the path of a unix socket or a glob of such paths, or tcp://HOST:PORT,
with or without "qmp:" before it. A monitor has one seat: as long as record sits
on it, nobody else, qmpalert run included, gets an answer there.`,
		Example: `  qmpalert record --source qmp:/run/qemu/db1.qmp > db1.ndjson
  qmpalert record --source '/run/qemu/*.qmp' | qmpalert replay -
  qmpalert record --source tcp://127.0.0.1:4444
  qmpalert record --journal /var/lib/qmpalert --since 1h --vm db1 > incident.ndjson`,
		Args: arguments(0, 0, ""),
	}
	var patterns []string
	var host string
	cmd.Flags().StringArrayVar(&patterns, "source", nil, "the monitor to read, `qmp:PATH`; may be given several times")
	cmd.Flags().StringVar(&host, "host", "", "the `name` of this host in the records (default: the system's)")
	var from journalCopy
	from.flags(cmd)
	logs := logFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if from.asked(cmd) {
			if len(patterns) > 0 && from.dir != "" {
				return usage("", "record: --source and --journal exclude each other")
			}
			return from.copy(cmd.OutOrStdout(), cmd.ErrOrStderr())
		}
		if len(patterns) == 0 {
			return usage("for example: qmpalert record --source qmp:/run/qemu/db1.qmp",
				"record: --source or --journal is needed")
		}
		log, endLog, err := logs(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		defer endLog()
		if host == "" {
			name, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("record: the name of this host: %w", err)
			}
			host = cmp.Or(name, "localhost")
		}
		var all []*qmpsock.Source
		for _, p := range patterns {
			s, err := qmpsock.New(qmpsock.Config{
				Pattern: strings.TrimPrefix(p, "qmp:"), Host: host, Now: clock(), Log: log,
			})
			if err != nil {
				return usage("", "record: --source: %w", err)
			}
			all = append(all, s)
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		return record(ctx, all, cmd.OutOrStdout())
	}
	return cmd
}

// stuckFor is how long record waits, once it is to end, for a reader that does
// not take what was written.
const stuckFor = time.Second

// record copies the events of all sources to w until ctx is done or w is full.
// A write that nobody takes cannot be interrupted: after stuckFor it is left
// behind, with its goroutine, for the process ends.
func record(ctx context.Context, all []*qmpsock.Source, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r := recorder{w: w}
	var running sync.WaitGroup
	for _, s := range all {
		running.Go(func() {
			if err := s.Run(ctx, r.emit); err != nil {
				cancel()
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		select {
		case <-ended:
		case <-time.After(stuckFor):
			return errors.New("record: the last event was not taken: the reader of the output does not read")
		}
	}
	if errors.Is(r.err, syscall.EPIPE) {
		return nil
	}
	return r.err
}

// recorder numbers events in order of arrival and writes each at once.
type recorder struct {
	mu         sync.Mutex
	w          io.Writer
	seq        uint64
	text, line []byte
	err        error // the first one of w
}

func (r *recorder) emit(_ context.Context, ev *event.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return r.err
	}
	r.seq++
	numbered := *ev
	numbered.Seq = r.seq
	r.text = numbered.AppendJSON(r.text[:0])
	r.line = diag.JSONLine(r.line[:0], r.text)
	_, r.err = r.w.Write(r.line)
	return r.err
}

// clock stamps events: the wall clock now plus the monotonic time since, so
// that a step of the host's clock does not show in it. Microseconds since 1970.
func clock() func() int64 {
	start := time.Now()
	base := start.UnixMicro()
	return func() int64 { return base + time.Since(start).Microseconds() }
}
