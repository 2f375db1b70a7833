package main

import (
	"fmt"
	"testing"
	"time"
)

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		done, total int64
		want        string
	}{
		{0, 120 << 20, "░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 % of 120 MB"},
		{60 << 20, 120 << 20, "███████████████░░░░░░░░░░░░░░░  50 % of 120 MB, 6s left"},
		{130 << 20, 120 << 20, "██████████████████████████████ 100 % of 120 MB, 0s left"},
		{0, 0, "░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░   0 % of 0 MB"},
	} {
		if got := progressLine(tt.done, tt.total, fmt.Sprintf("%d MB", tt.total>>20), 6*time.Second); got != tt.want {
			t.Errorf("%d of %d: %q, want %q", tt.done, tt.total, got, tt.want)
		}
	}
}
