package daemon

import (
	"context"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/web"
)

// Explain implements web.Backend.
func (b *backend) Explain(ctx context.Context, id web.AlertID) (web.Explanation, error) {
	out := web.Explanation{Changes: []web.Change{}, Decisions: []web.Decision{}, Messages: []web.Message{}}
	n, err := b.now(ctx)
	if err != nil {
		return out, err
	}
	current, goesOn := n.active[id.Fingerprint]
	goesOn = goesOn && names(id, &current)
	story, err := b.story(id)
	switch {
	case err != nil:
		return out, err
	case story == nil && !goesOn:
		return out, web.NotFound("nothing is known of the alert %s", id)
	case goesOn:
		out.Alert = n.alert(&current, true)
	default:
		newest, err := b.newest(&story.Life, true)
		if err != nil {
			return out, err
		}
		out.Alert = n.alert(newest, true)
	}
	if story != nil {
		tell(&out, story)
	} else { // nothing is kept on disk
		out.Changes = append(out.Changes, web.ChangeOf(&current, true))
	}
	if err := b.loop.look(ctx, func(c *core.Core) { out.Rule = ruleWords(c, out.Alert.Name) }); err != nil {
		return out, err
	}
	// A rule in shadow, or one that names its receivers, asks no route.
	if goesOn && !current.Shadow && len(current.Receivers) == 0 {
		route, err := b.ExplainRoute(ctx, current.Labels, b.loop.now())
		if err != nil {
			return out, err
		}
		out.Route = &route
	}
	return out, nil
}

// story reads a life; nil without storage.
func (b *backend) story(id web.AlertID) (*state.Story, error) {
	if b.loop.memory.state == nil {
		return nil, nil
	}
	return b.loop.memory.state.Story(id.Fingerprint, id.StartsAt)
}

// tell writes down what was kept of a life.
func tell(out *web.Explanation, s *state.Story) {
	for i := range s.Changes {
		out.Changes = append(out.Changes, web.ChangeOf(&s.Changes[i], true))
	}
	for i := range s.Notes {
		out.Decisions = append(out.Decisions, web.DecisionOf(&s.Notes[i]))
	}
	for _, m := range s.Messages {
		one := web.Message{
			ID: m.ID, Receiver: m.Endpoint.Receiver, Endpoint: m.Endpoint.Name, Route: m.Route, Kind: m.Kind, Status: m.Status,
			At: web.Time(m.At), State: string(m.State), CarriedBy: m.Carrier, Tries: []web.Try{},
		}
		for _, d := range m.Log {
			one.Tries = append(one.Tries, tryOf(&d))
		}
		out.Messages = append(out.Messages, one)
	}
}

func tryOf(d *state.Delivery) web.Try {
	t := web.Try{At: web.Time(d.At), Error: d.Error}
	switch d.What {
	case state.Delivered:
		t.Outcome = "accepted"
	case state.Tried, state.Dead:
		t.Outcome = d.Reason
	default:
		t.Outcome = string(d.What)
	}
	return t
}

// ruleWords says what a rule wants; nil when there is none of that name.
func ruleWords(c *core.Core, name string) *web.RuleWords {
	for _, v := range c.Machine().RuleViews() {
		if r := v.Rule; r.Name == name && r.Record == "" {
			return web.WordsOf(r)
		}
	}
	return nil
}

// ExplainRoute implements web.Backend.
func (b *backend) ExplainRoute(ctx context.Context, labels alert.Labels, at int64) (web.RouteExplanation, error) {
	var e dispatch.Explanation
	if err := b.loop.look(ctx, func(c *core.Core) { e = c.Planner().Explain(labels, at) }); err != nil {
		return web.RouteExplanation{}, err
	}
	return web.RouteOf(labels, at, e), nil
}
