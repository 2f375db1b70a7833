package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/qmp"
)

// configFlag is --config of verbs that read where the daemon keeps things.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().String("config", "", "the configuration `file` (default: ./qmpalert.yml, then /etc/qmpalert/qmpalert.yml)")
}

// journalOf is the journal of the daemon with that configuration; "" is the
// default one.
func journalOf(file string, stderr io.Writer) (string, error) {
	const hint = "name recordings, or the directory of a daemon: qmpalert backtest /var/lib/qmpalert"
	if file == "" {
		file = config.Find()
	}
	if file == "" {
		return "", usage(hint, "backtest: there is no recording, and no configuration that says where a journal is")
	}
	cfg, _, findings := config.LoadFile(file)
	if cfg == nil {
		return "", printInvalid(stderr, findings)
	}
	if cfg.Storage.Path == "" {
		return "", usage(hint, "backtest: there is no recording, and %s has no storage.path", file)
	}
	return filepath.Join(cfg.Storage.Path, state.Journal), nil
}

// journalCopy is what record takes out of a journal.
type journalCopy struct{ dir, since, vm string }

func (c *journalCopy) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.dir, "journal", "", "copy events from the journal in this `directory`")
	cmd.Flags().StringVar(&c.since, "since", "", "with --journal: this last `duration` before its newest event: 1h, 30d")
	cmd.Flags().StringVar(&c.vm, "vm", "", "with --journal: events of the VM of this `name` only")
}

func (c *journalCopy) asked(cmd *cobra.Command) bool {
	return cmd.Flags().Changed("journal") || cmd.Flags().Changed("since") || cmd.Flags().Changed("vm")
}

// copy prints the events that are wanted, as they stand in the journal.
func (c *journalCopy) copy(stdout, stderr io.Writer) error {
	if c.dir == "" {
		return usage("for example: qmpalert record --journal /var/lib/qmpalert --since 1h", "record: --since and --vm are about a --journal")
	}
	files, err := findJournal(c.dir)
	if err != nil {
		return err
	}
	after, oldest, err := c.begin(files)
	if err != nil {
		return err
	}
	damaged := 0
	var first error
	w := bufio.NewWriter(stdout)
	var line []byte
	err = files.Read(after, func(d store.Damage) {
		if damaged++; first == nil {
			first = fmt.Errorf("%s: %w", d.File, d.Err)
		}
	}, func(e store.Entry) error {
		ev, err := event.Parse(e.Line)
		if err != nil || c.vm != "" && ev.VM.Name != c.vm || received(ev) < oldest {
			return nil // or it is no event
		}
		line = diag.JSONLine(line[:0], e.Line)
		_, err = w.Write(line)
		return err
	})
	if err == nil {
		err = w.Flush()
	}
	if damaged > 0 {
		fmt.Fprintf(stderr, "qmpalert: %s skipped, the first: %s\n", plural(damaged, "damaged part"), safe(first.Error()))
	}
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

// findJournal returns the journal in a directory, or in that of a daemon.
func findJournal(dir string) (*store.Files, error) {
	for _, path := range []string{dir, filepath.Join(dir, state.Journal)} {
		files, err := store.FindFiles(path)
		if files != nil {
			return files, nil
		}
		if err != nil && path == dir {
			return nil, fmt.Errorf("record: --journal: %w", err)
		}
	}
	return nil, usage("it is the storage.path of a daemon, or the directory journal in it", "record: --journal: %s holds no journal", dir)
}

// begin returns the position behind which to read, and when the oldest event
// that is wanted was received.
func (c *journalCopy) begin(files *store.Files) (after uint64, oldest int64, err error) {
	if c.since == "" {
		return 0, qmp.NoTime, nil
	}
	d, err := duration.Parse(c.since)
	if err != nil {
		return 0, 0, usage("", "record: --since: %w", err)
	}
	newest := int64(qmp.NoTime)
	look := func(e store.Entry) error {
		if ev, err := event.Parse(e.Line); err == nil {
			newest = max(newest, received(ev))
		}
		return nil
	}
	err = files.Read(files.Newest(), nil, look)
	if err == nil && newest == qmp.NoTime {
		err = files.Read(0, nil, look) // no event is in the last segment
	}
	if err != nil || newest == qmp.NoTime {
		return 0, qmp.NoTime, err
	}
	oldest = newest - d.Microseconds()
	// Files say when they were written, and clocks are stepped: an hour more costs
	// little.
	return files.Since(time.UnixMicro(oldest).Add(-time.Hour)), oldest, nil
}

// received is when an event came in, as far as it is known.
func received(ev *event.Event) int64 {
	if ev.Received != qmp.NoTime {
		return ev.Received
	}
	return ev.Time
}
