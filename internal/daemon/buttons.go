package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/notifiers/slack"
)

// buttons says by which app of Slack people can press buttons. An app has one
// listener, however many channels it writes to.
type buttons struct {
	appToken, token config.Secret
	apiURL          string
}

// buttonsOf returns the apps of a configuration, each once.
func buttonsOf(cfg *config.Config) []buttons {
	var out []buttons
	for _, r := range cfg.Receivers {
		for _, c := range r.Slack {
			b := buttons{c.SocketModeToken, c.Token, c.APIURL}
			same := func(other buttons) bool { return other.appToken.Same(b.appToken) && other.apiURL == b.apiURL }
			if c.SocketModeToken.IsSet() && !slices.ContainsFunc(out, same) {
				out = append(out, b)
			}
		}
	}
	return out
}

// listeners hear of pressed buttons. Nothing else depends on them.
type listeners struct {
	daemon *daemon
	mu     sync.Mutex
	stop   context.CancelFunc // of those that run
	of     []buttons
	run    []*slack.Listener // of those that could be made
	wg     sync.WaitGroup
}

// status says how many apps there are to listen to, and how many are heard; nil
// when nobody wants buttons.
func (l *listeners) status() *web.Buttons {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.of) == 0 {
		return nil
	}
	out := &web.Buttons{Apps: len(l.of)}
	for _, one := range l.run {
		if one.Connected() {
			out.Connected++
		}
	}
	return out
}

// swap makes these the apps that are listened to.
func (l *listeners) swap(ctx context.Context, all []buttons) {
	l.mu.Lock()
	defer l.mu.Unlock()
	same := func(a, b buttons) bool {
		return a.appToken.Same(b.appToken) && a.token.Same(b.token) && a.apiURL == b.apiURL
	}
	if slices.EqualFunc(l.of, all, same) {
		return
	}
	if l.stop != nil {
		l.stop()
	}
	ctx, l.stop = context.WithCancel(ctx)
	l.of, l.run = all, nil
	for _, b := range all {
		l.start(ctx, b)
	}
}

func (l *listeners) start(ctx context.Context, b buttons) {
	log := l.daemon.log
	listener, err := slack.NewListener(slack.ListenerConfig{
		AppToken: secret(b.appToken), Token: secret(b.token), APIURL: b.apiURL, Actions: &actions{l.daemon},
		Report: func(err error) { log.Warn("Slack's buttons", "err", err) },
		Pressed: func(p slack.Press) {
			log.Info("a button was pressed", "button", p.Action, "by", p.By, "user", p.UserID, "channel", p.Channel, "group", p.Group)
		},
	})
	if err != nil {
		log.Error("Slack's buttons do not work", "err", err)
		return
	}
	l.run = append(l.run, listener)
	l.wg.Go(func() {
		if err := listener.Run(ctx); err != nil && ctx.Err() == nil {
			log.Error("Slack's buttons do not work any more", "err", err)
		}
	})
}

// wait returns when all have ended; their context tells them to.
func (l *listeners) wait() {
	l.mu.Lock()
	if l.stop != nil {
		l.stop()
	}
	l.mu.Unlock()
	l.wg.Wait()
}

// actions do what buttons say.
type actions struct{ *daemon }

var _ slack.Actions = (*actions)(nil)

var errGroupGone = errors.New("nothing of this group fires any more")

// group finds the group that a button belongs to.
func (a *actions) group(ctx context.Context, button string) (found dispatch.GroupView, err error) {
	var view dispatch.View
	if err := a.loop.look(ctx, func(c *core.Core) { view = c.Planner().View() }); err != nil {
		return found, err
	}
	for _, g := range view.Groups {
		if slack.ButtonGroup(g.Key) == button {
			return g, nil
		}
	}
	return found, errGroupGone
}

// Ack implements slack.Actions.
func (a *actions) Ack(ctx context.Context, group, by string) (string, error) {
	g, err := a.group(ctx, group)
	if err != nil {
		return "", err
	}
	b := backend{a.daemon}
	return "", b.enter(ctx, core.Entry{Ack: &core.Ack{Group: g.Key, By: by}})
}

// Silence implements slack.Actions: it hides what has the labels of the group.
func (a *actions) Silence(ctx context.Context, group string, span time.Duration, by string) (string, error) {
	g, err := a.group(ctx, group)
	if err != nil {
		return "", err
	}
	at := a.loop.now()
	s := web.Silence{
		StartsAt: web.Time(at), EndsAt: web.Time(at + span.Microseconds()), CreatedBy: by, Comment: "by the button in Slack",
	}
	for _, l := range g.Labels {
		s.Matchers = append(s.Matchers, alertmanager.Equal(l.Name, l.Value))
	}
	if len(s.Matchers) == 0 {
		return "", errors.New("the alerts of this group have no label in common, so a silence would hide everything: use `qmpalert silence add`")
	}
	made, err := (&backend{a.daemon}).SetSilence(ctx, s)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Silenced for %s: %s (silence %s)", duration.Format(span), strings.Join(made.Matchers, ", "), made.ID), nil
}

// maxExplained bounds the alerts of a group that one answer explains.
const maxExplained = 5

// Explain implements slack.Actions.
func (a *actions) Explain(ctx context.Context, group string) (string, error) {
	g, err := a.group(ctx, group)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for i, f := range g.Fingerprints {
		if i == maxExplained {
			fmt.Fprintf(&out, "and %d more\n", len(g.Fingerprints)-i)
			break
		}
		e, err := (&backend{a.daemon}).Explain(ctx, web.Newest(f))
		if err != nil {
			return "", err
		}
		writeExplained(&out, &e)
	}
	return out.String(), nil
}

// writeExplained is the short story of an alert. It is not escaped: that is
// what the notifier does.
func writeExplained(out *strings.Builder, e *web.Explanation) {
	a := &e.Alert
	matches := "1 match"
	if a.Count != 1 {
		matches = fmt.Sprintf("%d matches", a.Count)
	}
	fmt.Fprintf(out, "%s %s since %s, %s", a.Name, a.Status, a.ActiveAt, matches)
	for _, name := range []string{"host", "vm"} {
		if v := a.Labels[name]; v != "" {
			fmt.Fprintf(out, ", %s %s", name, v)
		}
	}
	out.WriteString("\n")
	if e.Rule != nil {
		fmt.Fprintf(out, "  the rule (%s:%d): %s\n", e.Rule.File, e.Rule.Line, e.Rule.Fires)
	}
	if a.Evidence != nil {
		for _, ev := range a.Evidence.Events {
			out.WriteString("  " + seen(ev) + "\n")
		}
	}
	for _, d := range e.Decisions {
		out.WriteString("  " + decided(&d) + "\n")
	}
}

// maxSeen bounds the data of an event that is shown in a chat, in bytes.
const maxSeen = 200

// seen is an event on one line.
func seen(raw json.RawMessage) string {
	ev, err := event.Parse(raw)
	var rest struct {
		Data json.RawMessage `json:"data"`
	}
	if err != nil || json.Unmarshal(raw, &rest) != nil {
		return string(raw) // nothing that we have written
	}
	data := string(rest.Data)
	if len(data) > maxSeen {
		data = strings.ToValidUTF8(data[:maxSeen], "") + "…"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", web.TimeOf(ev.Time), ev.Name, data))
}

// decided is a decision on one line.
func decided(d *web.Decision) string {
	text := d.At.String() + " " + d.What
	if d.Receiver != "" {
		text += " " + d.Receiver
	}
	if d.By != "" {
		text += " by " + d.By
	}
	if d.Text != "" {
		text += ": " + d.Text
	}
	return text
}
