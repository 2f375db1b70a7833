package main

import (
	"bufio"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/web"
)

func reloadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "reload",
		Short: "Have the daemon take over configuration and rules now",
		Long: `Has the running daemon take over the configuration and the rules as they are on
disk, and says what became of each rule that is not the same. The daemon watches
the files and does so by itself; this tells you how it went, and takes over at
once what it would only take over after a while (the loss of more than half of the
rules).

Files that cannot be used change nothing: exit code 2. Exit code 3 when the daemon
does not answer.`,
		Example: `  qmpalert reload
  qmpalert check && qmpalert reload`,
		Args: arguments(0, 0, ""),
	}
	daemon, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		client, err := daemon.client(cmd)
		if err != nil {
			return err
		}
		done, err := client.Reload(cmd.Context())
		var refused *web.Problem
		if errors.As(err, &refused) && len(refused.Findings) > 0 {
			w := cmd.ErrOrStderr()
			for _, f := range refused.Findings {
				fmt.Fprintln(w, safe(f))
			}
			return usage("`qmpalert check` shows the lines", "reload: %s", refused.Detail)
		}
		if err != nil {
			return daemon.failed(err)
		}
		if *output == formatJSON {
			return writeJSON(cmd.OutOrStdout(), done)
		}
		w, p := bufio.NewWriter(cmd.OutOrStdout()), colours(cmd.OutOrStdout())
		kept := 0
		for _, v := range done.Verdicts {
			if v.Action == "kept" {
				kept++
				continue
			}
			fmt.Fprintf(w, "%-8s %s / %s\n", safe(v.Action), safe(v.Group), p.paint(bold, safe(v.Rule)))
		}
		for _, text := range done.Warnings {
			fmt.Fprintln(w, safe(text))
		}
		fmt.Fprintf(w, "%s: %d as before\n", plural(done.Rules, "rule"), kept)
		return w.Flush()
	}
	return cmd
}
