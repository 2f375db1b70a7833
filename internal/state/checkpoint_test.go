package state_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/rules"
)

func someRules(text string) []rules.File {
	return []rules.File{{Name: "a.yml", Src: []byte(text)}, {Name: "b.yml", Src: []byte{0xff, 0}}}
}

// keep saves a checkpoint at the end of the log with rules of that text.
func keep(t *testing.T, s *state.State, from uint64, text string) state.Checkpoint {
	t.Helper()
	hash, err := s.KeepRules(s.Position(), someRules(text))
	if err != nil {
		t.Fatal(err)
	}
	c := state.Checkpoint{
		Position: s.Position(), Rules: hash, Clock: 7, Route: dispatch.Config{ExternalURL: text},
		Engine: engine.Snapshot{Version: engine.SnapshotVersion, Number: s.Position(), VMs: []engine.VMState{{Host: "h", Name: "db1"}}},
	}
	if err := s.Save(from, c); err != nil {
		t.Fatal(err)
	}
	return c
}

func load(t *testing.T, s *state.State) (got *state.Checkpoint, files []rules.File) {
	t.Helper()
	found, err := s.Load(func(c state.Checkpoint, f []rules.File) error { got, files = &c, f; return nil })
	if err != nil || found != (got != nil) {
		t.Fatalf("found %v, %v", found, err)
	}
	return got, files
}

func TestCheckpoint(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if got, _ := load(t, s); got != nil {
		t.Errorf("a new one has %v", got)
	}
	if err := s.Save(0, state.Checkpoint{Position: 1}); err == nil {
		t.Error("what is not committed was saved")
	}
	commit(t, s, 1, state.Step{}, state.Step{})
	first := keep(t, s, 0, "one")
	commit(t, s, 2, state.Step{})
	second := keep(t, s, 2, "two")
	s.Close()
	s = open(t, dir)
	got, files := load(t, s)
	if d := cmp.Diff(&second, got); d != "" || s.Position() != 3 {
		t.Errorf("position %d (-want +got):\n%s", s.Position(), d)
	}
	if d := cmp.Diff(someRules("two"), files); d != "" {
		t.Errorf("rules (-want +got):\n%s", d)
	}
	if needed, err := s.Needed(); needed != 2 || err != nil {
		t.Errorf("needed %d, %v", needed, err)
	}
	if err := s.Save(2, second); !errors.Is(err, store.ErrConflict) {
		t.Errorf("saved behind another one: %v", err)
	}
	// The rules of the first are forgotten with it, those that an entry of the log
	// may name are not.
	commit(t, s, 3, state.Step{})
	next, err := s.KeepRules(4, someRules("next"))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, s, 3, "two")
	for hash, want := range map[string]bool{first.Rules: false, second.Rules: true, next: true} {
		if files, err := s.Rules(hash); (files != nil) != want || err != nil {
			t.Errorf("%s: %v, %v", hash, files, err)
		}
	}
}

// TestUnusable: a checkpoint that cannot be used gives way to the one before it.
func TestUnusable(t *testing.T) {
	dir := t.TempDir()
	var found []store.Damage
	s, err := state.Open(dir, state.Options{Damaged: func(d store.Damage) { found = append(found, d) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	commit(t, s, 1, state.Step{})
	keep(t, s, 0, "one")
	commit(t, s, 2, state.Step{})
	keep(t, s, 1, "two")
	var tried []uint64
	ok, err := s.Load(func(c state.Checkpoint, _ []rules.File) error {
		if tried = append(tried, c.Position); c.Position == 2 {
			return errors.New("no")
		}
		return nil
	})
	if !ok || err != nil || !slices.Equal(tried, []uint64{2, 1}) || len(found) != 1 {
		t.Errorf("%v, %v, tried %d, found %v", ok, err, tried, found)
	}
	keep(t, s, 1, "three")
}

func TestNewerCheckpoint(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	s.Close()
	d, err := store.OpenDB(filepath.Join(dir, state.File), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Checkpoints().Save("", 0, store.Saved{Position: 1, Form: 99}); err != nil {
		t.Fatal(err)
	}
	d.Close()
	s = open(t, dir)
	if ok, err := s.Load(func(state.Checkpoint, []rules.File) error { return nil }); ok || !errors.Is(err, store.ErrNewer) {
		t.Errorf("%v, %v", ok, err)
	}
}

func TestInUse(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	begin := time.Now()
	_, err := state.Open(dir, state.Options{})
	if !errors.Is(err, store.ErrInUse) || time.Since(begin) > time.Minute {
		t.Errorf("a second one: %v", err)
	}
}

// TestKeptRules: a set without files is one; of a name that is not known there
// is none.
func TestKeptRules(t *testing.T) {
	s := open(t, t.TempDir())
	empty, err := s.KeepRules(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if files, err := s.Rules(empty); files == nil || len(files) != 0 || err != nil {
		t.Errorf("an empty set comes back as %#v, %v", files, err)
	}
	if files, err := s.Rules("nobody knows it"); files != nil || err != nil {
		t.Errorf("an unknown set is %#v, %v", files, err)
	}
}
