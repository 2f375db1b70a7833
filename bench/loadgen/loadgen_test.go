package loadgen

import (
	"crypto/sha256"
	"fmt"
	"testing"
)

// Figures are only comparable as long as the workload is the same.
func TestTheWorkloadNeverChanges(t *testing.T) {
	h := sha256.New()
	if err := Events(h, 10_000); err != nil {
		t.Fatal(err)
	}
	for _, family := range []string{"selective", "broad"} {
		rules, err := Rules(1000, family)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(h, "%+v", rules)
	}
	const want = "28bf62fd24121e16d39484cd4680c4a1fab32f75b9156bb055048d73341cf0d9"
	if got := fmt.Sprintf("%x", h.Sum(nil)); got != want {
		t.Errorf("the workload is %s, not %s: old figures are worth nothing now", got, want)
	}
}
