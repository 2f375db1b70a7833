package replay

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/rules"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// Options of Run.
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
	Changes []alert.Change
	Files   []File // in the order in which they were named
}

// File is what was counted in one recording.
type File struct {
	Name string // as given
	ndjson.Stats
	Late int // events before the watermark of a rule that wants them
}

// beat is how many events pass between two looks at the context and two calls
// of Progress.
const beat = 8192

// Run replays the recordings at paths, as Expand returns them. Damaged values
// are counted; errors are those of the file system, or that of ctx.
func Run(ctx context.Context, set *rules.Set, paths []string, o Options) (Result, error) {
	m, err := open(paths, ndjson.Options{VM: o.VM, Host: o.Host})
	if err != nil {
		return Result{}, err
	}
	defer m.close()
	machine := engine.New(set, engine.Options{})
	if err := know(machine, set, m); err != nil {
		return Result{}, err
	}
	var changes []alert.Change
	for n := 1; ; n++ {
		r, err := m.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Result{}, err
		}
		d := machine.Step(&r.event)
		changes = append(changes, d.Changes...)
		if d.Late {
			r.late++
		}
		if n%beat == 0 {
			if err := ctx.Err(); err != nil {
				return Result{}, err
			}
			if o.Progress != nil {
				o.Progress(m.progress())
			}
		}
	}
	limit := time.Duration(-1)
	if o.Limited {
		limit = max(o.Until, 0)
	}
	changes = append(changes, machine.Finish(limit).Changes...)
	Sort(changes)
	return Result{Changes: changes, Files: m.files()}, nil
}

// know tells the machine of all VMs where a rule waits for more than its own:
// which ones there are is known only when all has been read.
func know(machine *engine.Machine, set *rules.Set, m *merger) error {
	if !slices.ContainsFunc(set.Rules(), func(r *rules.Rule) bool { return r.Scope != rules.ScopeVM }) {
		return nil
	}
	for _, r := range m.all {
		vms, err := r.VMs()
		if err != nil {
			return err
		}
		for _, vm := range vms {
			machine.Know(vm.Host, vm.VM)
		}
	}
	return nil
}

// Sort puts changes into the order in which they are printed. Those that are
// equal in time, name and fingerprint stay as they happened.
func Sort(changes []alert.Change) {
	slices.SortStableFunc(changes, func(a, b alert.Change) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
}
