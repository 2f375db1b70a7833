package store

import "errors"

// ErrConflict means that somebody else saved a checkpoint meanwhile.
var ErrConflict = errors.New("another checkpoint was saved meanwhile")

// Saved is the state of a partition of the pure rooms at a position of the log.
type Saved struct {
	Position uint64 // every entry up to it has been stepped through
	Rules    string // names the rule set that it was made with
	Form     int    // of Data, as those who make it count
	Data     []byte // any size
}

// Checkpoint keeps the newest states of each partition. The contract is
// storetest.Checkpoint; *DB has an implementation.
//
// Safe for concurrent use.
type Checkpoint interface {
	// Save makes s the newest of a partition, if the newest so far is at position
	// from (0: there is none); else the error is ErrConflict. When it returns
	// without an error, s survives the death of process and machine; with one,
	// nothing has changed. May block for as long as the disk does.
	Save(partition string, from uint64, s Saved) error
	// Load hands the newest of a partition to use. If that is damaged, or use
	// returns an error, it counts as if it had never been saved, and the one that
	// was the newest before it is next. An error of use that is ErrNewer ends it
	// and is returned. found says that use took one. Data is valid until use
	// returns.
	Load(partition string, use func(Saved) error) (found bool, err error)
	// Kept returns those of a partition that Load may come to, oldest first,
	// without their Data. Entries of the log behind the first of them are needed.
	Kept(partition string) ([]Saved, error)
}
