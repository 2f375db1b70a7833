package e2e

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/replay"
)

// TestBruteForceInRecordings: in the recordings of consoles the rules find who
// tries passwords, and nobody else: neither those who log in beside him, nor the
// one who mistypes twice, nor anybody in recordings of sessions.
func TestBruteForceInRecordings(t *testing.T) {
	t.Parallel()
	set := packRules(t)
	_, files := recordings(t)
	for scene, want := range map[string][]string{
		"vnc_brute_force": {"VNCBruteForce host=kvm07 client_host=127.0.0.66: count, ended"},
		"vnc_password_guessed": {
			"VNCBruteForce host=kvm07 client_host=127.0.0.66: count, ended",
			"VNCPasswordGuessed vm=con-03 client_host=127.0.0.66: sequence, quiet",
		},
		"vnc_auth_failures": {"VNCBruteForce host=kvm07 client_host=127.0.0.1: count, ended"},
		"vnc_sessions":      nil,
		"spice_sessions":    nil,
		"spice_migrate":     nil,
	} {
		result, err := replay.Run(t.Context(), set, files[scene], replay.Options{Host: "kvm07"})
		if err != nil || len(files[scene]) == 0 {
			t.Fatalf("%s: %v", scene, err)
		}
		if diff := cmp.Diff(want, lives(result.Changes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", scene, diff)
		}
	}
}
