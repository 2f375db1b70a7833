package daemon

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/rules"
)

// saving returns what saves checkpoints of an empty core, whose state directory
// is t's.
func saving(t *testing.T) (*checkpoints, *core.Core) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	m, err := openMemory(storage{path: t.TempDir(), retention: time.Hour, maxBytes: 1 << 30}, log, func(store.Damage) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.close)
	id, err := m.state.KeepRules(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	k, err := core.New(id, &rules.Set{}, dispatch.Config{}, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &checkpoints{log: log, memory: m, limits: storage{retention: time.Hour, maxBytes: 1 << 30}}, k
}

// TestWhatADiskDidNotTakeIsTriedAgain: what could not be kept is kept as soon as
// the disk takes something again, and tried from time to time when nothing
// happens that would be written.
func TestWhatADiskDidNotTakeIsTriedAgain(t *testing.T) {
	c, k := saving(t)
	m, now := c.memory, time.Now()
	m.append(core.Entry{At: 1})
	c.begin(k, now)
	c.finished(<-c.saving)
	if c.due(now) || c.saved != 1 {
		t.Fatalf("saved at %d, due %v", c.saved, c.due(now))
	}
	later := now.Add(2 * checkpointEvery)
	if c.begin(k, later); c.saving != nil || c.due(later) {
		t.Error("what is saved is saved again")
	}
	if err := m.state.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := state.Open(m.dir, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if m.state = again; again.Seen() != later.UnixMicro() || m.until(5) != later.UnixMicro() || m.until(later.UnixMicro()+1) != later.UnixMicro()+1 {
		t.Errorf("it lived until %d, want %d", again.Seen(), later.UnixMicro())
	}
	c.next = now.Add(checkpointEvery)
	m.append(core.Entry{At: 2})
	m.missed, m.hole, m.broken = []state.Step{{Position: 2}}, true, errors.New("full")
	if c.due(now) {
		t.Error("due while the disk is full")
	}
	if !c.due(later) {
		t.Error("nothing happens, and nobody tries")
	}
	m.broken = nil
	if !c.due(now) {
		t.Error("not due although the disk takes something again")
	}
	c.begin(k, now)
	c.finished(<-c.saving)
	if m.hole || len(m.missed) > 0 || c.saved != 2 {
		t.Errorf("hole %v, missed %d, saved at %d", m.hole, len(m.missed), c.saved)
	}
}

// TestACheckpointThatFails is tried again, but not all the time; what is missing
// in the journal stays missing.
func TestACheckpointThatFails(t *testing.T) {
	c, k := saving(t)
	c.saved = 7 // it is another one that is there
	c.memory.append(core.Entry{At: 1})
	c.memory.hole = true
	now := time.Now()
	c.begin(k, now)
	c.finished(<-c.saving)
	if !c.memory.hole || c.due(now) || !c.due(now.Add(2*checkpointEvery)) {
		t.Errorf("hole %v, due at once %v, due later %v", c.memory.hole, c.due(now), c.due(now.Add(2*checkpointEvery)))
	}
	if c.overdue(now.Add(2*checkpointEvery)) || !c.overdue(now.Add(checkpointEvery+2*overdueAfter)) {
		t.Error("overdue at the wrong time")
	}
}
