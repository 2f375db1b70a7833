package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"

	"go.etcd.io/bbolt"
)

// examine reads a whole database file and returns what is wrong with it, with
// what could be read. A file that is not there is fine.
func examine(path string, each func(bucket string, key, value []byte)) (problem error, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return errors.New("it is empty"), nil
	}
	data, err := syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer syscall.Munmap(data)
	// A part that the disk cannot read is a fault of the memory.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			problem = fmt.Errorf("the disk cannot read it: %v", r)
		}
	}()
	if problems := readFile(data, each); len(problems) > 0 {
		return fmt.Errorf("%d of its parts are damaged, the first: %w", len(problems), problems[0]), nil
	}
	return nil, nil
}

// salvage puts a database in the place of a damaged one that has all of it that
// is sound, and keeps the damaged one aside.
func salvage(path string, why error, damaged func(Damage)) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp := path + tempExt
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	b, err := bbolt.Open(temp, 0o640, &bbolt.Options{NoSync: true})
	if err != nil {
		return err
	}
	values, err := refill(b, path)
	if err = errors.Join(err, b.Sync(), b.Close()); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	dir := filepath.Dir(path)
	kept, err := keepFile(dir, filepath.Base(path))
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	if err := errors.Join(os.Rename(temp, path), syncDir(dir)); err != nil {
		return err
	}
	damaged(Damage{File: filepath.Base(path), Bytes: info.Size(), Kept: kept, Err: fmt.Errorf("%w; %d values of it are sound and in use", why, values)})
	return nil
}

// refill copies the sound values of a damaged file, some thousands in one
// transaction.
func refill(b *bbolt.DB, path string) (values int, err error) {
	tx, err := b.Begin(true)
	if err != nil {
		return 0, err
	}
	var failed error
	_, err = examine(path, func(bucket string, key, value []byte) {
		if _, sound := open(bucket, key, value); !sound || failed != nil {
			return
		}
		var to *bbolt.Bucket
		if to, failed = tx.CreateBucketIfNotExists([]byte(bucket)); failed != nil {
			return
		}
		if to.Get(key) != nil {
			return // what is older comes later
		}
		if failed = to.Put(key, append([]byte{}, value...)); failed != nil {
			return
		}
		if values++; values%4096 == 0 {
			if failed = tx.Commit(); failed == nil {
				tx, failed = b.Begin(true)
			}
		}
	})
	if err := errors.Join(err, failed); err != nil {
		return 0, errors.Join(err, rollback(tx))
	}
	return values, tx.Commit()
}

func rollback(tx *bbolt.Tx) error {
	if tx == nil || tx.DB() == nil {
		return nil // over already
	}
	return tx.Rollback()
}
