package archtest

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
)

// Finding is one broken wall.
type Finding struct {
	Where string // file:line, or a package's folder
	What  string // what was found there
	Why   string // why the wall stands, and what to do instead
}

// String is one line for a test's output.
func (f Finding) String() string { return fmt.Sprintf("%s: %s\n\t%s", f.Where, f.What, f.Why) }

// Check looks at every wall and returns what breaks one, in order of place.
// The error is that of reading or parsing the tree.
func Check(tree fs.FS) ([]Finding, error) {
	h, err := load(tree)
	if err != nil {
		return nil, err
	}
	var all []Finding
	for _, check := range []func(*house) []Finding{
		checkLayers, checkDoors, checkPure, checkTests, checkDocs, checkText,
	} {
		all = append(all, check(h)...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.What, b.What))
	})
	return all, nil
}
