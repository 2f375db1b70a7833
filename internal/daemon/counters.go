package daemon

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qmpalert/qmpalert/internal/store"
)

// measureEvery is how many batches share one measurement of time.
const measureEvery = 16

// counters are what the loop counts. Any goroutine may read them.
type counters struct {
	events, late atomic.Uint64
	spent        atomic.Int64 // nanoseconds of deciding, estimated
	batches      uint64       // of the loop alone
}

// measure returns what to call when a batch was decided. One batch in
// measureEvery is measured and stands for the others.
func (c *counters) measure() func() {
	c.batches++
	if c.batches%measureEvery != 0 {
		return func() {}
	}
	began := time.Now()
	return func() { c.spent.Add(measureEvery * int64(time.Since(began))) }
}

// damages counts damage in the state directory.
type damages struct {
	mu    sync.Mutex
	count map[string]uint64 // by file, the segments of the journal as one
}

func (d *damages) add(x store.Damage) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.count == nil {
		d.count = make(map[string]uint64)
	}
	what := "journal"
	if strings.HasSuffix(x.File, ".db") {
		what = "database"
	}
	d.count[what]++
}

func (d *damages) total() (n uint64) {
	for _, c := range d.byFile() {
		n += c
	}
	return n
}

func (d *damages) byFile() map[string]uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make(map[string]uint64, len(d.count))
	for k, v := range d.count {
		out[k] = v
	}
	return out
}
