package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/backtest"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/rules"
)

// Lanes of a picture: what fits on a screen, and what a browser scrolls
// through.
const (
	maxLanes    = 20
	maxSVGLanes = 400
)

func backtestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backtest [--rules PATH]… [--against PATH|REVISION] [FILE…]",
		Short: "Compare what rules would have alerted with what others would have",
		Long: `Runs recordings through the rules as they are now (--rules, else ./rules, else
the built-in ones) and says what each rule would have done: how often it fired,
for how long, how many messages that makes, and for what it fired most.

With --against it runs them through a second set of rules as well, in one pass,
and says which alerts are added, gone, earlier, later, longer, shorter, or have
other labels. --against is a path, or a revision of the Git repository that
holds the rules, in which they are read under the same paths: HEAD~1, main,
v1.2. A path that is there comes first. Alerts are the same if they have the same
name and key (host, VM and by) and fire at the same time; if the key changed,
what both keys have counts.

--since looks at the alerts of the last 30d (say) before the newest event only.
Older events are read all the same, because windows and alerts reach over.

Recordings are those of replay. Without one it reads the journal of the daemon
here, which storage.path of --config names. Alerts are kept until the end, their
evidence is not.

The exit code is 0 with and without differences; with --exit-code it is 1 when
there are any, as for git diff.`,
		Example: `  qmpalert backtest --against HEAD~1 --since 30d
  qmpalert backtest recordings/
  qmpalert backtest --against HEAD~1 recordings/
  qmpalert backtest --rules new/ --against old/ --svg difference.svg db1.ndjson
  qmpalert backtest --against origin/main --since 30d -o json recordings/`,
		Args: arguments(0, -1, ""),
	}
	b := &backtesting{}
	configFile := configFlag(cmd)
	rulesFlag(cmd, &b.paths)
	cmd.Flags().StringVar(&b.against, "against", "", "`PATH or REVISION` of the rules to compare with")
	cmd.Flags().StringVar(&b.svg, "svg", "", "draw the timeline into this `file`")
	cmd.Flags().StringVar(&b.recordings.VM, "vm", "", "the `name` of the VM of events that do not say it")
	cmd.Flags().StringVar(&b.recordings.Host, "host", "", "the `name` of the host of events that do not say it (default localhost)")
	since := cmd.Flags().String("since", "", "look at this last `duration` before the newest event: 12h, 30d")
	exitCode := cmd.Flags().Bool("exit-code", false, "exit with 1 when there are differences")
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var err error
		if *since != "" {
			if b.since, err = duration.Parse(*since); err != nil {
				return usage("", "backtest: --since: %w", err)
			}
		}
		if *exitCode && !cmd.Flags().Changed("against") {
			return usage("differences are to other rules: --against HEAD~1", "backtest: --exit-code without --against")
		}
		b.compared = cmd.Flags().Changed("against")
		if len(args) == 0 {
			dir, err := journalOf(*configFile, cmd.ErrOrStderr())
			if err != nil {
				return err
			}
			args = []string{dir}
		}
		if b.recordings.Paths, err = replay.Expand(args); err != nil {
			return fmt.Errorf("backtest: %w", err)
		}
		if err := b.run(cmd.Context(), cmd.ErrOrStderr()); err != nil {
			return err
		}
		if err := b.print(cmd.OutOrStdout(), *output); err != nil {
			return err
		}
		if err := printFiles(cmd.ErrOrStderr(), false, b.result.Files); err != nil {
			return err
		}
		if *exitCode && len(b.comparison.Differences) > 0 {
			return silent(exitFindings)
		}
		return nil
	}
	return cmd
}

// backtesting is what the command line asks for, and what came of it.
type backtesting struct {
	paths      []string
	against    string
	compared   bool // with other rules
	svg        string
	since      time.Duration
	recordings replay.Recordings

	before, after *rules.Set // before: nil when not compared
	result        backtest.Result
	comparison    backtest.Comparison
}

// run reads the rules and the recordings, and draws the picture.
func (b *backtesting) run(ctx context.Context, stderr io.Writer) error {
	var err error
	if b.after, err = loadRules(b.paths, stderr); err != nil {
		return err
	}
	sets := []*rules.Set{b.after}
	if b.compared {
		if b.before, err = b.loadAgainst(ctx, stderr); err != nil {
			return err
		}
		sets = []*rules.Set{b.before, b.after}
	}
	defer collectLess()()
	bar := newProgress(stderr)
	b.recordings.Progress = bar.show
	b.result, err = backtest.Run(ctx, b.recordings, sets, b.since)
	bar.clear()
	if err != nil {
		return fmt.Errorf("backtest: %w", err)
	}
	if b.compared {
		b.comparison = backtest.Compare(b.alertsBefore(), b.alertsAfter(), b.result.From, b.result.Last)
	}
	if b.svg == "" {
		return nil
	}
	picture := b.timeline(maxSVGLanes)
	if err := os.WriteFile(b.svg, []byte(picture.SVG()), 0o644); err != nil {
		return fmt.Errorf("backtest: --svg: %w", err)
	}
	return nil
}

func (b *backtesting) alertsAfter() []backtest.Alert { return b.result.Alerts[len(b.result.Alerts)-1] }

func (b *backtesting) alertsBefore() []backtest.Alert { return b.result.Alerts[0] }

// timeline is the picture of the differences, or of all alerts of one set.
func (b *backtesting) timeline(lanes int) backtest.Timeline {
	if !b.compared {
		t := backtest.TimelineOf(b.alertsAfter(), b.result.From, b.result.Last, lanes)
		t.After = b.nameAfter()
		return t
	}
	t := backtest.DifferencesOf(b.comparison, b.alertsBefore(), b.alertsAfter(), b.result.From, b.result.Last, lanes)
	t.Before, t.After = b.against, b.nameAfter()
	return t
}

// nameAfter is what the rules of the working tree are called.
func (b *backtesting) nameAfter() string {
	switch {
	case len(b.paths) == 1:
		return b.paths[0]
	case len(b.paths) > 1:
		return fmt.Sprintf("%s and %d more", b.paths[0], len(b.paths)-1)
	case len(localRules()) > 0:
		return usualRules
	}
	return "the built-in rules"
}

// loadAgainst loads the rules to compare with: a path that is there, else a
// revision.
func (b *backtesting) loadAgainst(ctx context.Context, stderr io.Writer) (*rules.Set, error) {
	var files []rules.File
	if _, err := os.Stat(b.against); err == nil || watch.IsGlob(b.against) {
		if files, err = ruleFiles([]string{b.against}); err != nil {
			return nil, err
		}
	} else {
		paths := b.paths
		if len(paths) == 0 && len(localRules()) == 0 {
			return nil, usage("name rule files that are in Git: --rules my-rules/", "backtest: --against %s: the built-in rules have no revisions, and it is no path", b.against)
		}
		if len(paths) == 0 {
			paths = []string{usualRules}
		}
		files, err = backtest.Revision(ctx, b.against, paths)
		if err != nil {
			return nil, usage("--against takes a path that is there, or a revision of Git such as HEAD~1", "backtest: --against %s: %w", b.against, err)
		}
	}
	set, findings := rules.Load(files, rules.Options{})
	if !findings.HasErrors() {
		return set, nil
	}
	source := func(name string) ([]byte, bool) {
		for _, f := range files {
			if f.Name == name {
				return f.Src, true
			}
		}
		return nil, false
	}
	if err := diag.Text(stderr, findings, diag.TextOptions{Sources: source, Color: bool(colours(stderr)), MaxPerFile: maxShown}); err != nil {
		return nil, err
	}
	return nil, silent(exitUsage)
}
