package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/alert"
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

The VM of an event is what its record says, else --vm, else the answer to
query-name in that file, else the name of the file. After the last event time
runs on until no deadline is left; --until 24h cuts that.

The rules are --rules, else ./rules if it holds a rule file, else the built-in
ones. Damaged values are counted, not fatal: --stats prints the counts.`,
		Example: `  qmpalert replay examples/recordings/quorum_one_bad_child/web-01.ndjson
  qmpalert replay --rules my-rules/ -o json recordings/ | jq -r .annotations.summary
  zcat old.ndjson.gz | qmpalert replay --vm db1 -`,
		Args: arguments(1, -1, "name a recording, or - for standard input"),
	}
	var paths []string
	var opts replay.Options
	cmd.Flags().StringArrayVar(&paths, "rules", nil, "a rule `path`: file, directory or glob; may be given several times")
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
		if os.Getenv("GOGC") == "" {
			// What a replay holds is mostly its result, which lives to the end:
			// looking through it less often saves a tenth of the time.
			defer debug.SetGCPercent(debug.SetGCPercent(400))
		}
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
	w := bufio.NewWriter(out)
	p := colours(out)
	var line, raw []byte
	for i := range changes {
		if f == formatJSON {
			raw = changes[i].AppendJSON(raw[:0])
			line = jsonLine(line[:0], raw)
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
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]any{"files": all}); err != nil {
		return err
	}
	_, err := w.Write(jsonLine(nil, bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
	return err
}

// progress is a line on a terminal for work that takes longer than a moment.
type progress struct {
	w     io.Writer // nil: no terminal
	next  time.Time // not before
	shown bool
}

func newProgress(w io.Writer) *progress {
	if !terminal(w) {
		return &progress{}
	}
	return &progress{w: w, next: time.Now().Add(time.Second)}
}

func (p *progress) show(done, total int64) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	p.next, p.shown = time.Now().Add(100*time.Millisecond), true
	fmt.Fprintf(p.w, "\r%3d %% of %d MB", done*100/max(total, 1), total>>20)
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
