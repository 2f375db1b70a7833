package dispatch

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Planner turns changes into notifications. It is not safe for concurrent use.
// Its memory is one entry for each alert that fires.
type Planner struct {
	cfg  Config
	told map[alert.Fingerprint]life
}

// life is an alert that fires and who was told so.
type life struct {
	startsAt  int64
	receivers []string
}

// New returns a Planner that has told nobody anything.
func New(cfg Config) *Planner {
	return &Planner{cfg: cfg, told: map[alert.Fingerprint]life{}}
}

// Swap takes over a new configuration. Alerts that fire keep who was told.
func (p *Planner) Swap(cfg Config) { p.cfg = cfg }

// Step returns the notifications that a change causes, in the order of the
// receivers that the rule names.
func (p *Planner) Step(c alert.Change) []notifiers.Notification {
	switch c.Status {
	case alert.Firing:
		return p.fired(c)
	case alert.Resolved:
		return p.resolved(c)
	}
	return nil
}

// fired tells of a new alert. A further change of an alert that fires already
// tells nobody: one notification at firing, one at resolve.
func (p *Planner) fired(c alert.Change) []notifiers.Notification {
	if l, ok := p.told[c.Fingerprint]; ok && l.startsAt == c.StartsAt {
		return nil
	}
	to := p.cfg.receivers(c.Receivers)
	p.told[c.Fingerprint] = life{startsAt: c.StartsAt, receivers: to}
	return p.tell(c, to)
}

func (p *Planner) resolved(c alert.Change) []notifiers.Notification {
	l, ok := p.told[c.Fingerprint]
	if !ok || l.startsAt != c.StartsAt {
		return nil
	}
	delete(p.told, c.Fingerprint)
	if c.Reason == alert.ReasonQuiet {
		return nil
	}
	var to []string
	for _, name := range l.receivers {
		if r, ok := p.cfg.find(name); ok && r.SendResolved {
			to = append(to, name)
		}
	}
	return p.tell(c, to)
}

func (p *Planner) tell(c alert.Change, receivers []string) []notifiers.Notification {
	var out []notifiers.Notification
	for _, name := range receivers {
		group := groupKey(name, c.Fingerprint)
		out = append(out, notifiers.Notification{
			ID:                notificationID(name, group, c.Fingerprint, c.StartsAt, c.Status),
			Receiver:          name,
			GroupKey:          group,
			Status:            c.Status,
			At:                c.At,
			Alerts:            []alert.Change{c},
			GroupLabels:       c.Labels,
			CommonLabels:      c.Labels,
			CommonAnnotations: c.Annotations,
			ExternalURL:       p.cfg.ExternalURL,
		})
	}
	return out
}
