package daemon

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"time"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/rules"
)

const (
	// recoverBatch is how many entries of the log are stepped through for one
	// commit.
	recoverBatch = batchEvents
	// relearn is how much of the log is stepped through when no checkpoint could
	// be used: long enough for windows that people write.
	relearn = 24 * time.Hour
)

// recovery restores what a former process knew: the checkpoint, then the log
// behind it.
type recovery struct {
	log     *slog.Logger
	memory  *memory
	wanted  func(*notifiers.Notification) []deliver.EndpointID
	put     func(deliver.EndpointID, deliver.Item) // takes what was put into the outbox
	tell    func(*notifiers.Notification)          // takes what could not be: the disk takes nothing
	core    *core.Core                             // nil until there is one
	from    uint64                                 // position behind which the log was stepped through: the checkpoint's
	found   bool                                   // there was one
	older   bool                                   // the core may have other rules and routes than the files
	batch   state.Batch
	stepped int
	failed  int // entries that could not be stepped through
}

// openMemory opens the state directory.
func openMemory(c storage, log *slog.Logger, damaged func(store.Damage)) (*memory, error) {
	dir := c.path
	s, err := state.Open(dir, state.Options{Retention: c.retention, Damaged: damaged})
	if err != nil {
		return nil, inStorage(err)
	}
	j, found, err := store.OpenJournal(filepath.Join(dir, state.Journal), store.JournalOptions{NoSync: !c.sync, Damaged: damaged})
	if err != nil {
		return nil, errors.Join(inStorage(err), s.Close())
	}
	for _, d := range found {
		damaged(d)
	}
	if last, decided := j.Last(), s.Position(); last < decided {
		damaged(store.Damage{File: state.Journal, Err: fmt.Errorf("its entries from %d to %d are missing", last+1, decided)})
	}
	m := &memory{log: log, dir: dir, journal: j, state: s, files: make(map[string]string), monitors: make(map[monitored]string)}
	m.seq = max(j.Last(), s.Position())
	return m, nil
}

func inStorage(err error) error { return fmt.Errorf("storage: %w", err) }

// run restores the core, or makes a new one of a first setup. Everything that
// was decided by entries behind the checkpoint is in the outbox afterwards.
func (r *recovery) run(first *setup) (*core.Core, error) {
	if r.memory.state == nil {
		return core.New("", first.rules, first.route, engine.Options{})
	}
	found, err := r.memory.state.Load(r.use)
	if err != nil {
		return nil, fmt.Errorf("the saved state: %w", err)
	}
	r.found = found
	if !found {
		return r.anew(first)
	}
	r.older = true
	if err := r.step(); err != nil {
		return nil, err
	}
	return r.core, nil
}

// use takes over a checkpoint.
func (r *recovery) use(c state.Checkpoint, files []rules.File) error {
	set, err := loadKept(files)
	if err != nil {
		return err
	}
	restored, err := core.Restore(set, core.Snapshot{
		RulesID: c.Rules, Route: c.Route, Clock: c.Clock, Engine: c.Engine, Planner: c.Planner,
	})
	if err != nil {
		return err
	}
	r.core, r.from = restored, c.Position
	for _, m := range c.Monitors {
		r.memory.monitors[monitored{m.Host, m.VM}] = m.Source
	}
	r.memory.files = maps.Clone(c.Files)
	if r.memory.files == nil {
		r.memory.files = make(map[string]string)
	}
	return nil
}

// anew makes a core without a checkpoint. If there is a log all the same (the
// database was lost), what fires by it is told once more: better twice than
// never.
func (r *recovery) anew(first *setup) (*core.Core, error) {
	id, err := r.memory.state.KeepRules(r.memory.seq, first.files)
	if err != nil {
		r.memory.trouble(&r.memory.stateErr, err)
	}
	if r.core, err = core.New(id, first.rules, first.route, engine.Options{}); err != nil {
		return nil, err
	}
	if r.memory.journal.Last() == 0 {
		return r.core, nil
	}
	r.log.Warn("no saved state could be used: stepping through the newest events; what fires is told again", "span", relearn)
	r.older = true // the log may say that others were taken over
	r.wanted = func(*notifiers.Notification) []deliver.EndpointID { return nil }
	r.from = r.memory.journal.Since(time.Now().Add(-relearn))
	if err := r.step(); err != nil {
		return nil, err
	}
	return r.core, r.core.Retell()
}

// step goes through the log behind the checkpoint.
func (r *recovery) step() error {
	began := time.Now()
	r.batch.At = time.Now().UnixMicro()
	err := r.memory.journal.Read(r.from, func(e store.Entry) error {
		if err := r.entry(e); err != nil {
			r.failed++
			r.log.Error("an entry of the log was left out", "position", e.Pos, "err", err)
		}
		r.stepped++
		if r.stepped%recoverBatch == 0 {
			r.commit()
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("the log: %w", err)
	}
	r.commit()
	r.log.Info("restored", "checkpoint", r.from, "position", r.memory.seq, "entries", r.stepped, "left out", r.failed, "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// entry steps through one entry as the loop did.
func (r *recovery) entry(line store.Entry) error {
	e, err := core.Parse(line.Line)
	if err != nil {
		return err
	}
	r.batch.Position = line.Pos
	if e.Event != nil {
		e.Event.Seq = line.Pos
		r.memory.passed(e.Event)
	}
	if e.Swap != nil {
		if e.Swap.Rules, err = r.rules(e.Swap.RulesID); err != nil {
			return err
		}
	}
	out := r.core.Step(e)
	if out.Empty() {
		return nil
	}
	step := state.Step{Position: line.Pos, Changes: out.Changes, Notes: out.Notes}
	for _, n := range out.Notifications {
		n.Attached = missed(&n)
		step.Puts = append(step.Puts, state.Put{Notification: n, Endpoints: r.wanted(&n)})
	}
	r.batch.Steps = append(r.batch.Steps, step)
	return nil
}

func (r *recovery) rules(id string) (*rules.Set, error) {
	files, err := r.memory.state.Rules(id)
	if err != nil {
		return nil, err
	}
	if files == nil {
		return nil, errors.New("the rules that were taken over here are not kept any more")
	}
	return loadKept(files)
}

// loadKept loads rules that were valid once.
func loadKept(files []rules.File) (*rules.Set, error) {
	set, findings := rules.Load(files, rules.Options{})
	if findings.HasErrors() {
		return nil, fmt.Errorf("its rules are no rules for this version: %w", findings.Err())
	}
	return set, nil
}

// commit keeps what was decided. A disk that takes nothing does not keep the
// daemon from its work: what it cannot keep is told from memory.
func (r *recovery) commit() {
	if len(r.batch.Steps) == 0 {
		return
	}
	queued, ok := r.memory.commit(r.batch)
	for _, q := range queued {
		r.put(q.Endpoint, q.Item)
	}
	for i := range r.batch.Steps {
		for _, p := range r.batch.Steps[i].Puts {
			if !ok && len(p.Endpoints) > 0 {
				r.tell(&p.Notification)
			}
		}
	}
	r.batch.Steps = nil
}

// missed stands for what was to be attached to a message that was decided but
// not kept when the process died.
func missed(n *notifiers.Notification) []notifiers.Attachment {
	var out []notifiers.Attachment
	for _, query := range wantsAttached(n) {
		out = append(out, notifiers.Attachment{Query: query, Error: "qmpalert was started again before it could ask"})
	}
	return out
}
