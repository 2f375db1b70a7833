package daemon

import (
	"sync"

	"github.com/qmpalert/qmpalert/internal/state"
)

// former are the monitors that a former process read, and this one has not found
// yet: QEMU repeats nothing, and what was missed is said where they are found.
type former struct {
	until int64 // until when they were read, in microseconds since 1970 UTC

	mu  sync.Mutex
	vms map[place]string
}

// place is where a monitor is.
type place struct{ host, source string }

func newFormer(monitors []state.Monitor, until int64) *former {
	f := &former{until: until, vms: make(map[place]string)}
	for _, m := range monitors {
		f.vms[place{m.Host, m.Source}] = m.VM
	}
	return f
}

// take returns the VM of a monitor, once, and until when it was read.
func (f *former) take(host, source string) (vm string, until int64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := place{host, source}
	vm, ok = f.vms[at]
	delete(f.vms, at)
	return vm, f.until, ok
}
