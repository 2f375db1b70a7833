package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
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
	d := &DB{b, damaged}
	if err := d.setAside(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), b.Close())
	}
	return d, nil
}

// setAside moves the values that are damaged among those that are kept, so that
// each is told once.
func (d *DB) setAside() error {
	type place struct {
		bucket string
		key    []byte
	}
	var bad []place
	err := d.bolt.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				if _, sound := open(k, v); !sound && string(name) != damagedBucket {
					bad = append(bad, place{string(name), bytes.Clone(k)})
				}
				return nil
			})
		})
	})
	if err != nil || len(bad) == 0 {
		return err
	}
	return d.Update(func(tx Tx) error {
		for _, p := range bad {
			tx.Get(p.bucket, p.key) // which moves it
		}
		return nil
	})
}

// name is that of the file.
func (d *DB) name() string { return filepath.Base(d.bolt.Path()) }

// Bytes is the size of the file. It does not shrink: what is deleted makes room
// for what comes.
func (d *DB) Bytes() int64 {
	info, err := os.Stat(d.bolt.Path())
	if err != nil {
		return 0
	}
	return info.Size()
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
