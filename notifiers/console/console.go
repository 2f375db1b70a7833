package console

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// maxAlerts is how many alerts of one group are printed.
const maxAlerts = 20

// Options of a Notifier.
type Options struct {
	Color bool // SGR escape sequences for colours are wanted
}

// Notifier prints to one writer.
type Notifier struct {
	opts Options
	mu   sync.Mutex // one message is written at once
	w    io.Writer
}

// New returns a Notifier that writes each message with one Write.
func New(w io.Writer, o Options) *Notifier { return &Notifier{opts: o, w: w} }

// Notify prints the alerts. It has no receipts: what was printed stays.
func (c *Notifier) Notify(ctx context.Context, n notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	var b bytes.Buffer
	if n.Test {
		b.WriteString("This is a test notification: nothing is wrong.\n")
	}
	for i := range n.Alerts {
		if i == maxAlerts {
			fmt.Fprintf(&b, "… and %d more alerts of this group\n", len(n.Alerts)-maxAlerts)
			break
		}
		s := story.Of(&n.Alerts[i])
		c.print(&b, &s)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.w.Write(b.Bytes()); err != nil {
		return "", &notifiers.Error{Class: notifiers.Retry, Op: "write", Err: err}
	}
	return "", nil
}

// print writes one alert: what, where and since when, then the facts and the
// evidence of one that fires, or how one ended.
func (c *Notifier) print(b *bytes.Buffer, s *story.Story) {
	fmt.Fprintf(b, "%s  %s\n", c.paint(s, s.Word()), s.Summary)
	fmt.Fprintf(b, "    %s", s.Name)
	if s.VM != "" {
		fmt.Fprintf(b, " · vm %s", s.VM)
	}
	if s.Host != "" {
		fmt.Fprintf(b, " · host %s", s.Host)
	}
	if s.Since != "" {
		fmt.Fprintf(b, " · since %s", s.Since)
	}
	b.WriteByte('\n')
	if outcome := s.Outcome(); outcome != "" {
		fmt.Fprintf(b, "    %s\n", outcome)
		return
	}
	for _, f := range s.Facts {
		fmt.Fprintf(b, "    %s = %s\n", f.Name, f.Value)
	}
	for _, line := range s.Evidence {
		fmt.Fprintf(b, "    │ %s\n", line)
	}
}

// paint colours the status word as traffic lights do.
func (c *Notifier) paint(s *story.Story, word string) string {
	if !c.opts.Color {
		return word
	}
	color := "31;1" // bold red
	switch {
	case s.Status == alert.Resolved:
		color = "32;1"
	case s.Severity == "warning":
		color = "33;1"
	case s.Severity == "info" || s.Severity == "none":
		color = "36;1"
	}
	return "\x1b[" + color + "m" + word + "\x1b[0m"
}
