package slack

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// Actions do what the buttons say. group is what ButtonGroup made of the group
// key, by is who pressed. The text returned, if any, is shown to that person;
// so is the error.
type Actions interface {
	Ack(ctx context.Context, group, by string) (string, error)
	Silence(ctx context.Context, group string, span time.Duration, by string) (string, error)
	Explain(ctx context.Context, group string) (string, error)
}

// ListenerConfig is the configuration of a Listener. Secrets are functions,
// called at each use.
type ListenerConfig struct {
	AppToken func() (string, error) // app-level token (xapp-…) with the scope connections:write
	Token    func() (string, error) // bot token, for the answers
	APIURL   string                 // DefaultAPIURL when empty
	Actions  Actions
	// Report gets what went wrong: *notifiers.Error, in which no secret is. It
	// must not block. nil: nobody is told.
	Report func(error)
	// Pressed gets each press before it is done, for the log. It must not block.
	// nil: nobody is told.
	Pressed func(Press)
}

// Listener hears of pressed buttons over Slack's Socket Mode: a websocket that
// it opens, so that nothing has to be reachable from outside. Sending messages
// needs no Listener.
type Listener struct {
	cfg ListenerConfig
	web
	quiet     time.Duration // without a sign of life the connection is made anew
	patience  time.Duration // for a connection to be made
	pause     func(attempt int) time.Duration
	ear       func(signs chan<- struct{}) ear
	connected atomic.Bool
}

// NewListener checks a configuration. It does not talk to Slack and reads no
// secret.
func NewListener(cfg ListenerConfig) (*Listener, error) {
	if cfg.AppToken == nil || cfg.Token == nil || cfg.Actions == nil {
		return nil, errors.New("slack: buttons need socket_mode_token (or socket_mode_token_file) beside token")
	}
	w, err := newWeb(cfg.APIURL, post.Options{})
	if err != nil {
		return nil, err
	}
	return &Listener{cfg: cfg, web: w, quiet: time.Minute, patience: time.Minute, pause: pause, ear: func(c chan<- struct{}) ear { return ear{c} }}, nil
}

// Connected reports whether buttons work at the moment.
func (l *Listener) Connected() bool { return l.connected.Load() }

// Check asks for a connection without making it: whether the app-level token
// is valid and Socket Mode is switched on.
func (l *Listener) Check(ctx context.Context) error {
	token, err := l.appToken()
	if err != nil {
		return err
	}
	defer l.client.CloseIdleConnections()
	if _, _, err = l.api(token)(openOp).StartSocketModeContext(ctx); err != nil {
		return wrapped(openOp, err)
	}
	return nil
}

const openOp = "apps.connections.open"

func (l *Listener) appToken() (string, error) {
	token, err := l.cfg.AppToken()
	if err != nil {
		return "", unreadable(openOp, err)
	}
	if !strings.HasPrefix(token, "xapp-") {
		return "", &notifiers.Error{Class: notifiers.Misconfigured, Op: openOp,
			Err: errors.New("socket_mode_token is not an app-level token (xapp-…); make one under Basic Information with the scope connections:write")}
	}
	return token, nil
}

// Run connects, and connects again whenever the connection is lost, until ctx
// ends; it then returns the error of ctx. No goroutine of it is left. It may be
// called once at a time.
func (l *Listener) Run(ctx context.Context) error {
	presses := make(chan Press, maxWaiting)
	var worker sync.WaitGroup
	worker.Go(func() {
		for p := range presses {
			if ctx.Err() == nil {
				l.perform(ctx, p)
			}
		}
	})
	defer func() {
		close(presses)
		worker.Wait()
		l.client.CloseIdleConnections()
	}()
	var recent memory
	for attempt := 0; ; attempt++ {
		began := time.Now()
		err := l.connection(ctx, func(p Press) { l.take(p, presses, &recent) })
		worked := l.connected.Swap(false)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if worked && time.Since(began) > settled {
			attempt = 0 // Slack renews each connection now and then: that is no failure
		} else {
			l.report(err)
		}
		if wait(ctx, max(l.pause(attempt), after(err))) != nil {
			return ctx.Err()
		}
	}
}

// settled is when a connection counts as one that worked.
const settled = time.Minute

// maxWaiting is how many presses wait for their turn.
const maxWaiting = 64

// take hands a press to the worker. It does not block: what cannot wait is
// refused.
func (l *Listener) take(p Press, presses chan<- Press, recent *memory) {
	if recent.has(p.at) {
		return // Slack sends again what it believes to be unheard
	}
	if l.cfg.Pressed != nil {
		l.cfg.Pressed(p)
	}
	select {
	case presses <- p:
	default:
		l.report(&notifiers.Error{Class: notifiers.Rejected, Op: "slack button " + p.Action, Err: errors.New("too many buttons were pressed at once")})
	}
}

func (l *Listener) report(err error) {
	if l.cfg.Report != nil && err != nil {
		l.cfg.Report(err)
	}
}

// memory holds the newest presses, to know one that comes again.
type memory struct{ last []string }

func (m *memory) has(at string) bool {
	if slices.Contains(m.last, at) {
		return true
	}
	if m.last = append(m.last, at); len(m.last) > maxWaiting {
		m.last = m.last[1:]
	}
	return false
}

// pause is full jitter below a second, doubled with each attempt up to two
// minutes: opening a connection is one of Slack's rarest calls.
func pause(attempt int) time.Duration {
	limit := min(time.Second<<min(attempt, 7), 2*time.Minute)
	return 100*time.Millisecond + rand.N(limit)
}

// after is how long Slack wants us to wait.
func after(err error) time.Duration {
	if e := (*notifiers.Error)(nil); errors.As(err, &e) {
		return e.After
	}
	return 0
}

func wait(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
