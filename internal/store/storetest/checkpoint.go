package storetest

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/store"
)

// Checkpoint runs the contract of store.Checkpoint. The function opens an empty
// one on its first call in a test; further calls in the same test open it again,
// after the process that had it died.
func Checkpoint(t *testing.T, open func(t *testing.T) func() store.Checkpoint) {
	at := func(position uint64, size int) store.Saved {
		return store.Saved{Position: position, Rules: "r", Form: 3, Data: bytes.Repeat([]byte{byte(position)}, size)}
	}
	t.Run("none", func(t *testing.T) {
		c := open(t)()
		wantNewest(t, c, "p", nil)
		wantKept(t, c, "p")
		if err := c.Save("p", 1, at(2, 1)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("after one that is not there: %v", err)
		}
	})
	t.Run("sizes", func(t *testing.T) {
		again := open(t)
		from := uint64(0)
		for _, size := range []int{0, 1, 256<<10 - 1, 256 << 10, 256<<10 + 1, 9 << 20, 0} {
			want := at(from+1, size)
			save(t, again(), "p", from, want)
			from++
			wantNewest(t, again(), "p", &want)
		}
	})
	t.Run("compare and set", func(t *testing.T) {
		c := open(t)()
		first := at(5, 10)
		save(t, c, "p", 0, first)
		for _, from := range []uint64{0, 4, 6} {
			if err := c.Save("p", from, at(9, 1<<20)); !errors.Is(err, store.ErrConflict) {
				t.Errorf("after %d: %v", from, err)
			}
		}
		wantNewest(t, c, "p", &first)
		same := at(5, 11) // at the same position, with other rules
		save(t, c, "p", 5, same)
		wantNewest(t, c, "p", &same)
	})
	t.Run("partitions", func(t *testing.T) {
		c := open(t)()
		names := []string{"", "a", "ab", "b", "a\x00b", "\x01a"}
		for i, name := range names {
			save(t, c, name, 0, at(uint64(i+1), i))
		}
		for i, name := range names {
			want := at(uint64(i+1), i)
			wantNewest(t, c, name, &want)
		}
	})
	t.Run("one that cannot be used", func(t *testing.T) {
		again := open(t)
		c := again()
		first, second, third := at(5, 300<<10), at(7, 300<<10), at(8, 1)
		save(t, c, "p", 0, first)
		save(t, c, "p", 5, second)
		wantKept(t, c, "p", 5, 7)
		var tried []uint64
		found, err := c.Load("p", func(s store.Saved) error {
			if tried = append(tried, s.Position); s.Position == 7 {
				return errors.New("made no sense")
			}
			return nil
		})
		if !found || err != nil || !cmp.Equal(tried, []uint64{7, 5}) {
			t.Errorf("tried %d: %v, %v", tried, found, err)
		}
		c = again()
		wantNewest(t, c, "p", &first)
		save(t, c, "p", 5, third)
		wantNewest(t, c, "p", &third)
		wantKept(t, c, "p", 5, 8)
	})
	t.Run("newer", func(t *testing.T) {
		c := open(t)()
		first := at(5, 1)
		save(t, c, "p", 0, first)
		if _, err := c.Load("p", func(store.Saved) error { return store.ErrNewer }); !errors.Is(err, store.ErrNewer) {
			t.Errorf("load: %v", err)
		}
		wantNewest(t, c, "p", &first)
	})
}

func save(t *testing.T, c store.Checkpoint, partition string, from uint64, s store.Saved) {
	t.Helper()
	if err := c.Save(partition, from, s); err != nil {
		t.Fatal(err)
	}
}

func wantNewest(t *testing.T, c store.Checkpoint, partition string, want *store.Saved) {
	t.Helper()
	var got *store.Saved
	found, err := c.Load(partition, func(s store.Saved) error {
		s.Data = append([]byte{}, s.Data...)
		got = &s
		return nil
	})
	if err != nil || found != (want != nil) {
		t.Fatalf("found %v, %v", found, err)
	}
	if want != nil && (got.Position != want.Position || got.Rules != want.Rules || got.Form != want.Form || !bytes.Equal(got.Data, want.Data)) {
		t.Errorf("got position %d, rules %s, form %d, %d bytes; want position %d, %d bytes", got.Position, got.Rules, got.Form, len(got.Data), want.Position, len(want.Data))
	}
}

func wantKept(t *testing.T, c store.Checkpoint, partition string, want ...uint64) {
	t.Helper()
	kept, err := c.Kept(partition)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for _, s := range kept {
		if s.Rules != "r" || s.Form != 3 || s.Data != nil {
			t.Errorf("kept %v", s)
		}
		got = append(got, s.Position)
	}
	if !slices.Equal(got, want) {
		t.Errorf("kept %d, want %d", got, want)
	}
}
