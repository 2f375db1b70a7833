package alert

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// Label is a name and a value. Values may hold text that a guest chose: each
// output escapes it.
type Label struct{ Name, Value string }

// Labels are sorted by name; names are unique. Empty values are left out.
type Labels []Label

// Get returns the value of a label, "" when there is none.
func (ls Labels) Get(name string) string {
	i, ok := slices.BinarySearchFunc(ls, name, func(l Label, n string) int { return strings.Compare(l.Name, n) })
	if !ok {
		return ""
	}
	return ls[i].Value
}

// Sort puts labels that were collected in any order into the order that every
// other method expects.
func (ls Labels) Sort() {
	slices.SortFunc(ls, func(a, b Label) int { return strings.Compare(a.Name, b.Name) })
}

// Fingerprint identifies an alert: FNV-1a, 64 bit, over the labels.
type Fingerprint uint64

// String returns the 16 hex digits that are printed.
func (f Fingerprint) String() string { return fmt.Sprintf("%016x", uint64(f)) }

// Fingerprint is computed over name, 0xff, value, 0xff of each label but
// severity, in order of name, so that a change of severity keeps the alert.
func (ls Labels) Fingerprint() Fingerprint {
	h := fnv.New64a()
	for _, l := range ls {
		if l.Name == "severity" {
			continue
		}
		for _, part := range [2]string{l.Name, l.Value} {
			h.Write([]byte(part))
			h.Write([]byte{0xff})
		}
	}
	return Fingerprint(h.Sum64())
}
