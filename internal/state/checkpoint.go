package state

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/rules"
)

// checkpointForm is the form of Checkpoint that this program writes and reads.
const checkpointForm = 1

// partition is the one that a qmpalert on its own has.
const partition = ""

// Checkpoint is the state of the pure rooms at a position of the log.
type Checkpoint struct {
	Position uint64            `json:"position"`
	Rules    string            `json:"rules"` // what KeepRules returned for the rules of Engine
	Clock    int64             `json:"clock"` // the newest time of an entry, microseconds since 1970 UTC
	Route    dispatch.Config   `json:"route"`
	Engine   engine.Snapshot   `json:"engine"`
	Planner  dispatch.Snapshot `json:"planner"`
	// Files are the followed files and the position behind the newest event of
	// each, as its Source and Position say.
	Files map[string]string `json:"files,omitempty"`
	// Monitors are where VMs were watched that are not known to be gone.
	Monitors []Monitor `json:"monitors,omitempty"`
}

// Monitor is where a VM is watched.
type Monitor struct {
	Host   string `json:"host"`
	VM     string `json:"vm"`
	Source string `json:"source"` // as in Event.Source
}

// Save keeps a checkpoint, if the newest one is at position from: that of the
// last Save, or of the one that Load gave; 0 if there is none. Else the error is
// store.ErrConflict. Everything that was decided up to its position must be
// committed, and its rules must be kept. The two newest are kept. It may take
// seconds for a large state; Commit and the outbox go on meanwhile.
func (s *State) Save(from uint64, c Checkpoint) error {
	if at := s.Position(); c.Position > at {
		return fmt.Errorf("a checkpoint at position %d, but what was decided is committed up to %d", c.Position, at)
	}
	data, err := c.encode()
	if err != nil {
		return fmt.Errorf("the checkpoint at position %d: %w", c.Position, err)
	}
	saved := store.Saved{Position: c.Position, Rules: c.Rules, Form: checkpointForm, Data: data}
	if err := s.checkpoints.Save(partition, from, saved); err != nil {
		return err
	}
	kept, err := s.checkpoints.Kept(partition)
	if err != nil || len(kept) == 0 {
		return err
	}
	inUse := make(map[string]bool)
	for _, one := range kept {
		inUse[one.Rules] = true
	}
	return s.forgetRules(inUse, kept[0].Position)
}

// encode writes the checkpoint as encoding/json reads it.
func (c *Checkpoint) encode() ([]byte, error) {
	type plain Checkpoint
	text, err := json.Marshal(struct {
		plain
		Engine *engine.Snapshot `json:"engine,omitempty"`
	}{plain: plain(*c)})
	if err != nil {
		return nil, err
	}
	text, err = c.Engine.AppendJSON(append(text[:len(text)-len("}")], `,"engine":`...))
	return append(text, '}'), err
}

// Load hands the newest checkpoint to use, with the rule files it was made with.
// If that is damaged, or use returns an error, it is put aside, told as damage,
// and the one before it is next. One that a newer program wrote is an error
// (store.ErrNewer). found is false when none could be used: then the log is to
// be stepped through from its beginning.
func (s *State) Load(use func(c Checkpoint, files []rules.File) error) (found bool, err error) {
	return s.checkpoints.Load(partition, func(saved store.Saved) error {
		if saved.Form > checkpointForm {
			return store.ErrNewer
		}
		var c Checkpoint
		if err := json.Unmarshal(saved.Data, &c); err != nil {
			return err
		}
		if c.Position != saved.Position {
			return errors.New("its position is another one than that of its data")
		}
		files, err := s.Rules(c.Rules)
		if err != nil {
			return err
		}
		if files == nil {
			return fmt.Errorf("its rules (%s) are missing or damaged", c.Rules)
		}
		return use(c, files)
	})
}

// Needed is the position behind which the log must be kept: that of the oldest
// checkpoint that Load may come to, 0 when there is none.
func (s *State) Needed() (uint64, error) {
	kept, err := s.checkpoints.Kept(partition)
	if err != nil || len(kept) == 0 {
		return 0, err
	}
	return kept[0].Position, nil
}
