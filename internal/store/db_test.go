package store_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/qmpalert/qmpalert/internal/store"
)

func openDB(t *testing.T, path string, found *[]store.Damage) *store.DB {
	t.Helper()
	d, err := store.OpenDB(path, func(d store.Damage) { *found = append(*found, d) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// contents lists a bucket as KEY=VALUE.
func contents(t *testing.T, d *store.DB, bucket, prefix string) (got []string) {
	t.Helper()
	if err := d.View(func(tx store.Tx) error {
		return tx.Each(bucket, []byte(prefix), func(k, v []byte) error {
			if !bytes.Equal(tx.Get(bucket, k), v) {
				t.Errorf("%s: Get says %q, Each %q", k, tx.Get(bucket, k), v)
			}
			got = append(got, fmt.Sprintf("%s=%s", k, v))
			return nil
		})
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func put(t *testing.T, d *store.DB, bucket string, pairs ...string) {
	t.Helper()
	if err := d.Update(func(tx store.Tx) error {
		for _, p := range pairs {
			k, v, _ := strings.Cut(p, "=")
			if err := tx.Put(bucket, []byte(k), []byte(v)); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestTransactions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var found []store.Damage
	d := openDB(t, path, &found)
	put(t, d, "a", "x1=1", "x2=", "y=3")
	put(t, d, "b", "x1=other")
	undone := errors.New("undone")
	if err := d.Update(func(tx store.Tx) error {
		if err := errors.Join(tx.Put("a", []byte("z"), nil), tx.Delete("a", []byte("x1")), tx.Put("c", []byte("k"), nil)); err != nil {
			t.Error(err)
		}
		return undone
	}); !errors.Is(err, undone) {
		t.Errorf("update: %v", err)
	}
	if err := d.Update(func(tx store.Tx) error {
		return errors.Join(tx.Delete("a", []byte("y")), tx.Delete("a", []byte("none")), tx.Delete("none", []byte("y")))
	}); err != nil {
		t.Error(err)
	}
	d.Close()
	d = openDB(t, path, &found)
	for _, test := range []struct {
		bucket, prefix string
		want           []string
	}{
		{"a", "", []string{"x1=1", "x2="}},
		{"a", "x2", []string{"x2="}},
		{"a", "y", nil},
		{"b", "", []string{"x1=other"}},
		{"c", "", nil},
	} {
		if got := contents(t, d, test.bucket, test.prefix); !slices.Equal(got, test.want) {
			t.Errorf("%s/%s: %q", test.bucket, test.prefix, got)
		}
	}
	if len(found) > 0 {
		t.Errorf("found %v", found)
	}
	if _, err := store.OpenDB(path, nil); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second process: %v", err)
	}
}

// TestDamagedValue: one value is missing, told and kept; the others are there.
func TestDamagedValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var found []store.Damage
	d := openDB(t, path, &found)
	put(t, d, "a", "k1=one", "k2=two")
	d.Close()
	b, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Update(func(tx *bbolt.Tx) error {
		v := bytes.Clone(tx.Bucket([]byte("a")).Get([]byte("k1")))
		v[len(v)-1] ^= 1
		return tx.Bucket([]byte("a")).Put([]byte("k1"), v)
	}); err != nil {
		t.Fatal(err)
	}
	b.Close()
	d = openDB(t, path, &found)
	for range 2 {
		if got := contents(t, d, "a", ""); !slices.Equal(got, []string{"k2=two"}) {
			t.Errorf("%q", got)
		}
	}
	if len(found) != 1 || found[0].Kept != "damaged/a/k1" || len(contents(t, d, "damaged", "")) != 1 {
		t.Errorf("found %v, kept %q", found, contents(t, d, "damaged", ""))
	}
}

// TestDamagedFile: whatever is done to the file, the store opens; a file that
// makes no sense is kept aside, and the new one works.
func TestDamagedFile(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"garbage":          func(b []byte) []byte { return bytes.Repeat([]byte("garbage "), 4096) },
		"cut":              func(b []byte) []byte { return b[:len(b)/2+100] },
		"cut to one page":  func(b []byte) []byte { return b[:4096] },
		"meta pages":       func(b []byte) []byte { clear(b[:8192]); return b },
		"a page of zeros":  func(b []byte) []byte { clear(b[3*4096 : 4*4096]); return b },
		"pages of rubbish": func(b []byte) []byte { copy(b[2*4096:], bytes.Repeat([]byte{0xa5}, len(b)-2*4096)); return b },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "state.db")
			var found []store.Damage
			d := openDB(t, path, &found)
			for i := range 300 {
				put(t, d, "a", fmt.Sprintf("key%d=%s", i, strings.Repeat("x", 200)))
			}
			d.Close()
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b = damage(b)
			if err := os.WriteFile(path, b, 0o640); err != nil {
				t.Fatal(err)
			}
			d = openDB(t, path, &found)
			put(t, d, "a", "new=1")
			if got := contents(t, d, "a", "new"); !slices.Equal(got, []string{"new=1"}) {
				t.Errorf("afterwards %q", got)
			}
			for _, f := range found {
				if kept, err := os.ReadFile(filepath.Join(dir, f.Kept)); err != nil || !bytes.Equal(kept, b) {
					t.Errorf("not kept: %v, %v", f, err)
				}
			}
			if n := len(contents(t, d, "a", "key")); n < 300 && len(found) == 0 {
				t.Errorf("%d of 300 values are left, and nobody was told", n)
			}
		})
	}
}

func TestNewerDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	var found []store.Damage
	d := openDB(t, path, &found)
	if err := d.Update(func(tx store.Tx) error {
		return tx.Put("meta", []byte("version"), binary.BigEndian.AppendUint64(nil, 99))
	}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	if _, err := store.OpenDB(path, nil); !errors.Is(err, store.ErrNewer) {
		t.Errorf("opened: %v", err)
	}
	if _, err := os.Stat(path); err != nil || len(found) > 0 {
		t.Errorf("%v, found %v", err, found)
	}
}
