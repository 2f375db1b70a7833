package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	lock *os.File
	told func(Damage)
}

// OpenDB opens the database in a file, or makes it. Another process that has it
// open is an error (ErrInUse), and so is a newer form (ErrNewer). A file that is
// damaged is kept aside, and what is sound in it taken over. damaged is told of
// it, and of each value whose checksum is wrong; it may be nil.
func OpenDB(path string, damaged func(Damage)) (*DB, error) {
	if damaged == nil {
		damaged = func(Damage) {}
	}
	lock, err := lockFile(path + lockExt)
	if err != nil {
		return nil, err
	}
	d, err := openLocked(path, damaged)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), lock.Close())
	}
	d.lock = lock
	return d, nil
}

func openLocked(path string, damaged func(Damage)) (*DB, error) {
	problem, err := examine(path, func(string, []byte, []byte) {})
	if err != nil {
		return nil, err
	}
	if problem != nil {
		if err := salvage(path, problem, damaged); err != nil {
			return nil, err
		}
	}
	b, err := bbolt.Open(path, 0o640, &bbolt.Options{Timeout: time.Second, FreelistType: bbolt.FreelistMapType})
	if errors.Is(err, bolterrors.ErrTimeout) {
		err = ErrInUse
	}
	if err != nil {
		return nil, err
	}
	d := &DB{bolt: b, told: damaged}
	if err := errors.Join(d.setAside(), migrate(d)); err != nil {
		return nil, errors.Join(err, b.Close())
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
				if _, sound := open(string(name), k, v); !sound && string(name) != damagedBucket {
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

// migrate brings the database to dbVersion. One that is there already is not
// written to: there may be no room.
func migrate(d *DB) error {
	version := uint64(0)
	if err := d.View(func(tx Tx) error {
		if v := tx.Get(metaBucket, []byte(versionKey)); len(v) == 8 {
			version = binary.BigEndian.Uint64(v)
		}
		return nil
	}); err != nil || version == dbVersion {
		return err
	}
	if version > dbVersion {
		return ErrNewer
	}
	return d.Update(func(tx Tx) error {
		for ; version != 0 && version < dbVersion; version++ {
			if err := migrations[version-1](tx); err != nil {
				return fmt.Errorf("from version %d to %d: %w", version, version+1, err)
			}
		}
		return tx.Put(metaBucket, []byte(versionKey), binary.BigEndian.AppendUint64(nil, dbVersion))
	})
}

// Close waits for transactions and closes the file.
func (d *DB) Close() error { return errors.Join(d.bolt.Close(), d.lock.Close()) }

// View runs f on one state of the database.
func (d *DB) View(f func(Tx) error) error {
	return d.bolt.View(func(tx *bbolt.Tx) error { return f(Tx{tx, d.told}) })
}

// Update runs f in a transaction: when it returns nil all of it is on the disk,
// else nothing has happened.
func (d *DB) Update(f func(Tx) error) error {
	return d.bolt.Update(func(tx *bbolt.Tx) error { return f(Tx{tx, d.told}) })
}
