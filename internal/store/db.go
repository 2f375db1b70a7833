package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// dbVersion is the form of the database that this program writes. It reads
// older ones (migrations) and refuses newer ones.
const dbVersion = 1

// migrations[i] makes version i+2 of version i+1, in one transaction each.
var migrations = []func(Tx) error{}

// The buckets that the database itself keeps.
const (
	metaBucket    = "meta"
	damagedBucket = "damaged"
	versionKey    = "version"
)

// ErrNewer means that the database was written by a newer version of this program.
var ErrNewer = errors.New("written by a newer qmpalert: install that one, or give this one a folder of its own")

// DB is the database of everything that is not the log: named buckets of keys
// and values, each value with a checksum, several of them changed in one
// transaction. Safe for concurrent use; one transaction writes at a time.
type DB struct {
	bolt *bbolt.DB
	told func(Damage)
}

// OpenDB opens the database in a file, or makes it. A file that is damaged as a
// whole is kept aside, and a new one begun: what is in it can be found again in
// the log. damaged is told of it, and of each value whose checksum is wrong; it
// may be nil.
func OpenDB(path string, damaged func(Damage)) (*DB, error) {
	if damaged == nil {
		damaged = func(Damage) {}
	}
	b, err := openBolt(path)
	switch {
	case errors.Is(err, ErrInUse), errors.Is(err, ErrNewer), errors.Is(err, os.ErrPermission):
		return nil, err
	case err != nil:
		if b, err = beginAnew(path, err, damaged); err != nil {
			return nil, err
		}
	}
	return &DB{b, damaged}, nil
}

// beginAnew keeps a damaged database aside and makes an empty one.
func beginAnew(path string, why error, damaged func(Damage)) (*bbolt.DB, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Join(why, err)
	}
	dir := filepath.Dir(path)
	kept, err := keepFile(dir, filepath.Base(path))
	if err == nil {
		err = os.Remove(path)
	}
	if err != nil {
		return nil, errors.Join(why, err)
	}
	damaged(Damage{File: filepath.Base(path), Bytes: info.Size(), Kept: kept, Err: why})
	return openBolt(path)
}

// openBolt opens and checks a file. bbolt trusts what it maps into memory, so
// all pages are looked at first, by one who survives what they may say.
func openBolt(path string) (b *bbolt.DB, err error) {
	old := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(old)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%s: damaged: %v", path, r)
		}
	}()
	b, err = bbolt.Open(path, 0o640, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = ErrInUse
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := b.View(check); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: damaged: %w", path, err), b.Close())
	}
	if err := migrate(&DB{b, func(Damage) {}}); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), b.Close())
	}
	return b, nil
}

// check looks at every page. bbolt's own check panics in a goroutine of its own
// where a page is not what it should be, so all are visited here first.
func check(tx *bbolt.Tx) error {
	if err := tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
		return b.ForEach(func(k, v []byte) error {
			checksum(k, v) // reads all of it
			return nil
		})
	}); err != nil {
		return err
	}
	var first error
	for problem := range tx.Check() {
		if first == nil {
			first = problem
		}
	}
	return first
}

// migrate brings the database to dbVersion.
func migrate(d *DB) error {
	return d.Update(func(tx Tx) error {
		version := uint64(0)
		if v := tx.Get(metaBucket, []byte(versionKey)); len(v) == 8 {
			version = binary.BigEndian.Uint64(v)
		}
		if version > dbVersion {
			return ErrNewer
		}
		for ; version != 0 && version < dbVersion; version++ {
			if err := migrations[version-1](tx); err != nil {
				return fmt.Errorf("from version %d to %d: %w", version, version+1, err)
			}
		}
		return tx.Put(metaBucket, []byte(versionKey), binary.BigEndian.AppendUint64(nil, dbVersion))
	})
}

// Close waits for transactions and closes the file.
func (d *DB) Close() error { return d.bolt.Close() }

// View runs f on one state of the database.
func (d *DB) View(f func(Tx) error) error {
	return d.bolt.View(func(tx *bbolt.Tx) error { return f(Tx{tx, d.told}) })
}

// Update runs f in a transaction: when it returns nil all of it is on the disk,
// else nothing has happened.
func (d *DB) Update(f func(Tx) error) error {
	return d.bolt.Update(func(tx *bbolt.Tx) error { return f(Tx{tx, d.told}) })
}

// Tx is one transaction. Values are valid until it ends.
type Tx struct {
	bolt *bbolt.Tx
	told func(Damage)
}

// Get returns a value, nil when there is none (or none that is sound).
func (tx Tx) Get(bucket string, key []byte) []byte {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return tx.unwrap(bucket, key, b.Get(key))
}

// Put sets a value.
func (tx Tx) Put(bucket string, key, value []byte) error {
	b, err := tx.bolt.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	return b.Put(key, wrap(key, value))
}

// Delete removes a value, if there is one.
func (tx Tx) Delete(bucket string, key []byte) error {
	if b := tx.bolt.Bucket([]byte(bucket)); b != nil {
		return b.Delete(key)
	}
	return nil
}

// Each calls f for the keys with a prefix, in order of key. It must not change
// the bucket meanwhile.
func (tx Tx) Each(bucket string, prefix []byte, f func(key, value []byte) error) error {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, v := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		if value := tx.unwrap(bucket, k, v); value != nil {
			if err := f(k, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// A value stands in an envelope: its form, the CRC-32C of key and payload, the
// payload.
const (
	envelopeForm = 1
	envelopeSize = 5
)

func wrap(key, value []byte) []byte {
	b := make([]byte, envelopeSize, envelopeSize+len(value))
	b[0] = envelopeForm
	binary.BigEndian.PutUint32(b[1:], checksum(key, value))
	return append(b, value...)
}

func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
}

// unwrap returns the payload. A damaged one is told, and kept if the
// transaction may write.
func (tx Tx) unwrap(bucket string, key, b []byte) []byte {
	if b == nil {
		return nil
	}
	if len(b) >= envelopeSize && b[0] == envelopeForm {
		if value := b[envelopeSize:]; binary.BigEndian.Uint32(b[1:]) == checksum(key, value) {
			return value[:len(value):len(value)]
		}
	}
	d := Damage{File: filepath.Base(tx.bolt.DB().Path()), Bytes: int64(len(b)), Err: fmt.Errorf("the value %s/%q has a wrong checksum", bucket, key)}
	if tx.bolt.Writable() && bucket != damagedBucket {
		place := bucket + "/" + string(key)
		if err := tx.Put(damagedBucket, []byte(place), bytes.Clone(b)); err == nil {
			d.Kept = damagedBucket + "/" + place
		}
	}
	tx.told(d)
	return nil
}
