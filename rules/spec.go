package rules

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// spec is a rule as the user wrote it: values with their places in the file,
// each of the right type, nothing checked against anything else. A field is nil
// when the key is not there or its value was refused.
type spec struct {
	Group *groupSpec
	Pos   diag.Pos // of the alert's name, else of the rule

	Alert     *yamldoc.Node
	Event     []*yamldoc.Node // names and globs
	Expr      *yamldoc.Node
	By        []*yamldoc.Node
	Scope     Scope
	Count     *yamldoc.Node
	count     int
	Within    *span
	For       *span
	Keep      *span
	Resolve   []resolveSpec
	Labels    []yamldoc.Pair
	Annots    []yamldoc.Pair
	Receivers []*yamldoc.Node

	keys *yamldoc.Node // the mapping itself, to ask what else was written
}

// groupSpec is a group as the user wrote it.
type groupSpec struct {
	Name   *yamldoc.Node
	Labels []yamldoc.Pair
	// labelFindings are the complaints about Labels that were made already:
	// every rule of the group finds the same again.
	labelFindings map[diag.Pos]bool
}

func (g *groupSpec) name() string {
	if g.Name == nil {
		return ""
	}
	return g.Name.Value
}

// span is a duration and where it stands.
type span struct {
	node *yamldoc.Node
	d    time.Duration
}

// value is 0 for one that was not given.
func (s *span) value() time.Duration {
	if s == nil {
		return 0
	}
	return s.d
}

// resolveSpec is one pattern of `resolve`.
type resolveSpec struct {
	Event []*yamldoc.Node
	Expr  *yamldoc.Node
	By    []yamldoc.Pair // member of the rule's key → member of the event
	// badMap: something was wrong with By and is not in it.
	badMap bool
}

// name is the alert's name, "" when there is none.
func (s *spec) name() string {
	if s.Alert == nil {
		return ""
	}
	return s.Alert.Value
}

// wrote reports whether one of the keys stands in the rule, well-formed or not.
func (s *spec) wrote(keys ...string) bool {
	for _, k := range keys {
		if s.keys.Key(k) != nil {
			return true
		}
	}
	return false
}
