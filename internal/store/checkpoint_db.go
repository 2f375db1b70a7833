package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// chunkSize is the largest part of a checkpoint that is one value.
const chunkSize = 256 << 10

// chunksAtOnce are written in one transaction, so that others wait for a few
// megabytes at most.
const chunksAtOnce = 16

// The buckets of checkpoints: heads by partition and number, chunks by these
// and their place.
const (
	headBucket  = "checkpoints"
	chunkBucket = "checkpoint data"
)

// headForm is the form of the heads that this program writes.
const headForm = 1

// head is what is kept beside the data of a checkpoint.
type head struct {
	Version  int    `json:"version"`
	Position uint64 `json:"position"`
	Rules    string `json:"rules"`
	Form     int    `json:"form"`
	Bytes    int    `json:"bytes"`
	Refused  string `json:"refused,omitempty"` // why it could not be used
}

// DBCheckpoint implements Checkpoint on a DB. It keeps the two newest of each
// partition, and the newest one that could not be used.
type DBCheckpoint struct {
	db *DB
	mu sync.Mutex // one saves at a time
}

// Checkpoints returns the checkpoints in the database. All users of one
// database must share it.
func (d *DB) Checkpoints() *DBCheckpoint { return &DBCheckpoint{db: d} }

// partitionKey is the prefix of the keys of a partition; none is the prefix of
// that of another.
func partitionKey(partition string) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(partition))), partition...)
}

func numbered(prefix []byte, numbers ...uint64) []byte {
	key := append([]byte{}, prefix...)
	for _, n := range numbers {
		key = binary.BigEndian.AppendUint64(key, n)
	}
	return key
}

// generation is a checkpoint that the database holds.
type generation struct {
	number uint64
	head
}

// generations are those of a partition whose heads are sound, oldest first, and
// the number that comes next.
func generations(tx Tx, prefix []byte) (all []generation, next uint64, err error) {
	numberOf := func(key []byte) uint64 { return binary.BigEndian.Uint64(key[len(prefix):]) }
	err = tx.Keys(headBucket, prefix, func(key []byte) error {
		if len(key) == len(prefix)+8 {
			next = max(next, numberOf(key)+1)
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	err = tx.Each(headBucket, prefix, func(key, value []byte) error {
		g := generation{}
		if len(key) != len(prefix)+8 || json.Unmarshal(value, &g.head) != nil {
			return nil
		}
		if g.Version > headForm {
			return ErrNewer
		}
		g.number = numberOf(key)
		all = append(all, g)
		return nil
	})
	return all, next, err
}

// newest is the last one that was not refused.
func newest(all []generation) (g generation) {
	for _, one := range all {
		if one.Refused == "" {
			g = one
		}
	}
	return g
}

// Save implements Checkpoint.
func (c *DBCheckpoint) Save(partition string, from uint64, s Saved) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	prefix := partitionKey(partition)
	var number uint64
	err := c.db.View(func(tx Tx) error {
		all, next, err := generations(tx, prefix)
		number = next
		return errors.Join(err, follows(all, from))
	})
	if err != nil {
		return err
	}
	rest, place := s.Data, uint64(0)
	for len(rest) > chunksAtOnce*chunkSize {
		if err := c.db.Update(func(tx Tx) error {
			rest, place, err = putChunks(tx, prefix, number, rest, place)
			return err
		}); err != nil {
			return err
		}
	}
	return c.db.Update(func(tx Tx) error {
		all, _, err := generations(tx, prefix)
		if err := errors.Join(err, follows(all, from)); err != nil {
			return err
		}
		if _, _, err := putChunks(tx, prefix, number, rest, place); err != nil {
			return err
		}
		h := head{headForm, s.Position, s.Rules, s.Form, len(s.Data), ""}
		if err := putHead(tx, prefix, number, h); err != nil {
			return err
		}
		return forget(tx, prefix, append(all, generation{number, h}))
	})
}

func follows(all []generation, from uint64) error {
	if at := newest(all).Position; at != from {
		return fmt.Errorf("%w: it is at position %d, not %d", ErrConflict, at, from)
	}
	return nil
}

func putHead(tx Tx, prefix []byte, number uint64, h head) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return tx.Put(headBucket, numbered(prefix, number), text)
}

func putChunks(tx Tx, prefix []byte, number uint64, data []byte, place uint64) ([]byte, uint64, error) {
	for range chunksAtOnce {
		n := min(len(data), chunkSize)
		if n == 0 {
			break
		}
		if err := tx.Put(chunkBucket, numbered(prefix, number, place), data[:n]); err != nil {
			return data, place, err
		}
		data, place = data[n:], place+1
	}
	return data, place, nil
}

// forget keeps the two newest that were not refused and the newest that was,
// and removes the rest, with what saves left that were interrupted.
func forget(tx Tx, prefix []byte, all []generation) error {
	keep := make(map[uint64]bool)
	good, refused := 0, 0
	for i := len(all) - 1; i >= 0; i-- {
		count, most := &good, 2
		if all[i].Refused != "" {
			count, most = &refused, 1
		}
		if *count++; *count <= most {
			keep[all[i].number] = true
		}
	}
	for _, bucket := range []string{headBucket, chunkBucket} {
		var gone [][]byte
		err := tx.Keys(bucket, prefix, func(key []byte) error {
			if len(key) >= len(prefix)+8 && !keep[binary.BigEndian.Uint64(key[len(prefix):])] {
				gone = append(gone, append([]byte{}, key...))
			}
			return nil
		})
		for _, key := range gone {
			err = errors.Join(err, tx.Delete(bucket, key))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Load implements Checkpoint.
func (c *DBCheckpoint) Load(partition string, use func(Saved) error) (found bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	prefix := partitionKey(partition)
	for {
		var g generation
		var s Saved
		err := c.db.View(func(tx Tx) error {
			all, _, err := generations(tx, prefix)
			if err != nil {
				return err
			}
			if g = newest(all); g.Version == 0 {
				return nil
			}
			s = Saved{Position: g.Position, Rules: g.Rules, Form: g.Form}
			s.Data, err = chunks(tx, prefix, g)
			return err
		})
		switch {
		case errors.Is(err, ErrNewer):
			return false, err
		case err == nil && g.Version == 0:
			return false, nil
		case err == nil:
			if err = use(s); err == nil {
				return true, nil
			}
			if errors.Is(err, ErrNewer) {
				return false, err
			}
		}
		if err := c.refuse(prefix, g, err); err != nil {
			return false, err
		}
	}
}

func chunks(tx Tx, prefix []byte, g generation) ([]byte, error) {
	var data []byte
	for place := uint64(0); len(data) < g.Bytes; place++ {
		part := tx.Get(chunkBucket, numbered(prefix, g.number, place))
		if part == nil {
			return nil, fmt.Errorf("part %d is missing or damaged", place)
		}
		data = append(data, part...)
	}
	if len(data) != g.Bytes {
		return nil, fmt.Errorf("it has %d bytes, want %d", len(data), g.Bytes)
	}
	return data, nil
}

// refuse marks a checkpoint that cannot be used.
func (c *DBCheckpoint) refuse(prefix []byte, g generation, why error) error {
	g.Refused = why.Error()
	c.db.told(Damage{
		File: c.db.name(), Bytes: int64(g.Bytes), Kept: fmt.Sprintf("%s/%d", headBucket, g.number),
		Err: fmt.Errorf("the checkpoint at position %d cannot be used: %w", g.Position, why),
	})
	return c.db.Update(func(tx Tx) error { return putHead(tx, prefix, g.number, g.head) })
}

// Kept implements Checkpoint.
func (c *DBCheckpoint) Kept(partition string) (kept []Saved, err error) {
	err = c.db.View(func(tx Tx) error {
		all, _, err := generations(tx, partitionKey(partition))
		for _, g := range all {
			if g.Refused == "" {
				kept = append(kept, Saved{Position: g.Position, Rules: g.Rules, Form: g.Form})
			}
		}
		return err
	})
	return kept, err
}

var _ Checkpoint = (*DBCheckpoint)(nil)
