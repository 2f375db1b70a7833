package dispatch

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// message makes a message of a group: the alerts that it is about, then others
// that fire, as many as there is room for. total is how many others there are.
func (p *Planner) message(g *group, kind notifiers.Kind, about []alert.Change, others members, maxOthers, total int) notifiers.Notification {
	room := min(maxOthers, MaxAlerts-min(len(about), MaxAlerts), len(others))
	all := make([]alert.Change, 0, min(len(about), MaxAlerts)+room)
	all = append(all, about[:min(len(about), MaxAlerts)]...)
	var acks []notifiers.Ack
	for _, m := range others[:room] {
		all = append(all, m.life.change)
	}
	for i := range all {
		if l := p.lives[all[i].Fingerprint]; l != nil && l.ack != nil && l.change.StartsAt == all[i].StartsAt {
			acks = append(acks, *l.ack)
		}
	}
	slices.SortFunc(acks, func(a, b notifiers.Ack) int { return cmp.Compare(a.Fingerprint, b.Fingerprint) })
	return notifiers.Notification{
		Receiver:          g.receiver,
		GroupKey:          g.key,
		Status:            alert.Firing,
		At:                p.now,
		Alerts:            all,
		Omitted:           len(about) + total - len(all),
		GroupLabels:       g.labels,
		CommonLabels:      common(all, func(c *alert.Change) alert.Labels { return c.Labels }),
		CommonAnnotations: common(all, func(c *alert.Change) alert.Labels { return c.Annotations }),
		ExternalURL:       p.cfg.ExternalURL,
		Kind:              kind,
		Route:             g.route.key,
		Since:             g.since,
		Timeline:          slices.Clone(g.timeline),
		Acks:              acks,
		Escalated:         g.escalated,
	}
}

// common returns the labels, or annotations, that are equal in all alerts.
func common(all []alert.Change, of func(*alert.Change) alert.Labels) alert.Labels {
	if len(all) == 0 {
		return nil
	}
	out, owned := of(&all[0]), false
	for i := range all[1:] {
		other := of(&all[i+1])
		if slices.Equal(out, other) {
			continue
		}
		if !owned {
			out, owned = slices.Clone(out), true
		}
		out = slices.DeleteFunc(out, func(l alert.Label) bool { return other.Get(l.Name) != l.Value })
	}
	return out
}

// visible returns those that nothing hides; n is how many these are.
func visible(told members, n int) members {
	if n == len(told) {
		return slices.Clone(told)
	}
	out := make(members, 0, n)
	for _, m := range told {
		if !m.life.muted {
			out = append(out, m)
		}
	}
	return out
}

func sorted(all []alert.Change) []alert.Change {
	slices.SortStableFunc(all, func(a, b alert.Change) int { return inOrder(&a, &b) })
	return all
}
