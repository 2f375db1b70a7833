package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/internal/store/storetest"
)

func TestCheckpointContract(t *testing.T) {
	storetest.Checkpoint(t, func(t *testing.T) func() store.Checkpoint {
		path := filepath.Join(t.TempDir(), "state.db")
		var d *store.DB
		return func() store.Checkpoint {
			if d != nil {
				d.Close()
			}
			var found []store.Damage
			d = openDB(t, path, &found)
			return d.Checkpoints()
		}
	})
}

// TestDamagedCheckpoint: a flipped bit anywhere in the newest lets the one
// before it be used, and is told.
func TestDamagedCheckpoint(t *testing.T) {
	for _, bucket := range []string{"checkpoints", "checkpoint data"} {
		t.Run(bucket, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			var found []store.Damage
			d := openDB(t, path, &found)
			c := d.Checkpoints()
			for i := range uint64(3) {
				if err := c.Save("p", i, store.Saved{Position: i + 1, Data: []byte(strings.Repeat(fmt.Sprint(i), 600<<10))}); err != nil {
					t.Fatal(err)
				}
			}
			d.Close()
			b, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := b.Update(func(tx *bbolt.Tx) error {
				k, v := tx.Bucket([]byte(bucket)).Cursor().Last()
				v = append([]byte{}, v...)
				v[len(v)/2] ^= 4
				return tx.Bucket([]byte(bucket)).Put(append([]byte{}, k...), v)
			}); err != nil {
				t.Fatal(err)
			}
			b.Close()
			d = openDB(t, path, &found)
			c = d.Checkpoints()
			var got uint64
			if ok, err := c.Load("p", func(s store.Saved) error { got = s.Position; return nil }); !ok || err != nil || got != 2 || len(found) == 0 {
				t.Errorf("position %d, %v, %v, found %v", got, ok, err, found)
			}
			if kept, err := c.Kept("p"); len(kept) != 1 || kept[0].Position != 2 || err != nil {
				t.Errorf("kept %v, %v", kept, err)
			}
			if err := c.Save("p", 2, store.Saved{Position: 9}); err != nil {
				t.Error(err)
			}
		})
	}
}
