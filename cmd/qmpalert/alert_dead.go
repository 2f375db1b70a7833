package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/web"
)

func alertDeadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead [ID…]",
		Short: "List messages that were given up, or send them again",
		Long: `Lists the dead letters: messages that a receiver refused for good, or that waited
for too long. With --resend they go back into the queue of their receiver: those
with these IDs, else all.`,
		Example: `  qmpalert alert dead
  qmpalert alert dead --resend 0123456789abcdef0123456789abcdef
  qmpalert alert dead --resend          # after the receiver was mended`,
		Args: arguments(0, -1, ""),
	}
	resend := cmd.Flags().Bool("resend", false, "send them again")
	daemon, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		all, more, err := client.DeadLetters(cmd.Context(), web.MaxDeadLetters)
		if err != nil {
			return daemon.failed(err)
		}
		if all, err = pickDead(all, more, args); err != nil {
			return err
		}
		if !*resend {
			return printDead(cmd.OutOrStdout(), *output, all, false)
		}
		sent, left := resendAll(cmd.Context(), client, daemon, all)
		if len(sent) > 0 || left == nil {
			if err := printDead(cmd.OutOrStdout(), *output, sent, true); err != nil {
				return err
			}
		}
		return left
	}
	return cmd
}

// resendAll returns the letters that wait for their receiver again; the error
// names those that cannot.
func resendAll(ctx context.Context, client *web.Client, daemon *api, all []web.DeadLetter) (sent []web.DeadLetter, err error) {
	var left []string
	for i := range all {
		err := client.Resend(ctx, all[i].ID)
		var problem *web.Problem
		switch {
		case err == nil:
			sent = append(sent, all[i])
		case errors.As(err, &problem) && problem.Status == http.StatusConflict:
			left = append(left, all[i].ID+": "+problem.Detail)
		default:
			return sent, daemon.failed(err)
		}
	}
	if len(left) > 0 {
		return sent, usage("", "alert dead: not sent again: %s", strings.Join(left, "; "))
	}
	return sent, nil
}

// pickDead returns the letters that a command line names, all when it names none.
func pickDead(all []web.DeadLetter, more bool, names []string) ([]web.DeadLetter, error) {
	if len(names) == 0 {
		return all, nil
	}
	var out []web.DeadLetter
	for _, name := range names {
		found := false
		for _, d := range all {
			if d.ID == name {
				out, found = append(out, d), true
			}
		}
		switch {
		case found:
		case more: // it may be among those that are not listed
			out = append(out, web.DeadLetter{ID: name})
		default:
			var ids []string
			for _, d := range all {
				ids = append(ids, d.ID)
			}
			return nil, usage(diag.DidYouMean(name, ids), "alert dead: there is no dead letter %q", name)
		}
	}
	return out, nil
}

func printDead(out io.Writer, f format, all []web.DeadLetter, resent bool) error {
	w, p := bufio.NewWriter(out), colours(out)
	for i := range all {
		d := &all[i]
		if f == formatJSON {
			if err := writeJSON(w, d); err != nil {
				return err
			}
			continue
		}
		if resent {
			fmt.Fprintf(w, "%s goes to %s again\n", safe(d.ID), safe(d.Receiver))
			continue
		}
		fmt.Fprintf(w, "%s  %s  %s / %s: %s %s\n", d.DiedAt, p.paint(bold, safe(d.ID)), safe(d.Receiver), safe(d.Endpoint),
			p.paint(red, safe(d.Reason)), p.paint(dim, "after "+plural(d.Tries, "attempt")))
		for _, text := range []string{d.Summary, d.Error} {
			if text != "" {
				fmt.Fprintf(w, "    %s\n", safe(text))
			}
		}
	}
	if len(all) == 0 && f == formatText {
		fmt.Fprintln(w, "no dead letters")
	}
	return w.Flush()
}
