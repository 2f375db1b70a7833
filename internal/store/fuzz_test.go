package store

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// FuzzReadFile: whatever a database file holds, reading it ends, without a
// panic, and what is handed out lies within the file.
func FuzzReadFile(f *testing.F) {
	path := filepath.Join(f.TempDir(), "state.db")
	d, err := OpenDB(path, nil)
	if err != nil {
		f.Fatal(err)
	}
	for i := range 40 {
		if err := d.Update(func(tx Tx) error {
			return tx.Put(fmt.Sprint("b", i%3), fmt.Append(nil, i), bytes.Repeat([]byte("x"), 200*(i%30)))
		}); err != nil {
			f.Fatal(err)
		}
	}
	if err := d.Close(); err != nil {
		f.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file, uint32(0), []byte{})
	f.Add(file, uint32(2*os.Getpagesize()+8), []byte{1, 0, 255, 255})
	f.Add([]byte{}, uint32(0), []byte{})
	f.Fuzz(func(t *testing.T, data []byte, at uint32, patch []byte) {
		data = bytes.Clone(data)
		if int(at) < len(data) {
			copy(data[at:], patch)
		}
		problems := readFile(data, func(bucket string, key, value []byte) {
			if len(bucket)+len(key)+len(value) > 4*len(data) {
				t.Error("more than the file has")
			}
		})
		if len(data) == 0 && problems == nil {
			t.Error("an empty file is fine")
		}
	})
}
