package daemon

import (
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/rules"
)

// setup is everything that a reload may exchange, checked and ready.
type setup struct {
	host      string
	rules     *rules.Set
	route     dispatch.Config
	endpoints []deliver.Endpoint
	monitors  []monitorSpec
}

// lost says that next has less than half of the rules of s left: somebody's
// mv or git checkout may be under way (docs/semantics.md, rule 20).
func (s *setup) lost(next *setup) bool {
	left := make(map[[2]string]bool)
	for _, r := range next.rules.Rules() {
		left[[2]string{r.Group, r.Name}] = true
	}
	gone := 0
	for _, r := range s.rules.Rules() {
		if !left[[2]string{r.Group, r.Name}] {
			gone++
		}
	}
	return 2*gone > s.rules.Len()
}
