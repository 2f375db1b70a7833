package state

import (
	"errors"
	"time"

	"github.com/qmpalert/qmpalert/internal/store"
)

var errNotYet = errors.New("not yet")

// Options of Open; the zero value has the defaults.
type Options struct {
	// Retention is how long ended alerts, the log of deliveries and dead letters
	// are kept; 0: 30 days.
	Retention time.Duration
	// MaxLives bounds the alerts of the history; 0: 100,000. The oldest go first,
	// those that fire last.
	MaxLives int
	// Damaged is told of damage. It must not call the State. Nil: nobody is.
	Damaged func(store.Damage)
}

// State is the memory of one qmpalert. Safe for concurrent use.
type State struct {
	db   *store.DB
	opts Options
}

// Open opens the database in a folder, or makes both. Another process that has
// it open is an error (store.ErrInUse), and so is a database that a newer
// program wrote (store.ErrNewer). A database that is damaged as a whole is put
// aside, and told. Close it.
func Open(dir string, o Options) (*State, error) { return nil, errNotYet }

// Close waits for transactions and lets another process open the folder.
func (s *State) Close() error { return errNotYet }

// Position is the position of the log up to which decisions are committed.
func (s *State) Position() uint64 { return 0 }

// Bytes is the size of the database on disk.
func (s *State) Bytes() int64 { return 0 }

// Prune forgets what is older than the retention allows at a time (microseconds
// since 1970 UTC) or beyond the bounds. It works in short transactions, so that
// Commit never waits long for it; call it every few minutes.
func (s *State) Prune(now int64) error { return errNotYet }
