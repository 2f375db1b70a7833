package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path/filepath"

	"go.etcd.io/bbolt"
)

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
	v := b.Get(key)
	if v == nil {
		return nil
	}
	value, sound := open(bucket, key, v)
	if !sound {
		tx.damaged(bucket, key, v)
	}
	return value
}

// Has says that there is a value, sound or not.
func (tx Tx) Has(bucket string, key []byte) bool {
	b := tx.bolt.Bucket([]byte(bucket))
	return b != nil && b.Get(key) != nil
}

// Put sets a value.
func (tx Tx) Put(bucket string, key, value []byte) error {
	b, err := tx.bolt.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	return b.Put(key, wrap(bucket, key, value))
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
	return tx.walk(bucket, prefix, (*bbolt.Cursor).Next, f)
}

// EachBack is Each in the reverse order, for the keys that come before a key,
// which may be nil: all with the prefix.
func (tx Tx) EachBack(bucket string, prefix, before []byte, f func(key, value []byte) error) error {
	return tx.walkFrom(bucket, prefix, func(c *bbolt.Cursor) ([]byte, []byte) {
		if before == nil {
			if before = after(prefix); before == nil {
				return c.Last()
			}
		}
		if k, _ := c.Seek(before); k == nil {
			return c.Last()
		}
		return c.Prev()
	}, (*bbolt.Cursor).Prev, f)
}

// after is the first key behind all that have a prefix, nil when there is none.
func after(prefix []byte) []byte {
	for n := len(prefix); n > 0; n-- {
		if prefix[n-1] != 0xff {
			end := bytes.Clone(prefix[:n])
			end[n-1]++
			return end
		}
	}
	return nil
}

// Keys calls f for the keys with a prefix, in order, also those whose values are
// damaged, which it does not look at. It must not change the bucket meanwhile.
func (tx Tx) Keys(bucket string, prefix []byte, f func(key []byte) error) error {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	c := b.Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		if err := f(k); err != nil {
			return err
		}
	}
	return nil
}

type step = func(*bbolt.Cursor) (key, value []byte)

func (tx Tx) walk(bucket string, prefix []byte, next step, f func(key, value []byte) error) error {
	return tx.walkFrom(bucket, prefix, func(c *bbolt.Cursor) ([]byte, []byte) { return c.Seek(prefix) }, next, f)
}

func (tx Tx) walkFrom(bucket string, prefix []byte, first, next step, f func(key, value []byte) error) error {
	b := tx.bolt.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	var bad [][]byte
	defer func() { // not before: a cursor does not survive a change
		for _, key := range bad {
			tx.damaged(bucket, key, b.Get(key))
		}
	}()
	c := b.Cursor()
	for k, v := first(c); k != nil && bytes.HasPrefix(k, prefix); k, v = next(c) {
		value, sound := open(bucket, k, v)
		if !sound {
			bad = append(bad, bytes.Clone(k))
			continue
		}
		if err := f(k, value); err != nil {
			return err
		}
	}
	return nil
}

// A value stands in an envelope: its form, the CRC-32C of bucket, key and
// payload, the payload.
const (
	envelopeForm = 1
	envelopeSize = 5
)

func wrap(bucket string, key, value []byte) []byte {
	b := make([]byte, envelopeSize, envelopeSize+len(value))
	b[0] = envelopeForm
	binary.BigEndian.PutUint32(b[1:], checksum(bucket, key, value))
	return append(b, value...)
}

// open returns the payload of an envelope, if it is sound.
func open(bucket string, key, b []byte) (value []byte, sound bool) {
	if len(b) < envelopeSize || b[0] != envelopeForm {
		return nil, false
	}
	value = b[envelopeSize:len(b):len(b)]
	if binary.BigEndian.Uint32(b[1:]) != checksum(bucket, key, value) {
		return nil, false
	}
	return value, true
}

func checksum(bucket string, key, value []byte) uint32 {
	sum := crc32.Update(crc32.Checksum([]byte(bucket), castagnoli), castagnoli, []byte{0})
	return crc32.Update(crc32.Update(sum, castagnoli, key), castagnoli, value)
}

// damaged tells of a value that is damaged. If the transaction may write, it is
// moved among those that are kept.
func (tx Tx) damaged(bucket string, key, b []byte) {
	if bucket == damagedBucket {
		return // it is known there
	}
	d := Damage{File: filepath.Base(tx.bolt.DB().Path()), Bytes: int64(len(b)), Err: fmt.Errorf("the value %s/%q has a wrong checksum", bucket, key)}
	if tx.bolt.Writable() {
		place := bucket + "/" + string(key)
		err := tx.Put(damagedBucket, []byte(place), bytes.Clone(b))
		if err == nil {
			err = tx.Delete(bucket, bytes.Clone(key))
		}
		if err == nil {
			d.Kept = damagedBucket + "/" + place
		}
	}
	tx.told(d)
}
