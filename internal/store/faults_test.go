package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/store"
)

// fullDisk in the environment makes the test binary a process whose files cannot
// grow as they should.
const fullDisk = "STORE_TEST_FULL_DISK"

func TestMain(m *testing.M) {
	dir := os.Getenv(fullDisk)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := onFullDisk(dir); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// TestDiskFull: an Append for which there is no room is an error and leaves
// nothing, and succeeds once there is room; a transaction likewise.
func TestDiskFull(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fullDisk+"="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// limit lets no file of this process grow beyond so many bytes.
func limit(bytes uint64) error {
	signal.Ignore(syscall.SIGXFSZ)
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &l); err != nil {
		return err
	}
	l.Cur = min(bytes, l.Max)
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &l)
}

const noLimit = 1 << 40

func onFullDisk(dir string) error {
	if err := errors.Join(limit(noLimit), appendOnFullDisk(filepath.Join(dir, "journal")), damagedOnFullDisk(filepath.Join(dir, "damaged journal")), limit(noLimit)); err != nil {
		return fmt.Errorf("the journal: %w", err)
	}
	if err := updateOnFullDisk(filepath.Join(dir, "state.db")); err != nil {
		return fmt.Errorf("the database: %w", err)
	}
	return nil
}

func appendOnFullDisk(dir string) error {
	for room := uint64(0); room < 120; room += 9 { // a line has 40 bytes
		dir := filepath.Join(dir, fmt.Sprint(room))
		j, _, err := store.OpenJournal(dir, store.JournalOptions{Segment: 300})
		if err != nil {
			return err
		}
		var want []string
		add := func(n int) error {
			var lines [][]byte
			for i := range n {
				lines = append(lines, fmt.Appendf(nil, `{"n":%d}`, len(want)+i+1))
			}
			_, err := j.Append(lines...)
			for i := 0; err == nil && i < n; i++ {
				want = append(want, fmt.Sprintf(`{"n":%d,"seq":%d}`, len(want)+1, len(want)+1))
			}
			return err
		}
		if err := errors.Join(add(3), limit(uint64(j.Bytes())+room)); err != nil {
			return err
		}
		for n := 3; ; n++ {
			if err := add(n); err != nil {
				if !errors.Is(err, syscall.EFBIG) {
					return fmt.Errorf("with room for %d bytes: %w", room, err)
				}
				break
			}
			if n > 20 {
				return errors.New("there was always room")
			}
		}
		if err := packOnFullDisk(j, dir); err != nil {
			return err
		}
		if err := errors.Join(same(j, want), limit(noLimit), add(4), same(j, want), j.Close()); err != nil {
			return fmt.Errorf("with room for %d bytes: %w", room, err)
		}
		j, found, err := store.OpenJournal(dir, store.JournalOptions{})
		if err != nil || len(found) > 0 {
			return fmt.Errorf("afterwards: %v, %w", found, err)
		}
		if err := errors.Join(same(j, want), j.Close()); err != nil {
			return err
		}
	}
	return nil
}

// damagedOnFullDisk wants a damaged journal to open without room to mend it.
func damagedOnFullDisk(dir string) error {
	j, _, err := store.OpenJournal(dir, store.JournalOptions{})
	if err != nil {
		return err
	}
	for n := range 3 {
		if _, err := j.Append(fmt.Appendf(nil, `{"n":%d}`, n+1)); err != nil {
			return err
		}
	}
	path := filepath.Join(dir, "00000000000000000001.ndjson")
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[bytes.IndexByte(b, '\n')+3] ^= 1
	if err := errors.Join(j.Close(), os.WriteFile(path, b, 0o600), limit(30)); err != nil {
		return err
	}
	j, found, err := store.OpenJournal(dir, store.JournalOptions{})
	if err != nil || len(found) != 2 || found[0].Kept != "" {
		return fmt.Errorf("opened without room: %v, %w", found, err)
	}
	if err := errors.Join(limit(noLimit), same(j, []string{`{"n":1,"seq":1}`, `{"n":3,"seq":3}`})); err != nil {
		return err
	}
	if last, err := j.Append([]byte(`{}`)); last != 4 || err != nil {
		return fmt.Errorf("appended %d, %w", last, err)
	}
	return j.Close()
}

// packOnFullDisk wants a compression for which there is no room to leave nothing.
func packOnFullDisk(j *store.Journal, dir string) error {
	if err := limit(20); err != nil {
		return err
	}
	if err := j.Pack(); !errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("packed without room: %w", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.gz*")); err != nil || len(left) > 0 {
		return fmt.Errorf("left behind: %q, %w", left, err)
	}
	return nil
}

func same(j *store.Journal, want []string) error {
	var got []string
	err := j.Read(0, func(e store.Entry) error { got = append(got, string(e.Line)); return nil })
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("the journal has %q, want %q", got, want)
	}
	return err
}

func updateOnFullDisk(path string) error {
	d, err := store.OpenDB(path, nil)
	if err != nil {
		return err
	}
	written := 0
	write := func() error {
		return d.Update(func(tx store.Tx) error {
			for i := range 10 {
				if err := tx.Put("a", fmt.Append(nil, written+i), bytes.Repeat([]byte("x"), 5000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	for range 5 {
		if err := errors.Join(write(), limit(uint64(d.Bytes()))); err != nil {
			return err
		}
		written += 10
		for err == nil {
			if err = write(); err == nil {
				written += 10
			}
		}
		if !strings.Contains(err.Error(), syscall.EFBIG.Error()) {
			return err
		}
		if err := errors.Join(count(d, written), d.Close()); err != nil {
			return err
		}
		if d, err = store.OpenDB(path, nil); err != nil {
			return fmt.Errorf("opened without room: %w", err)
		}
		if err := errors.Join(count(d, written), limit(noLimit), write()); err != nil {
			return err
		}
		written += 10
		var found []store.Damage
		if err = d.Close(); err != nil {
			return err
		}
		if d, err = store.OpenDB(path, func(d store.Damage) { found = append(found, d) }); err != nil || len(found) > 0 {
			return fmt.Errorf("afterwards: %v, %w", found, err)
		}
		if err := count(d, written); err != nil {
			return err
		}
	}
	return d.Close()
}

func count(d *store.DB, want int) error {
	n := 0
	err := d.View(func(tx store.Tx) error {
		return tx.Each("a", nil, func(_, value []byte) error { n++; return nil })
	})
	if err == nil && n != want {
		err = fmt.Errorf("%d values, want %d", n, want)
	}
	return err
}

// TestAnyLength: a journal of any length opens, and has the lines that are whole.
func TestAnyLength(t *testing.T) {
	file := five(t)
	for n := range file {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "00000000000000000001.ndjson"), file[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		j, found := openJournal(t, dir, store.JournalOptions{NoSync: true})
		if got, want := entries(t, j), numbers(upTo(bytes.Count(file[:n], []byte("\n")))...); !slices.Equal(got, want) || len(found) > 0 {
			t.Errorf("length %d: %q, found %v", n, got, found)
		}
		j.Close()
	}
}

// TestDamagedSegments: damage in one segment, compressed or not, costs entries
// of that one only, and none is given out that was not written.
func TestDamagedSegments(t *testing.T) {
	from := t.TempDir()
	j, _ := openJournal(t, from, store.JournalOptions{Segment: 120})
	fill(t, j, 12) // three a segment
	if err := j.Pack(); err != nil {
		t.Fatal(err)
	}
	fill(t, j, 6)
	j.Close()
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err == nil {
			err = os.CopyFS(dir, os.DirFS(from))
		}
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		names, err := filepath.Glob(filepath.Join(dir, "0*"))
		if err != nil || len(names) != 6 {
			t.Fatal(names, err)
		}
		i := rapid.IntRange(0, len(names)-1).Draw(t, "segment")
		b, err := os.ReadFile(names[i])
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			b[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		case 1:
			clear(b[at:])
		default:
			b = b[:at]
		}
		if err := os.WriteFile(names[i], b, 0o600); err != nil {
			t.Fatal(err)
		}
		told := 0
		j, found, err := store.OpenJournal(dir, store.JournalOptions{NoSync: true, Damaged: func(store.Damage) { told++ }})
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		var got []string
		if err := j.Read(0, func(e store.Entry) error {
			got = append(got, fmt.Sprintf("%d:%s", e.Pos, e.Line))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		missing := 0
		for n, line := range numbers(upTo(18)...) {
			if !slices.Contains(got, line) {
				missing++
				if n/3 != i {
					t.Errorf("entry %s is missing, but segment %d is damaged", line, i)
				}
			}
		}
		if len(got)+missing != 18 {
			t.Errorf("entries that were never written: %q", got)
		}
		last := i == len(names)-1 // may break off
		if missing > 0 && told+len(found) == 0 && !last {
			t.Errorf("%d entries are missing, and nobody was told", missing)
		}
		if _, err := j.Append([]byte(`{}`)); err != nil {
			t.Error(err)
		}
	})
}

// TestInUse says what to do.
func TestInUse(t *testing.T) {
	dir := t.TempDir()
	openJournal(t, dir, store.JournalOptions{})
	_, _, err := store.OpenJournal(dir, store.JournalOptions{})
	var found []store.Damage
	openDB(t, filepath.Join(dir, "state.db"), &found)
	_, err2 := store.OpenDB(filepath.Join(dir, "state.db"), nil)
	for _, err := range []error{err, err2} {
		for _, word := range []string{dir, fmt.Sprintf("(process %d)", os.Getpid()), "stop that one", "storage"} {
			if err == nil || !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), word) {
				t.Errorf("%v does not say %q", err, word)
			}
		}
	}
}
