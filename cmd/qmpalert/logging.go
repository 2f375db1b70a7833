package main

import (
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// logFlags adds --log-level and --log-format and returns what makes the logger
// of them. Logs go to stderr.
func logFlags(cmd *cobra.Command) func(io.Writer) (*slog.Logger, error) {
	var level, form string
	cmd.Flags().StringVar(&level, "log-level", "info", "the least that is logged: `debug|info|warn|error`")
	cmd.Flags().StringVar(&form, "log-format", "text", "how: `text|json`")
	fixed := func(values ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("log-level", fixed("debug", "info", "warn", "error")))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("log-format", fixed("text", "json")))
	return func(w io.Writer) (*slog.Logger, error) {
		var opts slog.HandlerOptions
		levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
		l, ok := levels[level]
		if !ok {
			return nil, usage(diag.DidYouMean(level, []string{"debug", "info", "warn", "error"}),
				"%s--log-level %q: want debug, info, warn or error", prefix(cmd), level)
		}
		opts.Level = l
		switch form {
		case "text":
			return slog.New(slog.NewTextHandler(w, &opts)), nil
		case "json":
			return slog.New(slog.NewJSONHandler(w, &opts)), nil
		}
		return nil, usage("", "%s--log-format %q: want text or json", prefix(cmd), form)
	}
}
