package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], stdio{os.Stdin, os.Stdout, os.Stderr}))
}

// untilSignal is done at SIGINT, SIGTERM and what else is given, for verbs that
// have something to bring to an end. All others end at once, also while they
// read from a pipe, which cannot be interrupted.
func untilSignal(ctx context.Context, more ...os.Signal) (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(ctx, append(more, os.Interrupt, syscall.SIGTERM)...)
	context.AfterFunc(ctx, stop) // whoever asks twice does not want to wait
	return ctx, stop
}

// stdio is the three streams of a process.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

// run is the whole program: arguments and streams in, exit code out.
func run(ctx context.Context, args []string, std stdio) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	if err := unknownVerb(root, args); err != nil {
		return exit(std.err, err)
	}
	return exit(std.err, root.ExecuteContext(ctx))
}
