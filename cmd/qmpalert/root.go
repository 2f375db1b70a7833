package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/qmpalert/qmpalert/internal/diag"
)

const rootLong = `qmpalert watches the events of QEMU virtual machines and tells people what is
wrong: one sentence in a chat channel, early, true, once, with the evidence.

You write rules in YAML, keep them in Git, check them in CI, and never restart
the daemon. Begin with:

  qmpalert demo                    see it work, with nothing to set up
  qmpalert events                  what QEMU can tell
  qmpalert check rules/            is this rule file right?
  qmpalert replay recording.qmp    what would have fired?
  qmpalert run                     watch the machines of this host
  qmpalert alert ls                what is wrong now, and who takes care?`

// The verbs in the order in which help lists them.
const (
	groupDaily = "daily"
	groupRules = "rules"
	groupMore  = "more"
)

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "qmpalert VERB",
		Short:         "Alerts from the events of QEMU virtual machines",
		Long:          rootLong,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddGroup(
		&cobra.Group{ID: groupDaily, Title: "Watch:"},
		&cobra.Group{ID: groupRules, Title: "Write rules:"},
		&cobra.Group{ID: groupMore, Title: "More:"},
	)
	root.SetHelpCommandGroupID(groupMore)
	add := func(group string, verbs ...*cobra.Command) {
		for _, v := range verbs {
			v.GroupID = group
			root.AddCommand(v)
		}
	}
	add(groupDaily, runCommand(), demoCommand(), alertCommand(), silenceCommand(), reloadCommand(), notifyCommand(), recordCommand())
	add(groupRules, eventsCommand(), checkCommand(), testCommand(), replayCommand(), backtestCommand(), explainCommand(), schemaCommand())
	add(groupMore, versionCommand(), completionCommand(), manCommand())
	root.SetFlagErrorFunc(flagError)
	root.SetUsageTemplate(usageTemplate)
	helpTakesNothing(root)
	return root
}

// helpTakesNothing makes --help known before the verb is looked for, which else
// is taken for its value in "qmpalert --help run".
func helpTakesNothing(cmd *cobra.Command) {
	cmd.InitDefaultHelpFlag()
	for _, verb := range cmd.Commands() {
		helpTakesNothing(verb)
	}
}

// usageTemplate is cobra's with the examples, which teach most, right behind
// the synopsis.
const usageTemplate = `Usage: {{if .Runnable}}{{.UseLine}}{{else}}{{.CommandPath}} VERB{{end}}
{{if .HasExample}}
Examples:
{{.Example}}
{{end}}{{if .HasAvailableSubCommands}}{{$all := .Commands}}{{range $group := .Groups}}
{{.Title}}{{range $all}}{{if and (eq .GroupID $group.ID) (or .IsAvailableCommand (eq .Name "help"))}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{if not .Groups}}
Verbs:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{end}}{{end}}{{if .HasAvailableLocalFlags}}
Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
{{end}}{{if .HasAvailableSubCommands}}
"{{.CommandPath}} VERB --help" says more about a verb.
{{end}}`

// unknownVerb looks at the command line before its flags are parsed: what is
// wrong with an unknown verb is not its flags.
func unknownVerb(root *cobra.Command, args []string) error {
	parent, rest, err := root.Find(args)
	if err != nil || !parent.HasSubCommands() || parent.Args == nil {
		return nil // a verb that checks its own arguments
	}
	for i, arg := range rest {
		if strings.HasPrefix(arg, "-") {
			continue
		}
		var names []string
		for _, c := range parent.Commands() {
			names = append(names, c.Name())
		}
		switch {
		case arg == "help" && parent == root:
			return unknownVerb(root, rest[i+1:]) // what is behind it is a verb again
		case arg == "help" || strings.HasPrefix(arg, cobra.ShellCompRequestCmd):
			return nil
		}
		hint := diag.DidYouMean(arg, names)
		if hint == "" {
			hint = "`" + parent.CommandPath() + " --help` lists the verbs"
		}
		return usage(hint, "%sunknown verb %q", prefix(parent), arg)
	}
	return nil
}

// flagError words what pflag complains about, with a suggestion for a name
// that does not exist.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	hint := "`" + cmd.CommandPath() + " --help` explains the flags"
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		text = "unknown flag --" + name
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
		if s := diag.DidYouMean("--"+name, names); s != "" {
			hint = s
		}
	}
	return usage(hint, "%s%s", prefix(cmd), text)
}

// prefix says which verb complains: "replay: ", nothing for qmpalert itself.
func prefix(cmd *cobra.Command) string {
	_, verb, ok := strings.Cut(cmd.CommandPath(), " ")
	if !ok {
		return ""
	}
	return verb + ": "
}

// arguments checks the number of arguments and says what they are.
func arguments(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		hint := "usage: " + cmd.UseLine()
		switch {
		case len(args) < least:
			return usage(hint, "%s%s", prefix(cmd), what)
		case most >= 0 && len(args) > most:
			return usage(hint, "%sunexpected argument %q", prefix(cmd), args[most])
		}
		return nil
	}
}
