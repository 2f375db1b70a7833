package engine

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// census knows the VMs of a partition (docs/semantics.md, rule 10): from the
// first event until they go away, in the order in which events are evaluated.
// Only partitions whose rules ask for it have one.
type census struct {
	known map[*vm]bool
	signs map[*vm]waiting // what waits in place of events of the VM that nobody wants
}

func newCensus() *census {
	return &census{known: make(map[*vm]bool), signs: make(map[*vm]waiting)}
}

// someone says that a VM is known.
func (c *census) someone() bool { return c != nil && len(c.known) > 0 }

// sign returns what waits in place of an event at t that no rule wants, but
// which may turn out to be the first of its VM, or the first after it went away:
// that is known when all before it have been evaluated.
func (c *census) sign(in *arrival, t int64) waiting {
	w, ok := c.signs[in.vm]
	if !ok {
		w = signOf(in.vm)
		c.signs[in.vm] = w
	}
	w.time, w.order = t, in.order
	return w
}

func signOf(v *vm) waiting {
	return waiting{
		event: &kept{
			Event: event.Event{Host: v.host, VM: event.VM{Name: v.name}, Received: qmp.NoTime},
			from:  &origin{level: -1, sign: v},
			shown: true,
		},
	}
}

// count notes what an event at the instant t says about who is known.
func (p *partition) count(in *arrival, t int64) {
	v := p.m.vms[vmID{in.event.Host, in.event.VM.Name}]
	switch {
	case v == nil || v.name == "":
	case isGone(in.event):
		p.gone(v)
	default:
		p.present(v, in.number, t)
	}
}

// gone is the end of a VM. What happens to a rule of scope vm is what happens to
// all of them (forgetVM).
func (p *partition) gone(v *vm) {
	delete(p.census.known, v)
	if p.census.someone() || p.lane.scope == rules.ScopeVM {
		return
	}
	for _, i := range p.lane.missing {
		p.vanish(i)
	}
}

// present is a sign of a VM at t, with the number of an arrival.
func (p *partition) present(v *vm, number uint64, t int64) {
	c := p.census
	if c.known[v] {
		return
	}
	c.known[v] = true
	if len(c.known) > 1 {
		return
	}
	for _, i := range p.lane.missing {
		if number > p.lane.since[i] {
			p.appear(i, t)
		}
	}
}

// heard lists the VMs of a partition that are known by what arrived.
func (p *partition) heard() []*vm {
	candidates := p.members // of one VM, its own
	if p.shared {
		candidates = p.m.order
	}
	var all []*vm
	for _, v := range candidates {
		unheard := v.away || v.newest == qmp.NoTime || v.name == ""
		if !unheard && (p.lane.scope == rules.ScopeFleet || p.host == v.host && (p.lane.scope == rules.ScopeHost || p.vm == v.name)) {
			all = append(all, v)
		}
	}
	return all
}
