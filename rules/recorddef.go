package rules

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// matchCount is the member of a record that says how many matches made it.
const matchCount = "match_count"

// recordDef is the definition of the record that a rule makes from events of
// the targets: the members of all of them, those of the key, and match_count. It
// is nil if one of the events, or all that a glob matches, are not known.
func recordDef(r *Rule, targets []target) *qmp.Def {
	d := &qmp.Def{Name: r.Record, Own: true, Summary: "made by the rule of the same name"}
	for _, t := range targets {
		switch {
		case t.def != nil:
			d.Members = mergeMembers(d.Members, t.def.Members)
		case !t.optional() || len(targets) == 1:
			return nil
		}
	}
	for _, m := range d.Members {
		m.Optional = true
	}
	d.Members = mergeMembers(mergeMembers(nil, r.keyDef.Members), d.Members)
	d.Members = slices.DeleteFunc(d.Members, func(m *qmp.Member) bool { return m.Name == matchCount })
	d.Members = append(d.Members, &qmp.Member{Name: matchCount, Type: "int", JSON: qmp.JSONInt})
	return d.Finish()
}

// theKey is what messages call the event that has the members of the key only.
const theKey = "the key"

// keyDef is the definition of an event that has the members of the key only.
func keyDef(r *Rule, sources []keySource) *qmp.Def {
	d := &qmp.Def{Own: true} // without a name, as what KeyEvent makes
	for i, path := range r.By {
		leaf := &qmp.Member{Type: "any", JSON: qmp.JSONAny}
		for j := range sources {
			m := sources[j].member(i)
			if m == nil {
				continue
			}
			if leaf.JSON == qmp.JSONAny && leaf.Name == "" {
				leaf = copyMember(m)
			} else {
				unify(leaf, m)
			}
			leaf.Name = path
		}
		leaf.Members, leaf.Optional, leaf.Branch = nil, true, ""
		d.Members = mergeMembers(d.Members, []*qmp.Member{nestedMember(path, leaf)})
	}
	return d.Finish()
}

// keySource is where members of the key come from: events, and the paths by
// which these know the members.
type keySource struct {
	targets []target
	paths   []string
}

// member is the first known one that stands for the i-th of By.
func (s *keySource) member(i int) *qmp.Member {
	for _, t := range s.targets {
		if t.def != nil {
			if m := exactMember(t.def, s.paths[i]); m != nil {
				return m
			}
		}
	}
	return nil
}

// nestedMember puts a member into the objects that its path names.
func nestedMember(path string, leaf *qmp.Member) *qmp.Member {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		leaf.Name = path
		return leaf
	}
	return &qmp.Member{Name: head, Type: "object", JSON: qmp.JSONObject, Optional: true,
		Members: []*qmp.Member{nestedMember(rest, leaf)}}
}

// mergeMembers returns the union: what two events call the same and know as
// different types can be anything.
func mergeMembers(a, b []*qmp.Member) []*qmp.Member {
	for _, m := range b {
		i := slices.IndexFunc(a, func(have *qmp.Member) bool { return have.Name == m.Name })
		if i < 0 {
			a = append(a, copyMember(m))
			continue
		}
		unify(a[i], m)
	}
	return a
}

// unify widens a member until it holds those of b, too.
func unify(a, b *qmp.Member) {
	a.Optional = a.Optional || b.Optional
	switch {
	case a.JSON == qmp.JSONObject && b.JSON == qmp.JSONObject:
		a.Members = mergeMembers(a.Members, b.Members)
	case a.JSON != b.JSON:
		a.Type, a.JSON, a.Members, a.Enum = "any", qmp.JSONAny, nil, nil
	case a.Enum != b.Enum:
		a.Type, a.Enum = "str", nil
	}
	if a.Unit != b.Unit {
		a.Unit = ""
	}
}

// copyMember copies a member and those inside of it.
func copyMember(m *qmp.Member) *qmp.Member {
	c := &qmp.Member{Name: m.Name, Type: m.Type, JSON: m.JSON, Unit: m.Unit, Optional: m.Optional, Enum: m.Enum}
	for _, sub := range m.Members {
		c.Members = append(c.Members, copyMember(sub))
	}
	return c
}
