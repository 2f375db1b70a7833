package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/rules"
)

func replayCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay [--rules PATH]… FILE…",
		Short: "Run recorded events through the rules",
		Long: `Reads recordings and prints what the rules make of them: each time an alert
became pending, fired or ended. It is the engine of the daemon, and the same
input gives the same output, byte for byte.

A recording is what a QMP monitor said (greetings and answers are skipped), plain
events, or what qmpalert record printed; - is standard input. A directory stands
for the *.ndjson, *.jsonl and *.qmp files in it. Several files are merged by time.

The journal of a daemon (storage.path in its configuration, or the directory
journal in it) is one recording, compressed or not, while the daemon runs or not.
It gives the alerts that the daemon gave, if the rules are the same. What people
did meanwhile is in it too, and skipped.

The VM of an event is what its record says, else --vm, else the answer to
query-name in that file, else the name of the file. After the last event time
runs on until no deadline is left; --until 24h cuts that.

What VMs answered to the confirm of a rule is taken from the recording of a
daemon; where no answers are in it, such alerts fire and say so.

Changes are printed in order of time when everything has been read: until then
they are kept in memory with their evidence (a few kilobytes each). The events
are not.

The rules are --rules, else ./rules if it holds a rule file, else the built-in
ones. Damaged values are counted, not fatal: --stats prints the counts.`,
		Example: `  qmpalert replay examples/recordings/quorum_one_bad_child/web-01.ndjson
  qmpalert replay --rules my-rules/ -o json recordings/ | jq -r .annotations.summary
  qmpalert replay --rules new/ /var/lib/qmpalert
  zcat old.ndjson.gz | qmpalert replay --vm db1 -`,
		Args: arguments(1, -1, "name a recording, or - for standard input"),
	}
	var paths []string
	var opts replay.Options
	rulesFlag(cmd, &paths)
	cmd.Flags().StringVar(&opts.VM, "vm", "", "the `name` of the VM of events that do not say it")
	cmd.Flags().StringVar(&opts.Host, "host", "", "the `name` of the host of events that do not say it (default localhost)")
	until := cmd.Flags().String("until", "", "stop this `duration` after the last event: 90s, 24h")
	stats := cmd.Flags().Bool("stats", false, "print counts for each file as one JSON object on stderr")
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *until != "" {
			d, err := duration.Parse(*until)
			if err != nil {
				return usage("", "replay: --until: %w", err)
			}
			opts.Limited, opts.Until = true, d
		}
		set, err := loadRules(paths, cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		files, err := replay.Expand(args)
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		defer collectLess()()
		bar := newProgress(cmd.ErrOrStderr())
		opts.Progress = bar.show
		result, err := replay.Run(cmd.Context(), set, files, opts)
		bar.clear()
		if err != nil {
			return fmt.Errorf("replay: %w", err)
		}
		if err := printChanges(cmd.OutOrStdout(), *output, result.Changes); err != nil {
			return err
		}
		return printFiles(cmd.ErrOrStderr(), *stats, result.Files)
	}
	return cmd
}

// collectLess is for work that holds mostly its result, which lives to the end:
// looking through it less often saves a tenth of the time. It returns what ends
// that.
func collectLess() (undo func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := debug.SetGCPercent(400)
	return func() { debug.SetGCPercent(before) }
}

// loadRules loads what paths name (see ruleFiles). Findings are printed when
// one of them is an error.
func loadRules(paths []string, w io.Writer) (*rules.Set, error) {
	files, err := ruleFiles(paths)
	if err != nil {
		return nil, err
	}
	set, findings := rules.Load(files, rules.Options{})
	if findings.HasErrors() {
		return nil, printInvalid(w, findings)
	}
	return set, nil
}

func printChanges(out io.Writer, f format, changes []alert.Change) error {
	w := bufio.NewWriterSize(out, 64<<10) // changes come by the megabyte
	p := colours(out)
	var line, raw []byte
	for i := range changes {
		if f == formatJSON {
			raw = changes[i].AppendJSON(raw[:0])
			line = diag.JSONLine(line[:0], raw)
		} else {
			line = appendChange(line[:0], p, &changes[i])
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// printFiles prints the counts, or, where nobody asked for them, a line for
// each file in which something could not be decoded.
func printFiles(w io.Writer, stats bool, files []replay.File) error {
	if !stats {
		for _, f := range files {
			if f.Errors > 0 {
				fmt.Fprintf(w, "qmpalert: %s skipped, the first: %s\n", plural(f.Errors, "damaged value"), safe(f.FirstError.Error()))
			}
		}
		return nil
	}
	type counts struct {
		Messages int            `json:"messages"`
		Events   map[string]int `json:"events"`
		Errors   int            `json:"errors"`
		Late     int            `json:"late"`
	}
	all := map[string]counts{}
	for _, f := range files {
		all[f.Name] = counts{f.Messages, f.Events, f.Errors, f.Late}
	}
	return writeJSON(w, map[string]any{"files": all})
}
