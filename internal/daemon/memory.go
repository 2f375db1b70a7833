package daemon

import (
	"cmp"
	"log/slog"

	"github.com/qmpalert/qmpalert/internal/core"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
)

// memory is what the loop writes down: everything that enters, in the journal,
// before it is decided, and everything that was decided, in the database, before
// anybody is told. Without storage it only counts.
//
// A disk that cannot be written does not stop anything: what was decided goes
// out from memory, the log says so once, and the next write is tried as if
// nothing had been. What is missing then is made good by a checkpoint.
type memory struct {
	log     *slog.Logger
	dir     string
	journal *store.Journal // nil: nothing is kept
	state   *state.State   // nil as well
	crash   func(point string)

	seq   uint64            // position of the newest entry
	files map[string]string // position behind the newest event of each file that is followed
	// monitors are where the VMs are watched that are not known to be gone.
	monitors map[monitored]string

	journalErr, stateErr error // why the last write of each failed

	broken  error        // one of these two; nil: everything is written
	hole    bool         // entries are missing in the journal: only a checkpoint can stand for them
	missed  []state.Step // decided, told from memory, and still to be kept
	failed  uint64       // entries that are missing, since the start
	refused uint64       // commits that failed, since the start

	buf   []byte
	ends  []int
	lines [][]byte
}

// The points at which a test may let the process die.
const (
	crashLogged    = "logged"     // entries are in the journal, nothing was decided
	crashDecided   = "decided"    // decided, not committed
	crashCommitted = "committed"  // committed, nobody was told
	crashHanded    = "handed on"  // the deliverer knows
	crashSaving    = "saving"     // before a checkpoint is written
	crashSaved     = "checkpoint" // after it
)

// point lets a test kill the process.
func (m *memory) point(name string) {
	if m.crash != nil {
		m.crash(name)
	}
}

// append writes entries to the journal and returns the position of the first.
// When it returns they are on the disk, or memory knows that they are not.
func (m *memory) append(entries ...core.Entry) (first uint64) {
	first = m.seq + 1
	m.seq += uint64(len(entries))
	if m.journal == nil {
		return first
	}
	m.encode(entries)
	err := m.journal.Skip(first - 1)
	if err == nil {
		_, err = m.journal.Append(m.lines...)
	}
	if err != nil {
		m.failed += uint64(len(entries))
		m.hole = true
	}
	m.trouble(&m.journalErr, err)
	m.point(crashLogged)
	return first
}

func (m *memory) encode(entries []core.Entry) {
	m.buf, m.ends, m.lines = m.buf[:0], m.ends[:0], m.lines[:0]
	for i := range entries {
		m.buf = entries[i].AppendJSON(m.buf)
		m.ends = append(m.ends, len(m.buf))
	}
	from := 0
	for _, end := range m.ends {
		m.lines = append(m.lines, m.buf[from:end:end])
		from = end
	}
}

// maxMissed bounds the steps that wait for a disk that takes nothing. Those
// beyond were told, and are in no history.
const maxMissed = 10_000

// commit keeps what was decided, and what could not be kept before. ok is false
// when it could not be kept: then it must be told from memory.
func (m *memory) commit(b state.Batch) (queued []state.Queued, ok bool) {
	if m.state == nil {
		return nil, false
	}
	steps := b.Steps
	b.Steps = append(m.missed, steps...)
	queued, err := m.state.Commit(b)
	if err != nil {
		m.hole = true
		m.refused++
		m.missed = append(m.missed, steps...)
		m.missed = m.missed[max(0, len(m.missed)-maxMissed):]
	} else {
		m.missed = nil
	}
	m.trouble(&m.stateErr, err)
	m.point(crashCommitted)
	return queued, err == nil
}

// until is the newest time at which a former process is known to have lived: that
// of what it wrote down (logged), or of its last commit.
func (m *memory) until(logged int64) int64 {
	if m.state == nil {
		return logged
	}
	return max(logged, m.state.Seen())
}

// trouble notes how a write of the journal or of the state ended. It says once
// that writing fails, and once that both work again: on a disk that is full one
// of them often still finds room.
func (m *memory) trouble(of *error, err error) {
	*of = err
	before := m.broken
	m.broken = cmp.Or(m.stateErr, m.journalErr)
	switch {
	case m.broken != nil && before == nil:
		m.log.Error("nothing can be kept on disk: alerts go out from memory and would be lost with this process", "err", m.broken)
	case m.broken == nil && before != nil:
		m.log.Info("the disk takes everything again")
	}
}

// close lets another process have the folder.
func (m *memory) close() {
	if m.journal == nil {
		return
	}
	if err := m.journal.Close(); err != nil {
		m.log.Error("the journal was not closed well", "err", err)
	}
	if err := m.state.Close(); err != nil {
		m.log.Error("the database was not closed well", "err", err)
	}
}
