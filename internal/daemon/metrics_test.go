package daemon

import (
	"testing"

	"github.com/qmpalert/qmpalert/sources"
)

// TestNothingIsUncounted: received = evaluated + dropped + pending at every
// moment, and no counter goes back, whatever comes and goes.
func TestNothingIsUncounted(t *testing.T) {
	status := func(name string, c sources.Counts) sources.Status { return sources.Status{Source: name, Counts: c} }
	var a account
	var received, dropped, damaged uint64
	for i, c := range []struct {
		statuses            []sources.Status
		accepted, evaluated uint64
		want                [4]uint64 // received, evaluated, dropped, pending
	}{
		{nil, 0, 0, [4]uint64{0, 0, 0, 0}},
		{[]sources.Status{status("a", sources.Counts{Received: 10, Emitted: 4, Dropped: 1, Pending: 5, Damaged: 2})}, 4, 2, [4]uint64{10, 2, 1, 7}},
		// One was put and still waits for emit to return.
		{[]sources.Status{status("a", sources.Counts{Received: 10, Emitted: 4, Dropped: 1, Pending: 5, Damaged: 2})}, 5, 2, [4]uint64{11, 2, 1, 8}},
		{[]sources.Status{status("a", sources.Counts{Received: 10, Emitted: 5, Dropped: 1, Pending: 4, Damaged: 2})}, 5, 5, [4]uint64{11, 5, 1, 5}},
		// Another one comes, the same file by two patterns, and the first goes.
		{[]sources.Status{status("b", sources.Counts{Received: 3, Emitted: 3}), status("b", sources.Counts{Received: 3, Emitted: 2, Dropped: 1})},
			14, 14, [4]uint64{16, 14, 2, 0}},
		// Nothing waits: what was seen twice is not.
		{[]sources.Status{status("b", sources.Counts{Received: 6, Emitted: 5, Dropped: 1, Pending: 1})}, 15, 14, [4]uint64{18, 14, 2, 2}},
		{[]sources.Status{status("b", sources.Counts{Received: 6, Emitted: 5, Dropped: 1})}, 15, 15, [4]uint64{17, 15, 2, 0}},
		// The second begins anew.
		{[]sources.Status{status("b", sources.Counts{Received: 1, Emitted: 1})}, 16, 16, [4]uint64{18, 16, 2, 0}},
		{nil, 16, 16, [4]uint64{18, 16, 2, 0}},
	} {
		e := a.events(c.statuses, c.accepted, c.evaluated, 0)
		if got := [4]uint64{e.Received, e.Evaluated, e.Dropped["queue"], e.Pending}; got != c.want {
			t.Errorf("%d: %v, want %v", i, got, c.want)
		}
		if e.Received < received && c.accepted > c.evaluated || e.Dropped["queue"] < dropped || e.Skipped["damaged"] < damaged {
			t.Errorf("%d: something went back: %+v", i, e)
		}
		received, dropped, damaged = e.Received, e.Dropped["queue"], e.Skipped["damaged"]
	}
}
