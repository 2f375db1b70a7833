package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
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

// connection is the life of one connection; the error says why it ended.
func (l *Listener) connection(ctx context.Context, take func(Press)) error {
	token, err := l.appToken()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	signs := make(chan struct{}, 1)
	once := &single{doer: doer{w: &l.web, method: openOp, token: token}}
	smc := socketmode.New(l.over(once, token),
		socketmode.OptionReadLimit(maxMessage), socketmode.OptionPingInterval(2*l.quiet), // watch comes first
		socketmode.OptionDebug(true), socketmode.OptionLog(l.ear(signs)))
	ended, dog := make(chan error, 1), make(chan error, 1)
	var both sync.WaitGroup
	both.Go(func() { ended <- smc.RunContext(ctx) })
	both.Go(func() { dog <- watch(ctx, signs, l.patience, l.quiet) })
	defer func() {
		cancel()
		both.Wait()
	}()
	for {
		select {
		case ev := <-smc.Events:
			switch ev.Type {
			case socketmode.EventTypeHello:
				l.connected.Store(true)
				sign(signs)
			case socketmode.EventTypeConnecting, socketmode.EventTypeConnectionError:
			default:
				sign(signs)
			}
			if err := l.hear(ctx, smc, &ev, take); err != nil {
				return err
			}
		case err := <-dog:
			return failed(err)
		case err := <-ended:
			if err == nil {
				err = errors.New("it was closed")
			}
			return failed(err)
		}
	}
}

// single asks for one connection. slack-go would ask for another when that is
// lost, with the token it was made with and a back-off of its own, and while it
// is being let go that connection would swallow presses.
type single struct {
	doer
	used atomic.Bool
}

var errLost = errors.New("the connection was lost")

func (s *single) Do(req *http.Request) (*http.Response, error) {
	if s.used.Swap(true) {
		return nil, errLost
	}
	return s.doer.Do(req)
}

// watch returns an error when no sign of life came: for patience in the
// beginning, for quiet after each sign; or when ctx ends.
func watch(ctx context.Context, signs <-chan struct{}, patience, quiet time.Duration) error {
	limit := patience
	t := time.NewTimer(limit)
	defer t.Stop()
	for {
		select {
		case <-signs:
			limit = quiet
			t.Reset(limit)
		case <-t.C:
			return fmt.Errorf("nothing came for %v", limit)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// sign tells watch that there is life.
func sign(signs chan<- struct{}) {
	select {
	case signs <- struct{}{}:
	default: // one is waiting
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
		sign(e.signs)
	}
	return nil
}
