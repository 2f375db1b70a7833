package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/docs/checks"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/explain"
	"github.com/qmpalert/qmpalert/rules"
)

func explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain CODE",
		Short: "Say why: what a rule does, an alert fired, a route takes it, a finding means",
		Long: `Says what a rule does, from what was understood of it, so that a wrong rule
reads wrong; why an alert fired and who was told; who would be told about an alert;
or what the code of a finding means (Q204), with a wrong and a right example.`,
		Example: `  qmpalert explain rule PausedOnIOError
  qmpalert explain alert 3c8a95cfab09c7d7
  qmpalert explain route severity=critical vm=db1
  qmpalert explain Q204`,
		// No Args: what is no verb here may be a code.
		ValidArgsFunction: completeCodes,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return explainCode(cmd.OutOrStdout(), args)
		},
	}
	cmd.AddCommand(explainRuleCommand(), explainAlertCommand(), explainRouteCommand())
	return cmd
}

func completeCodes(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
	out := []string{}
	for _, c := range diag.Codes() {
		if strings.HasPrefix(string(c), strings.ToUpper(prefix)) {
			out = append(out, string(c)+"\t"+c.Meaning())
		}
	}
	return out, cobra.ShellCompDirectiveNoFileComp
}

// explainCode prints the page of a code.
func explainCode(w io.Writer, args []string) error {
	if len(args) > 1 {
		return usage("write `qmpalert explain rule NAME`", "explain: unexpected argument %q", args[1])
	}
	code := diag.Code(strings.ToUpper(args[0]))
	page, ok := checks.Page(string(code))
	if !ok || code.Meaning() == "" {
		hint := "`qmpalert explain rule NAME` explains a rule, `qmpalert explain Q204` a finding"
		if strings.HasPrefix(string(code), "Q") {
			hint = "the code stands in brackets behind each finding of `qmpalert check`"
		}
		return usage(hint, "explain: there is nothing called %q", args[0])
	}
	_, err := io.WriteString(w, page)
	return err
}

func explainRuleCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rule NAME…",
		Short: "Say in plain English what a rule does",
		Long: `Says when a rule fires and when that ends, what it silences, and how QEMU limits
its events: from the compiled rule, not from the text of the file.

Without --rules the rules are those in ./rules, else the built-in ones.`,
		Example: `  qmpalert explain rule PausedOnIOError
  qmpalert explain rule --rules rules/quorum.yml QuorumChildFailing
  qmpalert explain rule -o json VNCBruteForce`,
		Args: arguments(1, -1, "name a rule: the name behind `alert` or `record`"),
	}
	var paths []string
	rulesFlag(cmd, &paths)
	cmd.ValidArgsFunction = func(_ *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		return completeRules(paths, prefix), cobra.ShellCompDirectiveNoFileComp
	}
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		files, err := ruleFiles(paths)
		if err != nil {
			return err
		}
		set, findings := rules.Load(files, rules.Options{Screendump: true})
		if set == nil {
			return printInvalid(cmd.ErrOrStderr(), findings)
		}
		picked, err := pickRules(set, args)
		if err != nil {
			return err
		}
		w := bufio.NewWriter(cmd.OutOrStdout())
		if err := printExplained(w, colours(cmd.OutOrStdout()), *output, picked); err != nil {
			return err
		}
		return w.Flush()
	}
	return cmd
}

// completeRules lists the names of rules; those of files that cannot be used are
// not known.
func completeRules(paths []string, prefix string) []string {
	files, err := ruleFiles(paths)
	if err != nil {
		return nil
	}
	set, _ := rules.Load(files, rules.Options{Screendump: true})
	var names []string
	for _, r := range set.Rules() {
		if strings.HasPrefix(r.Name, prefix) {
			names = append(names, r.Name)
		}
	}
	return names
}

// pickRules returns the rules of the given names in the order asked for.
func pickRules(set *rules.Set, names []string) ([]*rules.Rule, error) {
	var picked []*rules.Rule
	for _, name := range names {
		r := set.Rule(name)
		if r == nil {
			var known []string
			for _, r := range set.Rules() {
				known = append(known, r.Name)
			}
			slices.Sort(known)
			hint := diag.DidYouMean(name, known)
			if hint == "" {
				hint = "the rules are " + strings.Join(known, ", ")
			}
			return nil, usage(hint, "explain rule: there is no rule %q", name)
		}
		picked = append(picked, r)
	}
	return picked, nil
}

// explainedJSON is the form of a rule's explanation for programs.
type explainedJSON struct {
	Name  string   `json:"name"`
	Kind  string   `json:"kind"` // alert or record
	Group string   `json:"group"`
	File  string   `json:"file"`
	Line  int      `json:"line"`
	Fires string   `json:"fires"`
	Notes []string `json:"notes"`
}

func printExplained(w io.Writer, p painter, f format, picked []*rules.Rule) error {
	if f == formatJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		for _, r := range picked {
			e := explain.Rule(r)
			out := explainedJSON{r.Name, kindOf(r), r.Group, r.Pos.File, r.Pos.Line, e.Fires, append([]string{}, e.Notes...)}
			if err := enc.Encode(out); err != nil {
				return err
			}
		}
		return nil
	}
	for i, r := range picked {
		if i > 0 {
			fmt.Fprintln(w)
		}
		e := explain.Rule(r)
		fmt.Fprintf(w, "%s  %s\n", p.paint(bold, safe(r.Name)), p.paint(dim, safe(r.Pos.String())))
		fmt.Fprintln(w, wrap("  ", "  ", e.Fires))
		for _, note := range e.Notes {
			fmt.Fprintln(w, wrap("  - ", "    ", note))
		}
	}
	return nil
}

func kindOf(r *rules.Rule) string {
	if r.Record != "" {
		return "record"
	}
	return "alert"
}
