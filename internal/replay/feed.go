package replay

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// Recordings are files that can be fed to machines, as Expand returns them.
type Recordings struct {
	Paths []string
	Options
}

// Pass is what was read, whatever the rules made of it.
type Pass struct {
	Files []File // in the order in which they were named
	// First and Last are the oldest and the newest time of an event, as they
	// say it themselves; qmp.NoTime when there was none.
	First, Last int64
	// Unasked says that rules want alerts confirmed and the recordings hold no
	// answers, so that these alerts fire unconfirmed.
	Unasked bool
}

// File is what was counted in one recording.
type File struct {
	Name string // as given
	ndjson.Stats
	Late int // events before the watermark of a rule (of any set) that wants them
}

// beat is how many events pass between two looks at the context and two calls
// of Progress.
const beat = 8192

// Feed reads the recordings once and shows each event to one machine for each
// of the sets, then lets time run on as the Options say. told gets what the
// machine of that set decided, for each alert in order of time, but not across
// alerts; its error ends the pass and is returned. Damaged values are counted;
// other errors are those of the file system, or that of ctx.
//
// A rule that wants an alert confirmed gets the answers of the recording; where
// it holds none, its alerts fire unconfirmed and say so.
func (r Recordings) Feed(ctx context.Context, sets []*rules.Set, told func(set int, changes []alert.Change) error) (Pass, error) {
	m, err := open(r.Paths, ndjson.Options{VM: r.VM, Host: r.Host})
	if err != nil {
		return Pass{}, err
	}
	defer m.close()
	f := feeder{merger: m, told: told, first: qmp.NoTime, last: qmp.NoTime}
	wanted := slices.ContainsFunc(sets, confirms)
	mode := engine.ConfirmSkip
	if wanted {
		if mode, err = m.confirm(); err != nil {
			return Pass{}, err
		}
	}
	for _, set := range sets {
		machine := engine.New(set, engine.Options{Confirm: mode})
		if err := know(machine, set, m); err != nil {
			return Pass{}, err
		}
		f.machines = append(f.machines, machine)
	}
	for n := 1; ; n++ {
		err := f.step()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Pass{}, err
		}
		if n%beat == 0 {
			if err := ctx.Err(); err != nil {
				return Pass{}, err
			}
			if r.Progress != nil {
				r.Progress(m.progress())
			}
		}
	}
	limit := time.Duration(-1)
	if r.Limited {
		limit = max(r.Until, 0)
	}
	if err := f.finish(limit); err != nil {
		return Pass{}, err
	}
	return Pass{Files: m.files(), First: f.first, Last: f.last, Unasked: wanted && mode == engine.ConfirmSkip}, nil
}

// feeder is a pass under way.
type feeder struct {
	*merger
	machines    []*engine.Machine
	told        func(int, []alert.Change) error
	first, last int64
}

// step shows the next event to every machine; io.EOF when there is none.
func (f *feeder) step() error {
	r, err := f.next()
	if err != nil {
		return err
	}
	if at := r.Tick(); at != 0 {
		for i, machine := range f.machines {
			if err := f.tell(i, machine.Advance(at)); err != nil {
				return err
			}
		}
		return nil
	}
	if t := arrived(&r.event); t != qmp.NoTime {
		if f.first == qmp.NoTime || t < f.first {
			f.first = t
		}
		f.last = max(f.last, t)
	}
	late := false
	for i, machine := range f.machines {
		d := machine.Step(&r.event)
		late = late || d.Late
		if err := f.tell(i, d); err != nil {
			return err
		}
	}
	if late {
		r.late++
	}
	return nil
}

func (f *feeder) finish(limit time.Duration) error {
	for i, machine := range f.machines {
		if err := f.tell(i, machine.Finish(limit)); err != nil {
			return err
		}
	}
	return nil
}

func (f *feeder) tell(i int, d engine.Decision) error {
	if len(d.Changes) == 0 {
		return nil
	}
	return f.told(i, d.Changes)
}

// confirm says what becomes of questions. A recording of a daemon holds what the
// VMs answered. In any other there is no answer to wait for: such alerts fire at
// once, and their evidence says that nobody was asked.
func (m *merger) confirm() (engine.ConfirmMode, error) {
	for _, r := range m.all {
		if has, err := r.Contains(`"` + qmp.KindQMPAlertAnswer.String() + `"`); err != nil || has {
			return engine.ConfirmAsk, err
		}
	}
	return engine.ConfirmSkip, nil
}

// confirms says that a rule of the set wants its alerts confirmed.
func confirms(set *rules.Set) bool {
	return slices.ContainsFunc(set.Rules(), func(r *rules.Rule) bool { return r.Confirm != nil })
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
