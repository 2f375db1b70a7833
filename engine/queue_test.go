package engine

import "testing"

// TestDueQueueForgets: what waits for tracks that are gone is bounded by what
// waits for those that are there, however far away its time is; and the true
// deadlines come, all of them and in order.
func TestDueQueueForgets(t *testing.T) {
	const alive, rounds, far = 500, 200, 1 << 40
	var q dueQueue
	rs := &ruleState{}
	var s store
	var born uint64
	for round := range rounds {
		for i := range alive {
			born++
			tr := s.newTrack(rs, "", nil, born)
			rs.adopt(tr)
			at := int64(far + (i*7919)%alive)
			q.set(tr, phaseKeep, at+1) // will be replaced
			q.set(tr, phaseKeep, at)
			q.set(tr, phaseLeave, at)
			q.set(tr, phaseLeave, never)
			if round < rounds-1 {
				rs.forget(tr)
			}
		}
		if most := 2*3*alive + minSweep; len(q.heap) > most {
			t.Fatalf("round %d: %d deadlines wait, want at most %d", round, len(q.heap), most)
		}
	}
	for i := range alive {
		d, ok := q.next(point{far + alive, phaseOver})
		if !ok || d.time != int64(far+i) || d.phase != phaseKeep {
			t.Fatalf("deadline %d: %+v, %v", i, d, ok)
		}
		q.take()
	}
	if d, ok := q.next(point{never, phaseOver}); ok {
		t.Errorf("one more: %+v", d)
	}
}
