package state_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/rules"
)

// fullDisk in the environment makes the test binary a process whose files cannot
// grow as they should.
const fullDisk = "STATE_TEST_FULL_DISK"

func TestMain(m *testing.M) {
	dir := os.Getenv(fullDisk)
	if dir == "" {
		goleak.VerifyTestMain(m)
		return
	}
	if err := onFullDisk(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// TestDiskFull: a Commit for which there is no room is an error, and nothing of
// it has happened; the same Commit succeeds once there is room.
func TestDiskFull(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fullDisk+"="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// limit lets no file of this process grow beyond so many bytes.
func limit(bytes int64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		return err
	}
	l.Cur = min(uint64(bytes), l.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l)
}

func onFullDisk(dir string) error {
	s, err := state.Open(dir, state.Options{})
	if err != nil {
		return err
	}
	want := 0
	for range 5 {
		if err := limit(s.Bytes()); err != nil {
			return err
		}
		batch := big(s.Position()+1, want)
		_, err := s.Commit(batch)
		for err == nil {
			want++
			batch = big(s.Position()+1, want)
			_, err = s.Commit(batch)
		}
		if !strings.Contains(err.Error(), syscall.EFBIG.Error()) || s.Position() != batch.Position-1 {
			return fmt.Errorf("at position %d: %w", s.Position(), err)
		}
		if err := errors.Join(holds(s, want), s.Close()); err != nil {
			return err
		}
		if s, err = state.Open(dir, state.Options{}); err != nil {
			return fmt.Errorf("opened without room: %w", err)
		}
		if err := errors.Join(holds(s, want), limit(1<<40)); err != nil {
			return err
		}
		queued, err := s.Commit(batch)
		if err != nil || len(queued) != 1 {
			return fmt.Errorf("with room again: %v, %w", queued, err)
		}
		want++
		if err := errors.Join(holds(s, want), s.Close()); err != nil {
			return err
		}
		var found []store.Damage
		if s, err = state.Open(dir, state.Options{Damaged: func(d store.Damage) { found = append(found, d) }}); err != nil || len(found) > 0 {
			return fmt.Errorf("opened again: %v, %w", found, err)
		}
		if err := holds(s, want); err != nil {
			return err
		}
	}
	return s.Close()
}

var ops = deliver.EndpointID{Receiver: "ops", Name: "slack"}

// big is a batch with one large message.
func big(position uint64, n int) state.Batch {
	notification := notifiers.Notification{ID: fmt.Sprint("n", n), Receiver: "ops", ExternalURL: strings.Repeat("x", 20_000)}
	return state.Batch{Position: position, Steps: []state.Step{{Position: position, Puts: []state.Put{{Notification: notification, Endpoints: []deliver.EndpointID{ops}}}}}}
}

func holds(s *state.State, want int) error {
	items, err := s.Outbox().Items(ops)
	if err == nil && (len(items) != want || s.Position() != uint64(want)) {
		err = fmt.Errorf("%d messages wait at position %d, want %d", len(items), s.Position(), want)
	}
	return err
}

// TestAnyDamage: with whatever damage to its file the State opens and works;
// what waits in it is what was put, and when some is missing somebody was told.
func TestAnyDamage(t *testing.T) {
	const many = 60
	from := t.TempDir()
	s := open(t, from)
	for n := range many {
		b := big(s.Position()+1, n)
		b.Steps[0].Puts[0].Notification.ExternalURL = strings.Repeat("x", 50*(n%5))
		if _, err := s.Commit(b); err != nil {
			t.Fatal(err)
		}
	}
	keep(t, s, 0, "rules")
	s.Close()
	file, err := os.ReadFile(filepath.Join(from, state.File))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		b := bytes.Clone(file)
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case 1:
			page := at / os.Getpagesize() * os.Getpagesize()
			clear(b[page : page+os.Getpagesize()])
		case 2:
			copy(b[at:], rapid.SliceOfN(rapid.Byte(), 1, 9000).Draw(t, "garbage"))
		default:
			b = b[:at]
		}
		if err := os.WriteFile(filepath.Join(dir, state.File), b, 0o600); err != nil {
			t.Fatal(err)
		}
		told := 0
		s, err := state.Open(dir, state.Options{Damaged: func(store.Damage) { told++ }})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		items, err := s.Outbox().Items(ops)
		if err != nil {
			t.Fatal(err)
		}
		sound := 0
		for _, it := range items {
			n, err := s.Outbox().Load(ops, it.Seq)
			if errors.Is(err, deliver.ErrNoMessage) {
				continue
			}
			if err != nil || n.ID != it.ID || !strings.HasPrefix(it.ID, "n") {
				t.Fatalf("%s: %s, %v", it.ID, n.ID, err)
			}
			sound++
		}
		found, err := s.Load(func(state.Checkpoint, []rules.File) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if (sound < many || !found || s.Position() != many) && told == 0 {
			t.Fatalf("%d of %d messages, checkpoint %v, position %d, and nobody was told", sound, many, found, s.Position())
		}
		if _, err := s.Commit(big(1000, 1000)); err != nil {
			t.Fatal(err)
		}
	})
}
