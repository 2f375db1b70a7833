package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/qmp"
)

func alertCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alert",
		Short: "List, show and acknowledge alerts of the running daemon",
		Long: `Asks the running daemon about its alerts, and tells it that you take care of one.

The daemon is where --api says, else where web.listen of the configuration says.
The exit code is 3 when it does not answer.`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(alertListCommand(), alertShowCommand(), alertAckCommand(), alertDeadCommand())
	return cmd
}

func alertListCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls [MATCHER…]",
		Short: "List alerts, newest first",
		Long: `Lists the alerts that are pending or firing, newest first: when and what, what it
is about, who takes care or what hides it, and the id that other verbs want.

A MATCHER is one of Alertmanager's (vm="db1", vm=~"db.*", severity!=info); several
must all hold. A word alone is the name of an alert.`,
		Example: `  qmpalert alert ls
  qmpalert alert ls PausedOnIOError 'vm=~"db.*"'
  qmpalert alert ls --state resolved --limit 20
  qmpalert alert ls -o json | jq -r .labels.vm`,
		Args: arguments(0, -1, ""),
	}
	states := cmd.Flags().StringSlice("state", []string{"active"}, "active, pending, firing, resolved, inactive or all; may be given several times")
	limit := cmd.Flags().Int("limit", 100, "how many at most, up to 1000")
	daemon, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		all, more, err := client.Alerts(cmd.Context(), web.ListQuery{
			Filters: filterArgs(args), States: *states, Limit: *limit, Evidence: *output == formatJSON,
		})
		if err != nil {
			return daemon.failed(err)
		}
		if err := printAlerts(cmd.OutOrStdout(), *output, all); err != nil {
			return err
		}
		if more {
			fmt.Fprintf(cmd.ErrOrStderr(), "there are more than %s: --limit\n", plural(len(all), "alert"))
		}
		return nil
	}
	return cmd
}

func printAlerts(out io.Writer, f format, all []web.Alert) error {
	w, p := bufio.NewWriter(out), colours(out)
	for i := range all {
		if f == formatJSON {
			if err := writeJSON(w, &all[i]); err != nil {
				return err
			}
			continue
		}
		printAlert(w, p, &all[i])
	}
	if len(all) == 0 && f == formatText {
		fmt.Fprintln(w, "no alerts")
	}
	return w.Flush()
}

// printAlert prints an alert as replay prints changes, with its id and what the
// daemon knows besides.
func printAlert(w io.Writer, p painter, a *web.Alert) {
	c := changeOf(&a.Change)
	w.Write(appendChange(nil, p, &c))
	fmt.Fprintf(w, "    %s", p.paint(dim, a.ID.String()))
	if a.Ack != nil {
		fmt.Fprintf(w, "  acknowledged by %s", safe(a.Ack.By))
	}
	for _, m := range a.Muted {
		fmt.Fprintf(w, "  %s", p.paint(yellow, muteText(m)))
	}
	fmt.Fprintln(w)
}

func muteText(m web.Mute) string {
	if m.Name != "" && strings.Contains(m.Text, m.Name) { // that says it all
		return "hidden: " + safe(m.Text)
	}
	text := "hidden by " + safe(m.By) + " " + safe(m.Name)
	if m.Text != "" {
		text += " (" + safe(m.Text) + ")"
	}
	return text
}

// changeOf is a change of the API as one of ours, as far as people are shown it.
func changeOf(c *web.Change) alert.Change {
	out := alert.Change{
		At: int64(c.At), Status: c.Status, Name: c.Name, Labels: labelsOf(c.Labels), Annotations: labelsOf(c.Annotations),
		ActiveAt: int64(c.ActiveAt), StartsAt: qmp.NoTime, EndsAt: qmp.NoTime, Count: c.Count, Reason: c.Reason, Shadow: c.Shadow,
	}
	if c.Evidence != nil {
		out.Evidence.Note = c.Evidence.Note
	}
	return out
}

func labelsOf(m map[string]string) alert.Labels {
	var out alert.Labels
	for name, value := range m {
		out = append(out, alert.Label{Name: name, Value: value})
	}
	out.Sort()
	return out
}

// alertIDs reads the ids that a command line names.
func alertIDs(cmd *cobra.Command, args []string) ([]web.AlertID, error) {
	var out []web.AlertID
	for _, arg := range args {
		id, err := web.ParseAlertID(arg)
		if err != nil {
			return nil, usage("`qmpalert alert ls` prints the ids", "%s%v", prefix(cmd), err)
		}
		out = append(out, id)
	}
	return out, nil
}

func alertShowCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show ID…",
		Short: "Show an alert with its evidence",
		Long: `Shows what an alert is about and the events that made it. ID is the one that
"alert ls" prints; without what stands behind its hyphen it is the newest life of
that alert. "qmpalert explain alert" says more: why, and who was told.`,
		Example: `  qmpalert alert show 3c8a95cfab09c7d7
  qmpalert alert show 3c8a95cfab09c7d7-660c9cdefc600 -o json`,
		Args: arguments(1, -1, "name an alert: the id that `qmpalert alert ls` prints"),
	}
	daemon, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.ValidArgsFunction = completeAlerts(daemon)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return eachAlert(cmd, daemon, args, func(w io.Writer, p painter, x *web.Explanation) error {
			if *output == formatJSON {
				return writeJSON(w, &x.Alert)
			}
			alertNode(p, &x.Alert).print(w)
			return nil
		})
	}
	return cmd
}

// eachAlert asks about each of the alerts and prints what comes back.
func eachAlert(cmd *cobra.Command, daemon *api, args []string, show func(io.Writer, painter, *web.Explanation) error) error {
	ids, err := alertIDs(cmd, args)
	if err != nil {
		return err
	}
	client, err := daemon.client(cmd)
	if err != nil {
		return err
	}
	w, p := bufio.NewWriter(cmd.OutOrStdout()), colours(cmd.OutOrStdout())
	for _, id := range ids {
		x, err := client.Explain(cmd.Context(), id)
		if err == nil {
			err = show(w, p, &x)
		}
		if err != nil {
			w.Flush()
			return daemon.failed(err)
		}
	}
	return w.Flush()
}

func alertAckCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ack ID…",
		Short: "Say that you take care of an alert",
		Long: `Stops repeats and escalation of an alert that fires, for this life of it, and says
so in its messages. When it fires again after it was resolved, nobody takes care.`,
		Example: `  qmpalert alert ack 3c8a95cfab09c7d7
  qmpalert alert ack 3c8a95cfab09c7d7 --comment 'extending the pool' --author eve`,
		Args: arguments(1, -1, "name an alert: the id that `qmpalert alert ls` prints"),
	}
	comment := cmd.Flags().String("comment", "", "what you are doing about it")
	author, daemon, output := authorFlag(cmd), apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.ValidArgsFunction = completeAlerts(daemon)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ids, err := alertIDs(cmd, args)
		if err != nil {
			return err
		}
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		for _, id := range ids {
			ack, err := client.Ack(cmd.Context(), id, web.AckRequest{By: author(), Comment: *comment})
			if err != nil {
				return daemon.failed(err)
			}
			if *output == formatJSON {
				err = writeJSON(cmd.OutOrStdout(), ack)
			} else {
				_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s acknowledged by %s\n", id, safe(ack.By))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}
