package state

import (
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/rules"
)

// Checkpoint is the state of the pure rooms at a position of the log.
type Checkpoint struct {
	Position uint64
	Rules    string // what KeepRules returned for the rules of Engine
	Route    dispatch.Config
	Engine   engine.Snapshot
	Planner  dispatch.Snapshot
}

// Save keeps a checkpoint, if the newest one is at position from: that of the
// last Save, or of the one that Load gave; 0 if there is none. Else the error is
// store.ErrConflict. Everything that was decided up to its position must be
// committed. The two newest are kept. It may take seconds for a large state;
// Commit and the outbox go on meanwhile.
func (s *State) Save(from uint64, c Checkpoint) error { return errNotYet }

// Load hands the newest checkpoint to use, with the rule files it was made with.
// If that is damaged, or use returns an error, it is put aside, told as damage,
// and the one before it is next. One that a newer program wrote is an error
// (store.ErrNewer). found is false when none could be used: then the log is to
// be stepped through from its beginning.
func (s *State) Load(use func(c Checkpoint, files []rules.File) error) (found bool, err error) {
	return false, errNotYet
}

// Needed is the position behind which the log must be kept: that of the oldest
// checkpoint that Load may come to, 0 when there is none.
func (s *State) Needed() (uint64, error) { return 0, errNotYet }

// KeepRules keeps a set of rule files and returns the name by which a Checkpoint
// and an entry of the log refer to it: a hash of names and contents. last is the
// position of the log behind which that entry will be. A set to which no
// checkpoint and no entry behind the oldest one can refer is forgotten.
func (s *State) KeepRules(last uint64, files []rules.File) (hash string, err error) {
	return "", errNotYet
}

// Rules returns the set of that name; nil when there is none.
func (s *State) Rules(hash string) ([]rules.File, error) { return nil, errNotYet }
