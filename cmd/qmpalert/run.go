package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/daemon"
)

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run [--config FILE] [--rules PATH]…",
		Short: "Watch the machines of this host and tell people what is wrong",
		Long: `Reads the events of QEMU monitors, evaluates the rules, and notifies receivers,
until SIGINT or SIGTERM; then it delivers what is decided for up to 10 s. Rule
files and the configuration are watched and taken over when they change, whole
or not at all; SIGHUP does it at once.

The configuration is --config, else ./qmpalert.yml, else
/etc/qmpalert/qmpalert.yml. Without any, it watches /run/qemu/*.qmp, loads ./rules
if it holds a rule file, else the built-in rules, and prints alerts here.

A QEMU is watched when it has a monitor of its own for qmpalert, for example
  qemu-system-x86_64 … -qmp unix:/run/qemu/db1.qmp,server=on,wait=off`,
		Example: `  qmpalert run
  qmpalert run --config /etc/qmpalert/qmpalert.yml --log-format json
  qmpalert run --rules my-rules/          # instead of rule_files of the configuration`,
		Args: arguments(0, 0, ""),
	}
	var opts daemon.Options
	cmd.Flags().StringVar(&opts.ConfigFile, "config", "", "the configuration `file` (default: ./qmpalert.yml, then /etc/qmpalert/qmpalert.yml)")
	rulesFlag(cmd, &opts.Rules)
	logs := logFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, endLog, err := logs(cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		defer endLog()
		opts.Log = log
		b := readBuild()
		opts.Version, opts.Revision = b.Version, b.Commit
		if opts.ConfigFile == "" {
			opts.ConfigFile = config.Find()
		}
		opts.Builtin = builtinRules()
		opts.Console, opts.Color = cmd.OutOrStdout(), bool(colours(cmd.OutOrStdout()))
		if opts.ConfigFile != "" {
			signal.Ignore(syscall.SIGPIPE) // the end of the log's reader is not the end of the alerts
		}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		reload := make(chan os.Signal, 1)
		signal.Notify(reload, syscall.SIGHUP)
		defer signal.Stop(reload)
		opts.Reload = hangups(ctx.Done(), reload)
		err = daemon.Run(ctx, opts)
		var invalid *daemon.InvalidError
		if errors.As(err, &invalid) {
			return printInvalid(cmd.ErrOrStderr(), invalid.Findings)
		}
		return err
	}
	return cmd
}

// hangups passes signals on as requests, until done. Requests that come while
// one waits are one.
func hangups(done <-chan struct{}, signals <-chan os.Signal) <-chan struct{} {
	asked := make(chan struct{}, 1)
	go func() {
		for {
			select {
			case <-done:
				return
			case <-signals:
				select {
				case asked <- struct{}{}:
				default:
				}
			}
		}
	}()
	return asked
}
