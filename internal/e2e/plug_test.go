package e2e

import (
	"net"
	"testing"
	"time"
)

// plug connects to the socket of a QEMU's network. QEMU opens it a moment after
// its monitor answers, and anew after each peer that has gone.
func plug(t *testing.T, path string) net.Conn {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); ; {
		c, err := net.Dial("unix", path)
		if err == nil {
			return c
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("the network is not there: %v", err)
		}
	}
}
