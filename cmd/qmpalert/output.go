package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// What a verb is asked for goes to stdout and nothing else does: complaints,
// statistics and progress go to stderr. JSON is one object a line, for
// programs; text is for people and may change. Text from guests, files and
// command lines is escaped before it reaches a terminal (diag.Printable).

// format is the value of --output.
type format string

const (
	formatText   format = "text"
	formatJSON   format = "json"
	formatGitHub format = "github"
)

// outputFlag adds -o/--output; the first of the formats is the default.
func outputFlag(cmd *cobra.Command, formats ...format) *format {
	value := formats[0]
	cmd.Flags().VarP(&formatValue{&value, formats}, "output", "o", "how to print")
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(strings.Split(joinFormats(formats, " "), " "), cobra.ShellCompDirectiveNoFileComp)))
	return &value
}

type formatValue struct {
	value   *format
	allowed []format
}

func (v *formatValue) String() string { return string(*v.value) }
func (v *formatValue) Type() string   { return joinFormats(v.allowed, "|") }

func (v *formatValue) Set(s string) error {
	if !slices.Contains(v.allowed, format(s)) {
		return usage("", "want %s", joinFormats(v.allowed, ", "))
	}
	*v.value = format(s)
	return nil
}

func joinFormats(formats []format, sep string) string {
	var names []string
	for _, f := range formats {
		names = append(names, string(f))
	}
	return strings.Join(names, sep)
}

// The colours of a terminal, as SGR codes.
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	green  = "32"
	yellow = "33"
)

// painter colours text, or leaves it alone.
type painter bool

func (p painter) paint(sgr, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

// colours says whether w wants colours: a terminal that can show them, whose
// user has not said no (no-color.org).
func colours(w io.Writer) painter {
	return painter(terminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb")
}

// terminal reports whether w is a character device, as a terminal is.
func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// safe makes text from outside fit for a terminal.
func safe(s string) string { return diag.Printable(s) }
