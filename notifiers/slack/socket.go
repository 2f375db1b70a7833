package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

const (
	socketOp   = "Socket Mode"
	maxMessage = 1 << 20         // bytes of one message of the socket
	ackWithin  = 2 * time.Second // Slack shows an error after 3
)

// connection is the life of one connection; the error says why it ended. slack-go would connect again by itself, but with the token
// it was made with and a back-off of its own: here it is let go instead.
func (l *Listener) connection(ctx context.Context, take func(Press)) error {
	token, err := l.appToken()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	signs := make(chan struct{}, 1)
	smc := socketmode.New(l.api(token)(openOp),
		socketmode.OptionReadLimit(maxMessage), socketmode.OptionDebug(true), socketmode.OptionLog(l.ear(signs)))
	ended := make(chan error, 1)
	go func() { ended <- smc.RunContext(ctx) }()
	gone := false
	defer func() {
		cancel()
		if !gone {
			<-ended
		}
	}()
	dog := time.NewTimer(l.patience)
	defer dog.Stop()
	for {
		select {
		case <-signs:
		case ev := <-smc.Events:
			if ev.Type == socketmode.EventTypeHello {
				l.connected.Store(true)
			}
			if err := l.hear(ctx, smc, &ev, take); err != nil {
				return err
			}
			if ev.Type == socketmode.EventTypeConnecting {
				continue // no sign of life
			}
		case <-dog.C:
			return failed(fmt.Errorf("nothing came for %v", l.quiet))
		case err := <-ended:
			gone = true
			if err == nil {
				err = errors.New("it was closed")
			}
			return failed(err)
		}
		dog.Reset(l.quiet)
	}
}

// failed is the error of a connection.
func failed(err error) error {
	if e := (*notifiers.Error)(nil); errors.As(err, &e) {
		return e
	}
	return &notifiers.Error{Class: notifiers.Retry, Op: socketOp, Err: post.Redact(err)}
}

// hear acknowledges an event, which Slack wants within 3 seconds whatever it
// is, and takes it if it is a press. An error is the end of the connection.
func (l *Listener) hear(ctx context.Context, smc *socketmode.Client, ev *socketmode.Event, take func(Press)) error {
	switch data := ev.Data.(type) {
	case *slack.ConnectingEvent:
		if data.ConnectionCount > 0 {
			return failed(errors.New("the connection was lost"))
		}
	case *slack.ConnectionErrorEvent:
		return failed(data.ErrorObj)
	case *socketmode.ErrorWriteFailed:
		return failed(data.Cause)
	case *socketmode.ErrorBadMessage:
		l.refuse(data.Cause)
	}
	if ev.Request == nil || ev.Request.EnvelopeID == "" {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, ackWithin)
	defer cancel()
	if err := smc.AckCtx(within, ev.Request.EnvelopeID, nil); err != nil {
		return failed(fmt.Errorf("nothing can be sent: %w", err))
	}
	cb, ok := ev.Data.(slack.InteractionCallback)
	if !ok {
		return nil // something that the app subscribed to and we did not ask for
	}
	p, err := parsePress(&cb)
	if err != nil {
		l.refuse(err)
		return nil
	}
	take(p)
	return nil
}

func (l *Listener) refuse(err error) {
	l.report(&notifiers.Error{Class: notifiers.Rejected, Op: socketOp, Err: post.Redact(fmt.Errorf("a message was refused: %w", err))})
}

// ear listens to slack-go's debug lines for the pings of Slack, which it shows
// nowhere else: they are the only sign of life of a quiet connection. Nothing of
// the lines is kept.
type ear struct{ signs chan<- struct{} }

// pinged begins slack-go's line about a ping, as of v0.34.0; a test knows when
// it changes.
const pinged = "WebSocket ping message received"

// Output implements the logger that slack-go wants.
func (e ear) Output(_ int, line string) error {
	if strings.HasPrefix(line, pinged) {
		select {
		case e.signs <- struct{}{}:
		default: // one is waiting
		}
	}
	return nil
}
