package console

import (
	"context"
	"io"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// Options of a Notifier.
type Options struct {
	Color bool // ANSI colours
}

// Notifier prints to one writer. Several may share a writer that is safe for
// concurrent use: each notification is one Write.
type Notifier struct {
	w    io.Writer
	o    Options
	busy chan struct{} // holds one token while a Write is under way
}

// New returns a Notifier that prints to w.
func New(w io.Writer, o Options) *Notifier {
	return &Notifier{w: w, o: o, busy: make(chan struct{}, 1)}
}

// Notify implements notifiers.Notifier. A terminal can be stopped (Ctrl-S) and
// a pipe full: when ctx ends meanwhile, Notify returns and leaves the Write,
// which cannot be taken back, to a goroutine that ends when the writer goes on.
func (c *Notifier) Notify(ctx context.Context, n notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
	select {
	case c.busy <- struct{}{}:
	case <-ctx.Done():
		return "", failed(ctx.Err())
	}
	text := []byte(c.render(&n))
	done := make(chan error, 1)
	go func() {
		_, err := c.w.Write(text)
		<-c.busy
		done <- err
	}()
	select {
	case err := <-done:
		return "", failed(err)
	case <-ctx.Done():
		return "", failed(ctx.Err())
	}
}

// failed is the error of a write, nil for nil.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &notifiers.Error{Class: notifiers.Retry, Op: "print", Err: printed{err}}
}

// printed keeps the text of an error printable.
type printed struct{ error }

func (p printed) Error() string { return story.Line(p.error.Error(), 300) }
func (p printed) Unwrap() error { return p.error }
