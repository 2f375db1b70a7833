package main

import (
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

func manCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "man [VERB…]",
		Short: "Print a manual page, or write all of them",
		Long: `Prints the manual page of a verb in the form that man(1) reads. With --dir the
pages of all verbs are written into a directory, for packages.`,
		Example: `  qmpalert man silence add | man -l -
  qmpalert man --dir /usr/share/man/man1`,
		Args: arguments(0, -1, ""),
	}
	dir := cmd.Flags().String("dir", "", "the `directory` to write all pages to")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		root := cmd.Root()
		root.InitDefaultHelpCmd()
		plainPages(root)
		if *dir != "" {
			if len(args) > 0 {
				return usage("", "man: --dir writes the pages of all verbs: leave out %q", args[0])
			}
			if err := os.MkdirAll(*dir, 0o755); err != nil {
				return err
			}
			return doc.GenManTree(root, manHeader(), *dir)
		}
		page, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return usage("`qmpalert --help` lists the verbs", "man: there is no verb %q", strings.Join(args, " "))
		}
		return doc.GenMan(page, manHeader(), cmd.OutOrStdout())
	}
	return cmd
}

// manHeader has a date that does not change from build to build.
func manHeader() *doc.GenManHeader {
	never := time.Unix(0, 0).UTC()
	return &doc.GenManHeader{Section: "1", Source: "qmpalert " + readBuild().Version, Manual: "qmpalert", Date: &never}
}

// plainPages makes the texts of all verbs fit for the generator.
func plainPages(cmd *cobra.Command) {
	cmd.DisableAutoGenTag = true
	cmd.Long = plainText(cmd.Long)
	for _, child := range cmd.Commands() {
		plainPages(child)
	}
}

var markup = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `_`, `\_`, "`", "\\`", `<`, `\<`, `[`, `\[`)

// plainText writes text as Markdown, for which the generator takes it: no
// character is markup, and indented lines stay as they are.
func plainText(s string) string {
	var out []string
	indented := false
	for line := range strings.SplitSeq(s, "\n") {
		was := indented
		if indented = strings.HasPrefix(line, "  "); indented {
			line = "    " + line
		} else {
			line = markup.Replace(line)
		}
		if indented != was {
			out = append(out, "")
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}
