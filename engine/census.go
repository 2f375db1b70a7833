package engine

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// census knows the VMs of a partition (docs/semantics.md, rule 10): from the
// first event until they go away, in the order in which events are evaluated.
// Only partitions whose rules ask for it have one; a nil census is of use.
type census struct {
	known   map[*vm]bool
	leaving map[*vm]int // ends of the VM that wait to be evaluated
}

func newCensus() *census {
	return &census{known: make(map[*vm]bool), leaving: make(map[*vm]int)}
}

// someone says that a VM is known.
func (c *census) someone() bool { return c != nil && len(c.known) > 0 }

// needs says that the events of a VM must be evaluated, whoever wants them: one
// of them may make it known.
func (c *census) needs(v *vm) bool {
	return c != nil && v.name != "" && (!c.known[v] || c.leaving[v] > 0)
}

// dequeued follows the ends of VMs out of the queue; enqueue put them there.
func (c *census) dequeued(ev *event.Event, m *Machine) {
	if c == nil || !isGone(ev) {
		return
	}
	v := m.vms[vmID{ev.Host, ev.VM.Name}]
	if c.leaving[v]--; c.leaving[v] <= 0 {
		delete(c.leaving, v)
	}
}

// count notes what an event at the instant t says about who is known.
func (p *partition) count(in *arrival, t int64) {
	v := p.m.vms[vmID{in.event.Host, in.event.VM.Name}]
	if v == nil || v.name == "" {
		return
	}
	c := p.census
	if isGone(in.event) {
		delete(c.known, v)
		if len(c.known) == 0 && p.lane.scope != rules.ScopeVM {
			for _, i := range p.lane.missing {
				p.vanish(i)
			}
		}
		return
	}
	if c.known[v] {
		return
	}
	c.known[v] = true
	if len(c.known) > 1 {
		return
	}
	for _, i := range p.lane.missing {
		if in.number > p.lane.since[i] {
			p.appear(i, t)
		}
	}
}

// heard lists the VMs of a partition that are known by what arrived.
func (p *partition) heard() []*vm {
	var all []*vm
	for _, v := range p.m.order {
		if v.away || v.newest == qmp.NoTime || v.name == "" {
			continue
		}
		if p.lane.scope == rules.ScopeFleet || p.host == v.host && (p.lane.scope == rules.ScopeHost || p.vm == v.name) {
			all = append(all, v)
		}
	}
	return all
}
