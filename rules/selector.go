package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// ownPrefix begins the names of the events that qmpalert makes itself.
const ownPrefix = "QMPALERT_"

// vendorPrefix begins names that QAPI reserves for downstream vendors: they may
// occur in any QEMU and are in no table.
const vendorPrefix = "__"

// selector is a set of events: known ones by kind, the others by name or glob.
type selector struct {
	kinds kindSet
	names []string // events that are in no table, sorted
	globs []string // sorted; they reach events that are in no table, too

	records []recordRef // sorted by name
	// derived are the names of all records of the set: no glob reaches them.
	derived map[string]bool
}

// recordRef is a record that a selector names.
type recordRef struct {
	name string
	def  *qmp.Def // nil: nothing is known about its members
}

// kindSet has a bit for each kind of event.
type kindSet [4]uint64

func (s *kindSet) add(k qmp.Kind)      { s[k>>6] |= 1 << (k & 63) }
func (s *kindSet) has(k qmp.Kind) bool { return s[k>>6]&(1<<(k&63)) != 0 }

// all lists the members in order of name.
func (s *kindSet) all() []*qmp.Def {
	var defs []*qmp.Def
	for _, d := range qmp.Defs() {
		if s.has(d.Kind) {
			defs = append(defs, d)
		}
	}
	return defs
}

// has reports whether an event of this kind and name is in the set. The kind is
// enough for those in the table.
func (s *selector) has(kind qmp.Kind, name string) bool {
	if kind != qmp.Unknown {
		return s.kinds.has(kind)
	}
	if slices.Contains(s.names, name) || s.record(name) != nil {
		return true
	}
	if s.derived[name] {
		return false
	}
	for _, g := range s.globs {
		if globMatches(g, name) {
			return true
		}
	}
	return false
}

// record returns the record of that name, nil if the selector does not name it.
func (s *selector) record(name string) *recordRef {
	for i := range s.records {
		if s.records[i].name == name {
			return &s.records[i]
		}
	}
	return nil
}

// addRecord adds a record that is not in the selector yet.
func (s *selector) addRecord(r recordRef) {
	i, _ := slices.BinarySearchFunc(s.records, r.name, func(r recordRef, name string) int { return strings.Compare(r.name, name) })
	s.records = slices.Insert(s.records, i, r)
}

// addGlob adds the glob and every event of the table that it matches, and says
// how many these are.
func (s *selector) addGlob(glob string) int {
	n := 0
	for _, d := range qmp.Defs() {
		if globMatches(glob, d.Name) {
			s.kinds.add(d.Kind)
			n++
		}
	}
	s.globs = insert(s.globs, glob)
	return n
}

// insert keeps a list sorted and without duplicates.
func insert(list []string, s string) []string {
	if i, found := slices.BinarySearch(list, s); !found {
		list = slices.Insert(list, i, s)
	}
	return list
}

// isGlob reports whether an event is written as a glob.
func isGlob(s string) bool { return strings.ContainsAny(s, `*?[\`) }

// globMatches reports whether the name is an event of QEMU that the glob
// matches; our own events are matched by name only.
func globMatches(glob, name string) bool {
	if strings.HasPrefix(name, ownPrefix) {
		return false
	}
	ok, _ := path.Match(glob, name)
	return ok
}
