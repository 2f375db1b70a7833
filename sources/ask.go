package sources

import (
	"context"
	"errors"

	"github.com/qmpalert/qmpalert/qmp"
)

// ErrNoMonitor says that there is nobody to ask: no monitor of that VM is
// connected.
var ErrNoMonitor = errors.New("no monitor of this VM is connected")

// Asker is a source that can ask the VMs that it reads.
type Asker interface {
	// Ask asks the monitor of a VM and returns the JSON text of its answer, of at
	// most 4 MiB; ErrNoMonitor when no monitor of that VM is connected through
	// this source. It blocks until the answer, a refusal (a *qmp.Error), the end
	// of the connection or that of ctx. It is safe for concurrent use.
	Ask(ctx context.Context, host, vm string, q qmp.Query) ([]byte, error)
}
