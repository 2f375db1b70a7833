package daemon

import (
	"strings"
	"sync"
	"sync/atomic"

	"github.com/qmpalert/qmpalert/internal/store"
)

// counters are what the loop counts. Any goroutine may read them.
type counters struct {
	events, late atomic.Uint64
	spent        atomic.Int64 // nanoseconds of deciding
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
