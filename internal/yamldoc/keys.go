package yamldoc

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Keys says which keys a mapping may have.
type Keys struct {
	// Where names the mapping in messages: "a rule", "the route".
	Where string
	// Known are the keys that are read, in the order in which to list them.
	Known []string
	// Unsupported are keys that mean something, but not to this version: they
	// are refused by name, never ignored.
	Unsupported []string
	// Instead says how to write what an unsupported key is for, "" when there is
	// nothing to say. It may be nil.
	Instead func(key string, value *Node) string
}

// CheckKeys adds a finding for every key of a mapping that is not known, with
// the key that was probably meant.
func (n *Node) CheckKeys(l *diag.List, keys Keys) {
	n.Each(func(key, value *Node) {
		switch name := key.Value; {
		case slices.Contains(keys.Known, name):
		case slices.Contains(keys.Unsupported, name):
			f := diag.New(diag.NotSupported, key.Pos, "`%s` is not supported by this version of qmpalert", name)
			if keys.Instead != nil {
				f.Hint = keys.Instead(name, value)
			}
			l.Add(f)
		default:
			f := diag.New(diag.UnknownKey, key.Pos, "unknown key `%s` in %s", name, keys.Where)
			f.Hint = diag.DidYouMean(name, keys.Known)
			if f.Hint == "" {
				f.Hint = keys.Where + " has the keys " + strings.Join(keys.Known, ", ")
			}
			l.Add(f)
		}
	})
}

// Require returns the value of a key that must be there; else it adds a
// finding at the mapping and returns nil.
func (n *Node) Require(l *diag.List, where, key string) *Node {
	value := n.Get(key)
	if value == nil && n.Kind == Mapping {
		l.Errorf(diag.MissingKey, n.Pos, "%s needs the key `%s`", where, key)
	}
	return value
}
