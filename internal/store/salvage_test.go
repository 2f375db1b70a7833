package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/store"
)

const manyValues = 600

// written is a database with so many values in three buckets, some of them
// longer than a page, which was changed in many transactions.
func written(t *testing.T) (file []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "state.db")
	var found []store.Damage
	d := openDB(t, path, &found)
	for i := 0; i < manyValues; i += 50 {
		if err := d.Update(func(tx store.Tx) error {
			for j := i; j < i+50; j++ {
				bucket, key, value := valueOf(j)
				if err := errors.Join(tx.Put("gone", []byte(key), value), tx.Put(bucket, []byte(key), value)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // the last transaction may be lost with its meta
		if err := d.Update(func(tx store.Tx) (err error) {
			for j := range manyValues {
				_, key, _ := valueOf(j)
				err = errors.Join(err, tx.Delete("gone", []byte(key)))
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	d.Close()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func valueOf(i int) (bucket, key string, value []byte) {
	size := 40
	if i%100 == 7 {
		size = 9000
	}
	return fmt.Sprint("bucket", i%3), fmt.Sprintf("key%06d", i), bytes.Repeat(fmt.Appendf(nil, "%d.", i), size)[:size]
}

// survivors opens a file and returns how many of the values are there. It fails
// when one is another than it was, when one came back that was deleted, when
// some are missing and nobody was told, when the file was not kept, and when
// the database does not work.
func survivors(t interface {
	Helper()
	Fatalf(string, ...any)
}, dir string, file []byte) (n int) {
	t.Helper()
	path := filepath.Join(dir, "state.db")
	os.RemoveAll(filepath.Join(dir, "damaged"))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatalf("%v", err)
	}
	var found []store.Damage
	for range 2 { // the second time it is sound
		d, err := store.OpenDB(path, func(d store.Damage) { found = append(found, d) })
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		n = 0
		err = d.Update(func(tx store.Tx) error {
			for i := range manyValues {
				bucket, key, want := valueOf(i)
				if tx.Has("gone", []byte(key)) {
					return fmt.Errorf("%s came back", key)
				}
				got := tx.Get(bucket, []byte(key))
				if got != nil && !bytes.Equal(got, want) {
					return fmt.Errorf("%s is %.40q", key, got)
				}
				if got != nil {
					n++
				}
			}
			return tx.Put("new", []byte("a"), []byte("b"))
		})
		d.Close()
		if err != nil {
			t.Fatalf("%v", err)
		}
		told := len(found)
		if n < manyValues && told == 0 {
			t.Fatalf("%d values are missing, and nobody was told", manyValues-n)
		}
		for _, f := range found {
			if strings.HasPrefix(f.Kept, "damaged/state.db") {
				if kept, err := os.ReadFile(filepath.Join(dir, f.Kept)); err != nil || !bytes.Equal(kept, file) {
					t.Fatalf("not kept: %v, %v", f, err)
				}
			}
		}
	}
	return n
}

// TestTruncated: a database of any length opens.
func TestTruncated(t *testing.T) {
	file, dir := written(t), t.TempDir()
	if n := survivors(t, dir, file); n != manyValues {
		t.Fatalf("%d values", n)
	}
	page := os.Getpagesize()
	for size := 0; size < len(file); size += 2 * page {
		for _, n := range []int{size, size + 1, size + page/2, size + page - 1} {
			survivors(t, dir, file[:min(n, len(file))])
		}
	}
}

// TestZeroedPage: any page may turn into zeros. What it does not hold is not
// lost.
func TestZeroedPage(t *testing.T) {
	file, dir := written(t), t.TempDir()
	page := os.Getpagesize()
	for at := 0; at < len(file); at += page {
		b := bytes.Clone(file)
		clear(b[at : at+page])
		// A page has room for 80 small values.
		if n := survivors(t, dir, b); n < manyValues-80 {
			t.Errorf("page %d: %d of %d values are left", at/page, n, manyValues)
		}
	}
}

// TestDamagedAnywhere: a database in which bits are flipped and stretches are
// overwritten opens, and nothing in it is taken for what it is not.
func TestDamagedAnywhere(t *testing.T) {
	file, dir := written(t), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(file)
		for range rapid.IntRange(1, 3).Draw(t, "damages") {
			at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			if rapid.Bool().Draw(t, "header") { // the heads of pages say most
				at = at/os.Getpagesize()*os.Getpagesize() + at%64
			}
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			case 1:
				copy(b[at:], rapid.SliceOfN(rapid.Byte(), 1, 64).Draw(t, "garbage"))
			default: // a page in the place of another one
				page := os.Getpagesize()
				from := rapid.IntRange(0, len(b)/page-1).Draw(t, "from") * page
				copy(b[at/page*page:at/page*page+page], file[from:from+page])
			}
		}
		survivors(t, dir, b)
	})
}

// TestDamagedHeads: the head of any page may say that there are other elements in
// it, or that its first key is longer or shorter: then its parent knows it by a
// name that it has no more.
func TestDamagedHeads(t *testing.T) {
	file, dir := written(t), t.TempDir()
	page := os.Getpagesize()
	for at := 0; at < len(file); at += page {
		for byteOf, bit := range map[int]int{10: at / page % 5, 24: 1} {
			b := bytes.Clone(file)
			b[at+byteOf] ^= 1 << bit
			if n := survivors(t, dir, b); n < manyValues-80 {
				t.Errorf("page %d, byte %d: %d of %d values are left", at/page, byteOf, n, manyValues)
			}
		}
	}
}

// TestWhatIsWrittenIsSound: no order of changes makes a database that is taken
// for a damaged one.
func TestWhatIsWrittenIsSound(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		path := filepath.Join(dir, "state.db")
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "opens") {
			d, err := store.OpenDB(path, func(d store.Damage) { t.Fatalf("damaged: %v", d) })
			if err != nil {
				t.Fatal(err)
			}
			for range rapid.IntRange(1, 6).Draw(t, "transactions") {
				if err := d.Update(func(tx store.Tx) error { return change(t, tx) }); err != nil {
					t.Fatal(err)
				}
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// change puts or deletes stretches of keys.
func change(t *rapid.T, tx store.Tx) (err error) {
	for range rapid.IntRange(1, 4).Draw(t, "stretches") {
		bucket := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "bucket")
		from, step := rapid.IntRange(0, 500).Draw(t, "from"), rapid.IntRange(1, 7).Draw(t, "step")
		size := rapid.SampledFrom([]int{-1, 0, 10, 300, 2000, 9000}).Draw(t, "size")
		for i := range rapid.IntRange(1, 200).Draw(t, "keys") {
			key := fmt.Appendf(nil, "%0*d", 1+size%3+i%5, from+i*step)
			if size < 0 {
				err = errors.Join(err, tx.Delete(bucket, key))
			} else {
				err = errors.Join(err, tx.Put(bucket, key, bytes.Repeat([]byte("x"), size)))
			}
		}
	}
	return err
}

// TestFlippedBit: one flipped bit costs no more than what stands in its page.
func TestFlippedBit(t *testing.T) {
	file, dir := written(t), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(file)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if n := survivors(t, dir, b); n < manyValues-80 {
			t.Fatalf("%d of %d values are left", n, manyValues)
		}
	})
}
