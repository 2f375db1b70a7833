package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/internal/store/storetest"
)

func openJournal(t testing.TB, dir string, opts store.JournalOptions) (*store.Journal, []store.Damage) {
	t.Helper()
	j, found, err := store.OpenJournal(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j, found
}

func TestContract(t *testing.T) {
	for name, opts := range map[string]store.JournalOptions{
		"one segment":   {},
		"many segments": {Segment: 40},
		"without sync":  {NoSync: true, Segment: 200},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Log(t, func(t *testing.T) func() store.Log {
				dir := t.TempDir()
				var before *store.Journal
				return func() store.Log {
					if before != nil {
						before.Close() // only closes files, as a death does
					}
					before, _ = openJournal(t, dir, opts)
					return before
				}
			})
		})
	}
}

// entries reads the journal as "POS:LINE".
func entries(t testing.TB, j *store.Journal) (got []string) {
	t.Helper()
	if err := j.Read(0, func(e store.Entry) error {
		got = append(got, fmt.Sprintf("%d:%s", e.Pos, e.Line))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

func fill(t testing.TB, j *store.Journal, n int) {
	t.Helper()
	for range n {
		if _, err := j.Append(fmt.Appendf(nil, `{"n":%d}`, j.Last()+1)); err != nil {
			t.Fatal(err)
		}
	}
}

func numbers(n ...int) (want []string) {
	for _, i := range n {
		want = append(want, fmt.Sprintf(`%d:{"n":%d,"seq":%d}`, i, i, i))
	}
	return want
}

func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i+1)
	}
	return all
}

// TestDamage: whatever happened to the file, what is sound is given out, what
// is not is kept, and the log goes on.
func TestDamage(t *testing.T) {
	line := func(n int) int { return bytes.Index(five(t), fmt.Appendf(nil, `{"n":%d`, n)) }
	tests := []struct {
		name   string
		damage func(file []byte) []byte
		want   []int
		torn   bool // no damage, only a line that breaks off
	}{
		{"cut in the last line", func(b []byte) []byte { return b[:len(b)-3] }, upTo(4), true},
		{"without the last line end", func(b []byte) []byte { return b[:len(b)-1] }, upTo(4), true},
		{"cut to nothing", func(b []byte) []byte { return nil }, nil, true},
		{"a flipped bit in the middle", func(b []byte) []byte { b[line(3)+5] ^= 1; return b }, []int{1, 2, 4, 5}, false},
		{"a flipped bit in a line end", func(b []byte) []byte { b[line(3)-1] ^= 1; return b }, []int{1, 4, 5}, false},
		{"a flipped bit in the last line", func(b []byte) []byte { b[line(5)+5] ^= 1; return b }, upTo(4), false},
		{"a flipped bit in a checksum", func(b []byte) []byte { b[line(3)-4] ^= 1; return b }, []int{1, 3, 4, 5}, false},
		{"a page of zeros", func(b []byte) []byte { clear(b[line(2):line(4)]); return b }, []int{1, 5}, false},
		{"zeros at the end", func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, upTo(5), true},
		{"garbage at the end", func(b []byte) []byte { return append(b, "no json\nat all\n"...) }, upTo(5), false},
		{"a line of another program", func(b []byte) []byte { return append(b, "{\"event\":\"STOP\",\"seq\":9}\n"...) }, upTo(5), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			j, _ := openJournal(t, dir, store.JournalOptions{})
			fill(t, j, 5)
			j.Close()
			path := filepath.Join(dir, "00000000000000000001.ndjson")
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			damaged := test.damage(before)
			if err := os.WriteFile(path, damaged, 0o640); err != nil {
				t.Fatal(err)
			}
			j, found := openJournal(t, dir, store.JournalOptions{Damaged: func(d store.Damage) { t.Errorf("found again: %v", d) }})
			if got := entries(t, j); !slices.Equal(got, numbers(test.want...)) {
				t.Errorf("entries %q", got)
			}
			if test.torn != (len(found) == 0) {
				t.Errorf("found %v", found)
			}
			for _, d := range found {
				if kept, err := os.ReadFile(filepath.Join(dir, d.Kept)); err != nil || !bytes.Equal(kept, damaged) {
					t.Errorf("not kept: %v, %v", d, err)
				}
			}
			last := j.Last()
			fill(t, j, 1)
			j.Close()
			j, found = openJournal(t, dir, store.JournalOptions{})
			if len(found) > 0 || j.Last() != last+1 {
				t.Errorf("later: found %v, last %d, want %d", found, j.Last(), last+1)
			}
			if got, want := entries(t, j), numbers(append(slices.Clone(test.want), int(last)+1)...); !slices.Equal(got, want) {
				t.Errorf("later: entries %q", got)
			}
		})
	}
}

// five is the file of five entries.
func five(t *testing.T) []byte {
	dir := t.TempDir()
	j, _ := openJournal(t, dir, store.JournalOptions{})
	fill(t, j, 5)
	b, err := os.ReadFile(filepath.Join(dir, "00000000000000000001.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTwoProcesses(t *testing.T) {
	dir := t.TempDir()
	j, _ := openJournal(t, dir, store.JournalOptions{})
	if _, _, err := store.OpenJournal(dir, store.JournalOptions{}); !errors.Is(err, store.ErrInUse) {
		t.Errorf("a second one: %v", err)
	}
	j.Close()
	openJournal(t, dir, store.JournalOptions{})
}

func TestSkip(t *testing.T) {
	dir := t.TempDir()
	j, _ := openJournal(t, dir, store.JournalOptions{})
	fill(t, j, 2)
	if err := errors.Join(j.Skip(1), j.Skip(7)); err != nil {
		t.Fatal(err)
	}
	fill(t, j, 1)
	j.Close()
	j, _ = openJournal(t, dir, store.JournalOptions{})
	if got := entries(t, j); !slices.Equal(got, numbers(1, 2, 8)) {
		t.Errorf("entries %q", got)
	}
}

func files(t *testing.T, dir string) (names []string) {
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if strings.Contains(e.Name(), "ndjson") {
			names = append(names, strings.TrimLeft(e.Name(), "0"))
		}
	}
	return names
}

func TestPackAndPrune(t *testing.T) {
	dir := t.TempDir()
	j, _ := openJournal(t, dir, store.JournalOptions{Segment: 70})
	fill(t, j, 7)
	if err := j.Pack(); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"1.ndjson.gz", "3.ndjson.gz", "5.ndjson.gz", "7.ndjson"}) {
		t.Errorf("files %q", got)
	}
	if got := entries(t, j); !slices.Equal(got, numbers(upTo(7)...)) {
		t.Errorf("entries %q", got)
	}
	old := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"00000000000000000001.ndjson.gz", "00000000000000000003.ndjson.gz"} {
		if err := os.Chtimes(filepath.Join(dir, name), old, old); err != nil {
			t.Fatal(err)
		}
	}
	if got := j.Since(old.Add(time.Hour)); got != 4 {
		t.Errorf("since: behind %d, want 4", got)
	}
	for _, step := range []struct {
		oldest  time.Time
		max     int64
		keep    uint64
		entries uint64
		first   uint64
	}{
		{old.Add(time.Hour), 0, 0, 0, 1}, // nothing is behind the position to keep
		{old.Add(time.Hour), 0, 3, 2, 3}, // up to the segment that has entry 4
		{old.Add(time.Hour), 0, 7, 2, 5}, // up to what is new enough
		{old.Add(time.Hour), 0, 7, 0, 5},
		{old, 1, 7, 2, 7}, // the last segment stays
	} {
		n, err := j.Prune(step.oldest, step.max, step.keep)
		if err != nil || n != step.entries || j.First() != step.first {
			t.Errorf("%+v: pruned %d, first %d, %v", step, n, j.First(), err)
		}
	}
	j.Close()
	j, _ = openJournal(t, dir, store.JournalOptions{Segment: 70})
	if got := entries(t, j); !slices.Equal(got, numbers(7)) {
		t.Errorf("entries %q", got)
	}
}

// TestInterruptedPack: a death in the middle of a compression loses nothing.
func TestInterruptedPack(t *testing.T) {
	dir := t.TempDir()
	j, _ := openJournal(t, dir, store.JournalOptions{Segment: 70})
	fill(t, j, 3)
	j.Close()
	for _, leftover := range []string{"00000000000000000001.ndjson.gz.tmp", "00000000000000000001.ndjson.gz"} {
		if err := os.WriteFile(filepath.Join(dir, leftover), []byte("half"), 0o640); err != nil {
			t.Fatal(err)
		}
		j, found := openJournal(t, dir, store.JournalOptions{Segment: 70})
		if got := entries(t, j); !slices.Equal(got, numbers(upTo(3)...)) || len(found) > 0 {
			t.Errorf("%s: entries %q, found %v", leftover, got, found)
		}
		if got := files(t, dir); !slices.Equal(got, []string{"1.ndjson", "3.ndjson"}) {
			t.Errorf("%s: files %q", leftover, got)
		}
		j.Close()
	}
}

// TestDamagedWhileReading: damage in a closed segment is told and skipped.
func TestDamagedWhileReading(t *testing.T) {
	dir := t.TempDir()
	var found []store.Damage
	opts := store.JournalOptions{Segment: 70, Damaged: func(d store.Damage) { found = append(found, d) }}
	j, _ := openJournal(t, dir, opts)
	fill(t, j, 7)
	if err := j.Pack(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func([]byte) []byte{
		"00000000000000000001.ndjson.gz": func(b []byte) []byte { return b[:len(b)-9] },
		"00000000000000000003.ndjson.gz": func([]byte) []byte { return []byte("garbage") },
	} {
		path := filepath.Join(dir, name)
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, change(b), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	got := entries(t, j)
	if len(got) < 3 || !slices.Equal(got[len(got)-3:], numbers(5, 6, 7)) {
		t.Errorf("entries %q", got)
	}
	if len(found) != 2 || found[0].File != "00000000000000000001.ndjson.gz" || found[1].File != "00000000000000000003.ndjson.gz" {
		t.Errorf("found %v", found)
	}
}

// TestAnyDamage: entries may go missing, but none is ever changed, made up or
// out of order, and what stands before the first damaged byte is there.
func TestAnyDamage(t *testing.T) {
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		n := rapid.IntRange(1, 12).Draw(t, "entries")
		j, _, err := store.OpenJournal(dir, store.JournalOptions{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		written := map[string]bool{}
		for i := range n {
			line := fmt.Sprintf(`{"n":%d,"x":%q}`, i+1, rapid.StringMatching(`[a-z{}\\]{0,20}`).Draw(t, "x"))
			if _, err := j.Append([]byte(line)); err != nil {
				t.Fatal(err)
			}
			written[fmt.Sprintf(`%s,"seq":%d}`, line[:len(line)-1], i+1)] = true
		}
		j.Close()
		path := filepath.Join(dir, "00000000000000000001.ndjson")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		first := len(b)
		for range rapid.IntRange(1, 3).Draw(t, "damages") {
			at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			first = min(first, at)
			b[at] = rapid.Byte().Draw(t, "byte")
		}
		if rapid.Bool().Draw(t, "cut") {
			b = b[:rapid.IntRange(0, len(b)).Draw(t, "length")]
		}
		if err := os.WriteFile(path, b, 0o640); err != nil {
			t.Fatal(err)
		}
		sound := bytes.Count(b[:min(first, len(b))], []byte("\n"))
		j, _, err = store.OpenJournal(dir, store.JournalOptions{NoSync: true})
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		last, got := uint64(0), 0
		if err := j.Read(0, func(e store.Entry) error {
			if !written[string(e.Line)] || e.Pos <= last {
				t.Errorf("entry %d %s was never written", e.Pos, e.Line)
			}
			last = e.Pos
			got++
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if got < sound {
			t.Errorf("%d entries, but %d stand before the damage", got, sound)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	line := []byte(`{"timestamp":{"seconds":1800000000,"microseconds":5},"event":"STOP","host":"h","vm":{"name":"a"},"received":"2027-01-15T08:00:00.000005Z"}`)
	for _, batch := range []int{1, 512} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			j, _ := openJournal(b, b.TempDir(), store.JournalOptions{NoSync: true})
			lines := slices.Repeat([][]byte{line}, batch)
			b.SetBytes(int64(batch * len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := j.Append(lines...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
