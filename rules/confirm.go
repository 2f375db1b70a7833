package rules

import "github.com/qmpalert/qmpalert/qmp"

// Confirm is the question that must be answered with yes before an alert fires.
type Confirm struct {
	Query string // of qmp.Queries
}

// Agrees reports whether the answer (the return member of a reply) makes the
// expression of the rule true.
func (c *Confirm) Agrees(answer qmp.Value) bool {
	return false
}
