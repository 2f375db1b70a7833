package state

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qmpalert/qmpalert/internal/store"
)

// File is the name of the database in the folder.
const File = "qmpalert.db"

// Journal is the folder of the log in the folder.
const Journal = "journal"

// Defaults of Options.
const (
	DefaultRetention = 30 * 24 * time.Hour
	DefaultMaxLives  = 100_000
)

// Options of Open; the zero value has the defaults.
type Options struct {
	// Retention is how long ended alerts, the log of deliveries and dead letters
	// are kept; 0: 30 days.
	Retention time.Duration
	// MaxLives bounds the alerts of the history; 0: 100,000. The oldest go first,
	// whether they fire or not.
	MaxLives int
	// Damaged is told of damage. It must not call the State. Nil: nobody is.
	Damaged func(store.Damage)
}

// State is the memory of one qmpalert. Safe for concurrent use.
type State struct {
	db          *store.DB
	checkpoints store.Checkpoint
	opts        Options
	writer      writer

	position atomic.Uint64
	pruned   int64 // when Prune last looked; of it alone

	seqs sync.Mutex
	seq  uint64 // the newest that was given to a message
	seen int64  // see Seen
}

// The buckets of the database, beside those of checkpoints.
const (
	numbersBucket    = "numbers"        // positionKey, seqKey, seenKey
	rulesBucket      = "rules"          // hash → set of rule files
	outboxBucket     = "outbox"         // endpoint, seq → what waits, without its body
	bodiesBucket     = "outbox bodies"  // endpoint, seq → body of what waits or is dead
	deadBucket       = "dead letters"   // endpoint, seq → what was given up
	receiptsBucket   = "receipts"       // endpoint, group → handle of the last message
	standingBucket   = "standing"       // endpoint, group → message that is sent again and again
	messagesBucket   = "messages"       // id → what was put; the ids that are known
	deliveriesBucket = "deliveries"     // id, time, endpoint → what became of it
	livesBucket      = "lives"          // activeAt, fingerprint → newest state
	alertsBucket     = "lives by alert" // fingerprint, activeAt → nothing
	changesBucket    = "changes"        // activeAt, fingerprint, position, number → change
	notesBucket      = "notes"          // the same → note
)

var (
	positionKey = []byte("position")
	seqKey      = []byte("seq")
	seenKey     = []byte("seen")
)

// Open opens the database in a folder, or makes both. Another process that has
// it open is an error (store.ErrInUse), and so is a database that a newer
// program wrote (store.ErrNewer). A database that is damaged as a whole is put
// aside, and told; what is sound in it is taken over. Close it.
func Open(dir string, o Options) (*State, error) {
	o.Retention = cmp.Or(o.Retention, DefaultRetention)
	o.MaxLives = cmp.Or(o.MaxLives, DefaultMaxLives)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	db, err := store.OpenDB(filepath.Join(dir, File), o.Damaged)
	if err != nil {
		return nil, err
	}
	s := &State{db: db, checkpoints: db.Checkpoints(), opts: o}
	s.writer.db = db
	if err := s.begin(); err != nil {
		db.Close() // the first error says more
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, File), err)
	}
	return s, nil
}

// begin reads what is kept in memory, and mends what damage left unmatched.
func (s *State) begin() error {
	if err := s.rebuildItems(); err != nil {
		return err
	}
	return s.db.View(func(tx store.Tx) error {
		s.position.Store(number(tx, positionKey))
		s.seq = number(tx, seqKey)
		s.seen = int64(number(tx, seenKey))
		for _, bucket := range []string{outboxBucket, deadBucket} {
			if err := tx.Keys(bucket, nil, func(key []byte) error {
				if _, seq, ok := parseItemKey(key); ok {
					s.seq = max(s.seq, seq)
				}
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close waits for transactions and lets another process open the folder.
func (s *State) Close() error { return s.db.Close() }

// Position is the position of the log up to which decisions are committed. A log
// that damage has made shorter must not use positions up to it again: hand it to
// store.Journal.Skip.
func (s *State) Position() uint64 { return s.position.Load() }

// Seen is the time of the newest commit of a former process, in microseconds
// since 1970 UTC; 0: there was none.
func (s *State) Seen() int64 { return s.seen }

// Bytes is the size of the database on disk. It does not shrink.
func (s *State) Bytes() int64 { return s.db.Bytes() }

// nextSeqs returns the first of n numbers that no message ever had.
func (s *State) nextSeqs(n int) uint64 {
	s.seqs.Lock()
	defer s.seqs.Unlock()
	first := s.seq + 1
	s.seq += uint64(n)
	return first
}

// putSeq remembers how far numbers are given away.
func putSeq(tx store.Tx, newest uint64) error {
	if newest <= number(tx, seqKey) {
		return nil
	}
	return putNumber(tx, seqKey, newest)
}

func number(tx store.Tx, key []byte) uint64 {
	if b := tx.Get(numbersBucket, key); len(b) == 8 {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func putNumber(tx store.Tx, key []byte, n uint64) error {
	return tx.Put(numbersBucket, key, binary.BigEndian.AppendUint64(nil, n))
}
