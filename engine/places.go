package engine

import (
	"slices"

	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// lanesOf groups rules by scope and lateness, in order of appearance.
func lanesOf(set *rules.Set) []*lane {
	var lanes []*lane
	for _, r := range set.Rules() {
		i := slices.IndexFunc(lanes, func(l *lane) bool { return l.scope == r.Scope && l.lateness == micros(r.Lateness) })
		if i < 0 {
			i = len(lanes)
			lanes = append(lanes, &lane{scope: r.Scope, lateness: micros(r.Lateness)})
		}
		lanes[i].rules = append(lanes[i].rules, r)
		lanes[i].since = append(lanes[i].since, 0)
	}
	for _, l := range lanes {
		l.index = rules.NewIndex(l.rules)
	}
	return lanes
}

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
		for _, p := range m.wide(v.host) {
			p.runTo(p.watermark()) // as far as those got that were known before
			if p.orphan {
				p.members, p.orphan = p.members[:0], false
			}
			p.members, p.slowest = append(p.members, v), nil
		}
	}
	m.last = v
	return v
}

// furnish makes the partitions of a VM, its host and the fleet that are not
// there yet.
func (m *Machine) furnish(v *vm) {
	_, hostKnown := m.hosts[v.host]
	fleetKnown := len(m.fleet) > 0
	for _, l := range m.lanes {
		switch {
		case l.scope == rules.ScopeVM:
			p := m.place(l, v.host, v.name)
			p.members = []*vm{v}
			v.lanes = append(v.lanes, p)
		case l.scope == rules.ScopeHost && !hostKnown:
			m.hosts[v.host] = append(m.hosts[v.host], m.place(l, v.host, ""))
		case l.scope == rules.ScopeFleet && !fleetKnown:
			m.fleet = append(m.fleet, m.place(l, "", ""))
		}
	}
}

// place makes one partition.
func (m *Machine) place(l *lane, host, name string) *partition {
	p := newPartition(m, l, host, name)
	m.places = append(m.places, p)
	return p
}

// wide returns the partitions in which a VM of the host is one of several.
func (m *Machine) wide(host string) []*partition {
	return slices.Concat(m.hosts[host], m.fleet)
}

// leave is a VM going away: nobody waits for it any more. The last one of a
// partition stays, or its time would stand still.
func (m *Machine) leave(v *vm) {
	v.away = true
	for _, p := range m.wide(v.host) {
		if len(p.members) == 1 {
			p.orphan = true
			continue
		}
		p.members = slices.DeleteFunc(p.members, func(o *vm) bool { return o == v })
		p.slowest = nil
		p.runTo(p.watermark())
	}
}
