package dispatch

import "github.com/qmpalert/qmpalert/alert"

// Explain says who would be told of an alert with these labels that fires at an
// instant, and what would hide it: silences and time intervals of that instant,
// and the alerts that fire now. Its rule is taken to name no receivers; labels
// are sorted. It changes nothing.
func (p *Planner) Explain(labels alert.Labels, at int64) Explanation {
	e := Explanation{Muted: p.inhibits(labels.Get("alertname"), labels, labels.Fingerprint())}
	for _, s := range p.silences.sorted() {
		if s.State(at) == Active && s.matchers.Match(labels) {
			e.Muted = append(e.Muted, s.mute())
		}
	}
	decides := map[*route]bool{}
	for _, r := range p.tree.root.deciding(labels, nil) {
		decides[r] = true
	}
	p.tree.root.explain(labels, at, 0, true, decides, &e)
	return e
}

func (r *route) explain(labels alert.Labels, at int64, depth int, reached bool, decides map[*route]bool, e *Explanation) {
	v := RouteView{
		Depth: depth, Route: r.key, Matchers: r.matchers.String(), Matches: r.matchers.Match(labels), Reached: reached,
		Decides: reached && decides[r], Continue: r.cfg.Continue, Receiver: r.receiver, Settings: r.settings,
	}
	if v.Decides {
		t := r.target(r.receiver, labels)
		v.GroupKey, v.GroupLabels, v.Muted = t.key, t.labels, r.clock.mutes(at)
	}
	e.Routes = append(e.Routes, v)
	reached = reached && v.Matches
	for _, child := range r.children {
		child.explain(labels, at, depth+1, reached, decides, e)
		if child.matchers.Match(labels) && !child.cfg.Continue {
			reached = false
		}
	}
}
