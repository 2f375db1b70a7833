package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

func eventsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "events [NAME]…",
		Short: "List the events that rules can use, or explain some",
		Long: `Lists every event that QEMU can send and those that qmpalert makes itself
(QMPALERT_*), or explains the named ones: what happened when one comes, its
members with types and the QEMU release that brought them, how often QEMU sends
it at most, what follows it, and what surprises people.

A name may be in lower case and may be a glob. No monitor is needed: the table
is part of the program.`,
		Example: `  qmpalert events                       all of them, a line each
  qmpalert events BLOCK_IO_ERROR        everything about one
  qmpalert events 'quorum*'             everything about several
  qmpalert events -o json | jq .name    for programs`,
		ValidArgsFunction: completeEvents,
	}
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		defs, err := pickEvents(args)
		if err != nil {
			return err
		}
		w := bufio.NewWriter(cmd.OutOrStdout())
		switch {
		case *output == formatJSON:
			enc := json.NewEncoder(w)
			enc.SetEscapeHTML(false)
			for _, d := range defs {
				if err := enc.Encode(jsonOf(d)); err != nil {
					return err
				}
			}
		case len(args) == 0:
			listEvents(w, colours(cmd.OutOrStdout()), defs)
		default:
			for i, d := range defs {
				if i > 0 {
					fmt.Fprintln(w)
				}
				explainEvent(w, colours(cmd.OutOrStdout()), d)
			}
		}
		return w.Flush()
	}
	return cmd
}

// pickEvents returns the events of the given names and globs in the order
// asked for, all of them for none. A name that is unknown is an error.
func pickEvents(names []string) ([]*qmp.Def, error) {
	if len(names) == 0 {
		return qmp.Defs(), nil
	}
	var picked []*qmp.Def
	seen := map[*qmp.Def]bool{}
	for _, name := range names {
		pattern := strings.ReplaceAll(strings.ToUpper(name), "-", "_")
		found := false
		for _, d := range qmp.Defs() {
			ok, err := path.Match(pattern, d.Name)
			if err != nil {
				return nil, usage("* stands for any characters, ? for one, [AB] for one of them", "events: malformed glob %q", name)
			}
			if ok && !seen[d] {
				seen[d] = true
				picked = append(picked, d)
			}
			found = found || ok
		}
		if !found {
			return nil, unknownEvent(name)
		}
	}
	return picked, nil
}

func unknownEvent(name string) error {
	hint := diag.DidYouMean(name, eventNames())
	if hint == "" {
		hint = "`qmpalert events` lists them all"
		for _, glob := range []string{name + "*", "*" + name + "*"} {
			if n := matching(glob); n > 0 && name != "" {
				hint = fmt.Sprintf("`qmpalert events '%s'` explains %s", glob, plural(n, "event"))
				break
			}
		}
	}
	return usage(hint, "events: unknown event %q", name)
}

// matching counts the events whose names a glob fits.
func matching(glob string) (n int) {
	for _, name := range eventNames() {
		if ok, err := path.Match(strings.ToUpper(glob), name); ok && err == nil {
			n++
		}
	}
	return n
}

func eventNames() []string {
	var names []string
	for _, d := range qmp.Defs() {
		names = append(names, d.Name)
	}
	return names
}

func completeEvents(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	var out []string
	for _, name := range eventNames() {
		if strings.HasPrefix(name, strings.ToUpper(prefix)) {
			out = append(out, name)
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}
