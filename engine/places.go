package engine

import (
	"slices"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// join returns a VM, making it known if it is not: from then on it bounds the
// watermark of its host and of the fleet.
func (m *Machine) join(host, name string) *vm {
	v := m.last // events of one VM come in rows
	if v == nil || v.name != name || v.host != host {
		v = m.vms[vmID{host, name}]
	}
	if v == nil {
		v = &vm{host: string([]byte(host)), name: string([]byte(name)), newest: qmp.NoTime, received: qmp.NoTime, reach: always}
		v.away = true
		m.vms[vmID{v.host, v.name}] = v
		m.order = append(m.order, v)
		m.furnish(v)
	}
	if v.away {
		v.away = false
		for _, p := range v.covers {
			if p.shared {
				p.catchUp() // as far as those got that were known before
				p.admit(v)
			}
		}
	}
	m.last = v
	return v
}

// admit adds a VM to those whose time bounds the watermark. Events without a VM
// are our own: nobody waits for them, unless there is nobody else.
func (p *partition) admit(v *vm) {
	switch {
	case v.name == "" && len(p.members) > 0:
		return
	case v.name == "":
		p.orphan = true
	case p.orphan:
		p.members, p.orphan = p.members[:0], false
	}
	p.members, p.slowest = append(p.members, v), nil
}

// furnish makes the partitions of a VM, its host and the fleet that are not
// there yet, and notes which of them its events go to and which its time bounds.
func (m *Machine) furnish(v *vm) {
	for _, l := range m.lanes {
		var mine *partition
		switch {
		case l.scope == rules.ScopeHost:
			mine = m.share(placeID{l.laneID, v.host, ""}, l)
		case l.scope == rules.ScopeFleet:
			mine = m.share(placeID{l.laneID, "", ""}, l)
		case v.name == "" && l.records != rules.ScopeVM:
			mine = m.share(placeID{l.laneID, v.host, ""}, l)
		default:
			mine = m.place(l, v.host, v.name)
			mine.members = []*vm{v}
		}
		v.offers = append(v.offers, mine)
		v.covers = append(v.covers, mine)
		for _, home := range m.homes(l, v) {
			if home != mine {
				v.covers = append(v.covers, home)
			}
		}
	}
	for _, p := range v.covers {
		p.learnFeeders(v.covers)
	}
}

// homes are the places of records that have no VM or no host, for rules of a
// narrower scope than these records: all VMs that such a record may be about
// bound their watermark.
func (m *Machine) homes(l *lane, v *vm) []*partition {
	var homes []*partition
	if l.scope == rules.ScopeVM && l.records >= rules.ScopeHost {
		homes = append(homes, m.share(placeID{l.laneID, v.host, ""}, l))
	}
	if l.scope < rules.ScopeFleet && l.records == rules.ScopeFleet {
		homes = append(homes, m.share(placeID{l.laneID, "", ""}, l))
	}
	return homes
}

// share returns a partition that several VMs have in common.
func (m *Machine) share(id placeID, l *lane) *partition {
	p := m.shared[id]
	if p == nil {
		p = m.place(l, id.host, id.vm)
		p.shared = true
		m.shared[id] = p
	}
	return p
}

// place makes one partition.
func (m *Machine) place(l *lane, host, name string) *partition {
	p := newPartition(m, l, host, name)
	m.places[l.level] = append(m.places[l.level], p)
	return p
}

// learnFeeders notes which partitions of a new VM make records that may come
// here. One that has a single VM needs no list: those of its VM run before it.
func (p *partition) learnFeeders(of []*partition) {
	if !p.shared {
		return
	}
	for _, f := range of {
		if !f.lane.makes || f.lane.level >= p.lane.level || f.shared && slices.Contains(p.feeders, f) {
			continue
		}
		i, _ := slices.BinarySearchFunc(p.feeders, f.lane.level+1, func(g *partition, level int) int { return g.lane.level - level })
		p.feeders = slices.Insert(p.feeders, i, f)
	}
}

// leave is a VM going away: nobody waits for it any more. The last one of a
// partition stays, or its time would stand still.
func (m *Machine) leave(v *vm) {
	v.away = true
	for _, p := range v.covers {
		i := slices.Index(p.members, v)
		switch {
		case !p.shared || i < 0:
		case len(p.members) == 1:
			p.orphan = true
		default:
			p.members, p.slowest = slices.Delete(p.members, i, i+1), nil
			p.catchUp()
		}
	}
}
