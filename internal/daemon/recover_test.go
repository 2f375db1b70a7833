package daemon

import (
	"testing"

	"github.com/qmpalert/qmpalert/internal/state"
)

// TestRulesThatAreNotKept: an entry of the log whose rules are lost is left out.
// To take nothing over in their place would end every alert.
func TestRulesThatAreNotKept(t *testing.T) {
	s, err := state.Open(t.TempDir(), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r := recovery{memory: &memory{state: s}}
	if set, err := r.rules("nobody knows it"); err == nil {
		t.Errorf("the set has %d rules", set.Len())
	}
	empty, err := s.KeepRules(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if set, err := r.rules(empty); err != nil || set.Len() != 0 {
		t.Errorf("a set without rules: %v", err)
	}
}
