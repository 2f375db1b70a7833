package daemon

import (
	"log/slog"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/state"
)

// checkpointEvery is how often the state of everything is saved, so that a start
// has little to step through again; less often if taking the picture takes long.
const (
	checkpointEvery = 30 * time.Second
	checkpointShare = 50 // of the loop's time, one part at most is spent on pictures
	overdueAfter    = 5 * time.Minute
)

// checkpoints saves the state of the core from time to time, beside the loop,
// and keeps the journal small.
type checkpoints struct {
	log    *slog.Logger
	memory *memory
	limits storage

	next   time.Time   // when the next one is due
	saved  uint64      // position of the newest one
	saving chan uint64 // the position that was saved, or saved as before; nil: nothing is under way
	holed  bool        // that one stands for what is missing in the journal
	failed bool        // the last one was not saved: no hurry with the next
	wg     sync.WaitGroup
}

// due says whether a checkpoint should be made now: at once when the disk takes
// again what it did not, and from time to time.
func (c *checkpoints) due(now time.Time) bool {
	m := c.memory
	if m.state == nil || c.saving != nil {
		return false
	}
	if m.hole && m.broken == nil && !c.failed {
		return true
	}
	return now.After(c.next)
}

// overdue says that something has kept a checkpoint from being made for long.
func (c *checkpoints) overdue(now time.Time) bool {
	return c.memory.state != nil && c.saving == nil && !c.next.IsZero() && now.After(c.next.Add(overdueAfter))
}

// begin takes a picture of the core and saves it on a goroutine of its own, if
// there is anything new; if not, only that it lived until now. Everything that
// was decided must have been committed.
func (c *checkpoints) begin(k *core.Core, now time.Time) {
	c.next = now.Add(checkpointEvery)
	if _, ok := c.memory.commit(state.Batch{Position: c.memory.seq, At: now.UnixMicro()}); !ok || c.memory.seq == c.saved && !c.memory.hole {
		return
	}
	picture := c.picture(k)
	c.holed, c.memory.hole = c.memory.hole, false
	c.next = now.Add(max(checkpointEvery, checkpointShare*time.Since(now)))
	saving := make(chan uint64, 1)
	c.saving = saving
	from := c.saved
	c.wg.Go(func() {
		to := c.save(from, picture)
		if to != from {
			c.tidy(picture.Clock)
		}
		saving <- to
	})
}

func (c *checkpoints) picture(k *core.Core) state.Checkpoint {
	s := k.Snapshot()
	return state.Checkpoint{
		Position: c.memory.seq, Rules: s.RulesID, Clock: s.Clock, Route: s.Route, Engine: s.Engine, Planner: s.Planner,
		Files: c.memory.positions(), Monitors: c.memory.watched(),
	}
}

// save writes a picture and returns the position of the newest checkpoint.
func (c *checkpoints) save(from uint64, picture state.Checkpoint) uint64 {
	c.memory.point(crashSaving)
	if err := c.memory.state.Save(from, picture); err != nil {
		c.log.Error("the state was not saved; the next start has more to step through", "err", err)
		return from
	}
	c.memory.point(crashSaved)
	return picture.Position
}

// tidy takes away what is too old or too much.
func (c *checkpoints) tidy(now int64) {
	if err := c.memory.state.Prune(now); err != nil {
		c.log.Error("old alerts were not taken out of the history", "err", err)
	}
	if err := c.memory.journal.Pack(); err != nil {
		c.log.Error("the journal was not compressed", "err", err)
	}
	needed, err := c.memory.state.Needed()
	if err == nil {
		_, err = c.memory.journal.Prune(time.Now().Add(-c.limits.retention), c.limits.maxBytes, needed)
	}
	if err != nil {
		c.log.Error("old events were not taken out of the journal", "err", err)
	}
}

// finished takes note of what save returned.
func (c *checkpoints) finished(position uint64) {
	c.failed = position == c.saved
	c.memory.hole = c.memory.hole || c.failed && c.holed
	c.saved, c.saving = position, nil
}

// saveNow saves a checkpoint at once: before anything can happen, or after all has.
func (c *checkpoints) saveNow(k *core.Core) {
	if c.memory.state == nil {
		return
	}
	if _, ok := c.memory.commit(state.Batch{Position: c.memory.seq, At: time.Now().UnixMicro()}); ok {
		c.saved = c.save(c.saved, c.picture(k))
	}
}

// last saves a checkpoint at the end, and waits for the one that is under way.
func (c *checkpoints) last(k *core.Core) {
	if c.saving != nil {
		c.finished(<-c.saving)
	}
	c.saveNow(k)
	c.wg.Wait()
}
