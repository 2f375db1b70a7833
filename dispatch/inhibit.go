package dispatch

import (
	"cmp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
)

// inhibitor is an alert that fires and silences others.
type inhibitor struct {
	startsAt int64
	names    []string // alerts that it silences
	place    place
}

// place is where an alert is: what an inhibitor and an alert that it silences
// have in common.
type place struct{ host, vm string }

func placeOf(c *alert.Change) place { return place{c.Labels.Get("host"), c.Labels.Get("vm")} }

// meets says that both are about the same VM or, where one of them is about no
// VM, the same host.
func (p place) meets(q place) bool {
	return p.host == q.host && (p.vm == q.vm || p.vm == "" || q.vm == "")
}

// target is what an inhibitor looks for, so that a storm of alerts need not be
// compared with each other.
type target struct{ name, host string }

// index finds alerts by target.
type index map[target]map[alert.Fingerprint]place

func (x index) add(t target, f alert.Fingerprint, p place) {
	if x[t] == nil {
		x[t] = map[alert.Fingerprint]place{}
	}
	x[t][f] = p
}

func (x index) remove(t target, f alert.Fingerprint) {
	delete(x[t], f)
	if len(x[t]) == 0 {
		delete(x, t)
	}
}

// inhibits notes that an alert fires that silences others, in place of what was
// known of it.
func (p *Planner) inhibits(f alert.Fingerprint, in inhibitor) {
	p.uninhibit(f)
	if len(in.names) == 0 {
		return
	}
	p.inhibitors[f] = in
	for _, name := range in.names {
		p.silencers.add(target{name, in.place.host}, f, in.place)
	}
}

func (p *Planner) uninhibit(f alert.Fingerprint) {
	in := p.inhibitors[f]
	delete(p.inhibitors, f)
	for _, name := range in.names {
		p.silencers.remove(target{name, in.place.host}, f)
	}
}

// silenced reports whether another alert that fires inhibits this one.
func (p *Planner) silenced(c *alert.Change) bool {
	at := placeOf(c)
	for f, by := range p.silencers[target{c.Name, at.host}] {
		if f != c.Fingerprint && by.meets(at) {
			return true
		}
	}
	return false
}

// hold keeps the beginning of an alert that is silenced.
func (p *Planner) hold(c alert.Change) {
	at := placeOf(&c)
	p.held[c.Fingerprint] = c
	p.waiting.add(target{c.Name, at.host}, c.Fingerprint, at)
}

// unhold forgets that an alert is silenced.
func (p *Planner) unhold(f alert.Fingerprint) {
	c, ok := p.held[f]
	if !ok {
		return
	}
	delete(p.held, f)
	p.waiting.remove(target{c.Name, placeOf(&c).host}, f)
}

// released returns the alerts that an inhibitor silenced, which is over, and
// that nothing else silences, in the order in which they fired.
func (p *Planner) released(in inhibitor) []alert.Change {
	var out []alert.Change
	seen := map[alert.Fingerprint]bool{}
	for _, name := range in.names {
		for f := range p.waiting[target{name, in.place.host}] {
			if c := p.held[f]; !seen[f] && !p.silenced(&c) {
				seen[f] = true
				out = append(out, c)
			}
		}
	}
	slices.SortFunc(out, func(a, b alert.Change) int {
		return cmp.Or(cmp.Compare(a.StartsAt, b.StartsAt), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}
