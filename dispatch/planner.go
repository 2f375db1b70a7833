package dispatch

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Planner turns changes into notifications. It is not safe for concurrent use.
// Its memory is one entry for each alert that fires; of one that is silenced it
// keeps the change itself.
type Planner struct {
	cfg  Config
	told map[alert.Fingerprint]life
	held map[alert.Fingerprint]alert.Change // firing, silenced

	inhibitors map[alert.Fingerprint]inhibitor
	silencers  index // inhibitors by what they look for
	waiting    index // held alerts by what looks for them
}

// life is an alert that fires and who was told so.
type life struct {
	startsAt  int64
	receivers []string
}

// New returns a Planner that has told nobody anything.
func New(cfg Config) *Planner {
	return &Planner{
		cfg: cfg, told: map[alert.Fingerprint]life{}, held: map[alert.Fingerprint]alert.Change{},
		inhibitors: map[alert.Fingerprint]inhibitor{}, silencers: index{}, waiting: index{},
	}
}

// Swap takes over a new configuration. Alerts that fire keep who was told.
func (p *Planner) Swap(cfg Config) { p.cfg = cfg }

// Step returns the notifications that a change causes: about its own alert in
// the order of the receivers that the rule names, then those about the alerts
// that it silenced.
func (p *Planner) Step(c alert.Change) []notifiers.Notification {
	switch c.Status {
	case alert.Firing:
		return p.fired(c)
	case alert.Resolved:
		return append(p.resolved(c), p.ended(c)...)
	}
	return nil
}

// fired tells of a new alert, or keeps it while another one silences it. A
// further change of an alert that fires already tells nobody: one notification
// at firing, one at resolve.
func (p *Planner) fired(c alert.Change) []notifiers.Notification {
	if c.Shadow {
		return nil
	}
	if l, ok := p.told[c.Fingerprint]; ok && l.startsAt == c.StartsAt {
		return nil
	}
	if h, ok := p.held[c.Fingerprint]; ok && h.StartsAt == c.StartsAt {
		return nil
	}
	before := p.inhibitors[c.Fingerprint] // of a life whose end was not seen
	delete(p.told, c.Fingerprint)
	p.unhold(c.Fingerprint)
	p.inhibits(c.Fingerprint, inhibitor{c.StartsAt, c.Inhibits, placeOf(&c)})
	if p.silenced(&c) {
		p.hold(c)
		return p.release(before, c.At)
	}
	return append(p.begin(c, c.At), p.release(before, c.At)...)
}

// begin tells that an alert fires.
func (p *Planner) begin(c alert.Change, at int64) []notifiers.Notification {
	to := p.cfg.receivers(c.Receivers)
	p.told[c.Fingerprint] = life{startsAt: c.StartsAt, receivers: to}
	return p.tell(c, at, to)
}

func (p *Planner) resolved(c alert.Change) []notifiers.Notification {
	if h, ok := p.held[c.Fingerprint]; ok && h.StartsAt == c.StartsAt {
		p.unhold(c.Fingerprint)
	}
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
	return p.tell(c, c.At, to)
}

// ended tells of the alerts that this one silenced and that still fire.
func (p *Planner) ended(c alert.Change) []notifiers.Notification {
	in, ok := p.inhibitors[c.Fingerprint]
	if !ok || in.startsAt != c.StartsAt {
		return nil
	}
	p.uninhibit(c.Fingerprint)
	return p.release(in, c.At)
}

// release tells of the alerts that an inhibitor silenced and that nothing else
// silences.
func (p *Planner) release(in inhibitor, at int64) []notifiers.Notification {
	var out []notifiers.Notification
	for _, h := range p.released(in) {
		p.unhold(h.Fingerprint)
		out = append(out, p.begin(h, at)...)
	}
	return out
}

// tell makes the notifications about a change that become known at an instant.
func (p *Planner) tell(c alert.Change, at int64, receivers []string) []notifiers.Notification {
	var out []notifiers.Notification
	for _, name := range receivers {
		group := groupKey(name, c.Fingerprint)
		out = append(out, notifiers.Notification{
			ID:                notificationID(name, group, c.Fingerprint, c.StartsAt, c.Status),
			Receiver:          name,
			GroupKey:          group,
			Status:            c.Status,
			At:                at,
			Alerts:            []alert.Change{c},
			GroupLabels:       c.Labels,
			CommonLabels:      c.Labels,
			CommonAnnotations: c.Annotations,
			ExternalURL:       p.cfg.ExternalURL,
		})
	}
	return out
}
