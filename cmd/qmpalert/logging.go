package main

import (
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// logFlags adds --log-level and --log-format and returns what makes the logger
// of them, and what ends it. Logs go to stderr, and nobody waits for its reader.
func logFlags(cmd *cobra.Command) func(io.Writer) (log *slog.Logger, end func(), err error) {
	var level, form string
	cmd.Flags().StringVar(&level, "log-level", "info", "the least that is logged: `debug|info|warn|error`")
	cmd.Flags().StringVar(&form, "log-format", "text", "write the log as `text|json`")
	fixed := func(values ...string) cobra.CompletionFunc {
		return cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	}
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("log-level", fixed("debug", "info", "warn", "error")))
	cobra.CheckErr(cmd.RegisterFlagCompletionFunc("log-format", fixed("text", "json")))
	return func(w io.Writer) (*slog.Logger, func(), error) {
		var opts slog.HandlerOptions
		levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
		l, ok := levels[level]
		if !ok {
			return nil, nil, usage(diag.DidYouMean(level, []string{"debug", "info", "warn", "error"}),
				"%s--log-level %q: want debug, info, warn or error", prefix(cmd), level)
		}
		opts.Level = l
		handler, ok := map[string]func(io.Writer) slog.Handler{
			"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, &opts) },
			"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, &opts) },
		}[form]
		if !ok {
			return nil, nil, usage("", "%s--log-format %q: want text or json", prefix(cmd), form)
		}
		queue := newLogWriter(w, func(lines int) {
			slog.New(handler(w)).Error("log lines were dropped: nobody read them in time", "lines", lines)
		})
		return slog.New(handler(queue)), func() { queue.close(logPatience) }, nil
	}
}
