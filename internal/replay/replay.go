package replay

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// Options of a replay.
type Options struct {
	VM   string // of events that have none; "": what the recording says, else its name
	Host string // of events that have none; "" is localhost

	// Limited cuts time off at Until after the newest event; else time runs on
	// until no deadline is left.
	Limited bool
	Until   time.Duration

	// Progress is told now and then how many bytes of all have been read; may be
	// nil.
	Progress func(done, total int64)
}

// Result is what a replay found.
type Result struct {
	// Changes in order of At, alertname and fingerprint, then as they happened.
	// They are all kept, with their evidence, until the last event was read: one
	// that is decided at the end may come before all others.
	Changes []alert.Change
	Files   []File // in the order in which they were named
}

// Run replays the recordings at paths, as Expand returns them. Damaged values
// are counted; errors are those of the file system, or that of ctx.
func Run(ctx context.Context, set *rules.Set, paths []string, o Options) (Result, error) {
	var all [][]alert.Change
	pass, err := Recordings{Paths: paths, Options: o}.Feed(ctx, []*rules.Set{set}, func(_ int, decided []alert.Change) error {
		all = append(all, decided)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	changes := slices.Concat(all...)
	Sort(changes)
	return Result{Changes: changes, Files: pass.Files}, nil
}

// Sort puts changes into the order in which they are printed. Those that are
// equal in time, name and fingerprint stay as they happened.
func Sort(changes []alert.Change) {
	slices.SortStableFunc(changes, func(a, b alert.Change) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
}
