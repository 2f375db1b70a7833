package rules

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// spec is a rule as the user wrote it: values with their places in the file,
// each of the right type, nothing checked against anything else. A field is nil
// when the key is not there or its value was refused.
type spec struct {
	Group *groupSpec
	Pos   diag.Pos // of the alert's name, else of the rule

	Alert  *yamldoc.Node   // its name
	Record *yamldoc.Node   // its name, of a rule that makes an event
	Event  []*yamldoc.Node // names and globs
	Expr   *yamldoc.Node
	By     []*yamldoc.Node
	Scope  Scope

	Count     *yamldoc.Node
	count     int
	Having    *yamldoc.Node
	Steps     []patternSpec // of sequence or all_of
	Until     []patternSpec
	AbsentFor *span
	Within    *span
	For       *span
	Keep      *span
	Resolve   []patternSpec
	Lateness  *span

	Exceptions []exceptionSpec
	Confirm    *confirmSpec
	KeepOnExit bool
	Shadow     bool
	Inhibits   []*yamldoc.Node
	Attach     []*yamldoc.Node
	Labels     []yamldoc.Pair
	Annots     []yamldoc.Pair
	Receivers  []*yamldoc.Node
	Tests      []testSpec

	broken bool          // something was not understood, and said already
	keys   *yamldoc.Node // the mapping itself, to ask what else was written
}

// fileSpec is what the rules of one file share.
type fileSpec struct {
	defs   *lang.Definitions        // nil: there are none
	macros map[string]*yamldoc.Node // by name: where the expression stands

	// What defs were made of.
	lists   []lang.NamedList
	sources []lang.Macro
}

// groupSpec is a group as the user wrote it.
type groupSpec struct {
	File   *fileSpec
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

// patternSpec is one pattern of `resolve`, `until`, `sequence` or `all_of`.
type patternSpec struct {
	Event []*yamldoc.Node
	Expr  *yamldoc.Node
	By    []yamldoc.Pair // member of the rule's key → member of the event
	// badMap: something was wrong with By and is not in it.
	badMap bool
}

// exceptionSpec is one entry of `exceptions`.
type exceptionSpec struct {
	Name, Expr, Expires *yamldoc.Node
	until               int64 // when it is over, in microseconds since 1970; 0: never
}

// confirmSpec is `confirm`.
type confirmSpec struct{ Query, Expr *yamldoc.Node }

// named is the node with the name of the alert or record, nil when there is none.
func (s *spec) named() *yamldoc.Node {
	if s.Alert != nil {
		return s.Alert
	}
	return s.Record
}

// name is the name of the alert or record, "" when there is none.
func (s *spec) name() string {
	if n := s.named(); n != nil {
		return n.Value
	}
	return ""
}

// eachEvent calls f for every name or glob of an event in the rule.
func (s *spec) eachEvent(f func(*yamldoc.Node)) {
	for _, n := range s.Event {
		f(n)
	}
	for _, list := range [][]patternSpec{s.Steps, s.Until, s.Resolve} {
		for _, p := range list {
			for _, n := range p.Event {
				f(n)
			}
		}
	}
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
