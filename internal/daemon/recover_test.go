package daemon

import (
	"os"
	"testing"

	"github.com/qmpalert/qmpalert/internal/state"
)

// TestJournalThatLacksItsEnd: entries that were decided and are not in the
// journal any more are damage like any other, told once.
func TestJournalThatLacksItsEnd(t *testing.T) {
	s := newSite(t, pausedRule, away(t))
	stop := s.run()
	s.event("STOP", "db1")
	s.log.wait(t, `msg="alert firing"`, 1)
	stop()
	if err := os.RemoveAll(s.path("state/journal")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s.run()()
		if n := s.log.count(`msg="the state directory is damaged" file=journal`); n != 1 {
			t.Fatalf("told %d times:\n%s", n, s.log)
		}
	}
}

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
