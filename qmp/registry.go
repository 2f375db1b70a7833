package qmp

import "strings"

// Defs returns every known event, ours included, sorted by name. The caller
// must not change what it points to.
func Defs() []*Def { return defs[1:] }

// Enums returns every set of values that members of events have, sorted by
// name. The caller must not change what it points to.
func Enums() []*Enum { return enums }

// Lookup returns the definition of the named event, or nil for one that the
// table does not have: newer than it, a vendor's, or derived by a rule.
func Lookup(name string) *Def { return kindOf(name).Def() }

// Def returns the definition of k, nil for Unknown.
func (k Kind) Def() *Def {
	if int(k) < len(defs) {
		return defs[k]
	}
	return nil
}

// String returns the name of the event on the wire, "unknown" for Unknown.
func (k Kind) String() string {
	if d := k.Def(); d != nil {
		return d.Name
	}
	return "unknown"
}

// Member returns the member with that path, which may be spelled as in QMP
// (client.host, node-name) or as in expressions (node_name), and nil when the
// event has none. Aliases are not paths: see Member.Aliases.
func (d *Def) Member(path string) *Member {
	for _, m := range d.Slots {
		if m.Path == path || m.IdentPath == path {
			return m
		}
	}
	return nil
}

// Has reports whether v is one of the allowed values. QEMU may send others:
// those of a newer release or of a vendor.
func (e *Enum) Has(v string) bool {
	for i := range e.Values {
		if e.Values[i].Value == v {
			return true
		}
	}
	return false
}

// Finish fills in what follows from the tree of members, for all of them: Ident,
// Path, IdentPath, Slot and Since, and Slots. It returns d, which nobody else may
// see yet. The generated Field methods number members in the same order, depth
// first.
func (d *Def) Finish() *Def {
	d.Slots = nil
	var walk func(members []*Member, prefix, since string)
	walk = func(members []*Member, prefix, since string) {
		for _, m := range members {
			if m.Since == "" {
				m.Since = since
			}
			m.Ident = strings.ReplaceAll(m.Name, "-", "_")
			m.Path = prefix + m.Name
			m.IdentPath = strings.ReplaceAll(m.Path, "-", "_")
			m.Slot = len(d.Slots)
			d.Slots = append(d.Slots, m)
			walk(m.Members, m.Path+".", m.Since)
		}
	}
	walk(d.Members, "", d.Since)
	return d
}
