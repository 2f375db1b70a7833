package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/web"
)

func silenceCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "silence",
		Short: "Keep alerts from being told for a time",
		Long: `Makes, lists and ends silences of the running daemon. A silenced alert is still
evaluated and listed; nobody is told that it fires until the silence is over.

The daemon is where --api says, else where web.listen of the configuration says.
The exit code is 3 when it does not answer.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(silenceAddCommand(), silenceListCommand(), silenceExpireCommand())
	return cmd
}

func silenceAddCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "add MATCHER…",
		Short: "Make a silence and print its id",
		Long: `Makes a silence for the alerts that all of the matchers hold for, and prints its
id. A MATCHER is one of Alertmanager's (vm="db1", vm=~"db.*", severity!=info); a
word alone is the name of an alert. Quote them for the shell.

If it still hides alerts that fire 15 minutes before its end, the receivers
concerned are told.`,
		Example: `  qmpalert silence add vm=db1 --duration 2h --comment 'new disk'
  qmpalert silence add PausedOnIOError 'host=~"kvm0[1-4]"' --duration 1d
  qmpalert silence add severity=info --start 2026-11-28T22:00:00Z --duration 8h`,
		Args: arguments(1, -1, `say which alerts: a matcher such as vm=db1, or the name of an alert`),
	}
	length := cmd.Flags().String("duration", "1h", "how `long`, such as 30m, 8h, 1d")
	start := cmd.Flags().String("start", "", "when it begins: a `time` such as 2026-11-28T22:00:00Z, or a duration from now (default: now)")
	comment := cmd.Flags().String("comment", "", "why")
	author, daemon, output := authorFlag(cmd), apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := duration.Parse(*length); err != nil {
			return usage("", "silence add: --duration: %v", err)
		}
		from, err := instantOf(*start, time.Now)
		if err != nil {
			return usage("", "silence add: --start: %v", err)
		}
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		made, err := client.SetSilence(cmd.Context(), web.SilenceRequest{
			Matchers: filterArgs(args), StartsAt: from, Duration: *length, CreatedBy: author(), Comment: *comment,
		})
		if err != nil {
			return daemon.failed(err)
		}
		if *output == formatJSON {
			return writeJSON(cmd.OutOrStdout(), made)
		}
		begins := ""
		if made.StartsAt > made.UpdatedAt { // not yet
			begins = "from " + toSecond(made.StartsAt) + " "
		}
		fmt.Fprintf(cmd.ErrOrStderr(), "%suntil %s: %s\n", begins, toSecond(made.EndsAt), safe(strings.Join(made.Matchers, ", ")))
		_, err = fmt.Fprintln(cmd.OutOrStdout(), safe(made.ID))
		return err
	}
	return cmd
}

// instantOf reads a time, or a duration from now on; "" is no time.
func instantOf(text string, now func() time.Time) (web.Time, error) {
	if text == "" {
		return 0, nil
	}
	if d, err := duration.Parse(text); err == nil {
		return web.Time(now().Add(d).UnixMicro()), nil
	}
	us, err := event.ParseTime(text)
	if err != nil {
		return 0, fmt.Errorf("want a time such as 2026-11-28T22:00:00Z or a duration such as 2h, not %q", text)
	}
	return web.Time(us), nil
}

func silenceListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List silences",
		Long: `Lists the silences that are active or will be, the one that ends first on top;
with --expired those that are over, too.`,
		Example: `  qmpalert silence ls
  qmpalert silence ls --expired -o json`,
		Args: arguments(0, 0, ""),
	}
	expired := cmd.Flags().Bool("expired", false, "also those that are over")
	daemon, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		all, err := client.Silences(cmd.Context())
		if err != nil {
			return daemon.failed(err)
		}
		var shown []web.Silence
		for _, s := range all {
			if *expired || s.State != "expired" {
				shown = append(shown, s)
			}
		}
		return printSilences(cmd.OutOrStdout(), *output, shown)
	}
	return cmd
}

func printSilences(out io.Writer, f format, all []web.Silence) error {
	w, p := bufio.NewWriter(out), colours(out)
	colour := map[string]string{"active": yellow, "pending": bold, "expired": dim}
	for i := range all {
		s := &all[i]
		if f == formatJSON {
			if err := writeJSON(w, s); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s  %s  %s to %s  %s\n", safe(s.ID), p.paint(colour[s.State], fmt.Sprintf("%-7s", safe(s.State))), toSecond(s.StartsAt), toSecond(s.EndsAt),
			p.paint(bold, safe(strings.Join(s.Matchers, ", "))))
		by := "    by " + safe(s.CreatedBy)
		if s.Comment != "" {
			by += ": " + safe(s.Comment)
		}
		fmt.Fprintln(w, by)
	}
	if len(all) == 0 && f == formatText {
		fmt.Fprintln(w, "no silences")
	}
	return w.Flush()
}

// toSecond is a time that somebody chose: nobody chooses microseconds.
func toSecond(t web.Time) string {
	return time.UnixMicro(int64(t)).UTC().Format(time.RFC3339)
}

func silenceExpireCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "expire ID…",
		Short: "End silences now",
		Long: `Ends silences now. Alerts that still fire and that nothing else hides are told then,
as if they were new.`,
		Example: `  qmpalert silence expire 6f1c2e0a
  qmpalert silence expire $(qmpalert silence ls -o json | jq -r .id)`,
		Args: arguments(1, -1, "name a silence: the id that `qmpalert silence ls` prints"),
	}
	author, daemon := authorFlag(cmd), apiFlags(cmd)
	cmd.ValidArgsFunction = completeSilences(daemon)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		for _, id := range args {
			if err := client.ExpireSilence(cmd.Context(), id, author()); err != nil {
				return daemon.failed(err)
			}
			if _, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is over\n", safe(id)); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}
