package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/qmpalert/qmpalert/internal/store"
)

// Log runs the contract of store.Log. The function opens an empty log on its
// first call in a test; further calls in the same test open it again, after the
// process that had it died: without warning, but after Append had returned.
func Log(t *testing.T, open func(t *testing.T) func() store.Log) {
	t.Run("empty", func(t *testing.T) {
		l := open(t)()
		if l.Last() != 0 || len(all(t, l, 0)) != 0 {
			t.Error("a new log is not empty")
		}
		if last, err := l.Append(); last != 0 || err != nil {
			t.Errorf("nothing was appended: %d, %v", last, err)
		}
	})
	t.Run("order", func(t *testing.T) {
		l := open(t)()
		appendLines(t, l, 3, `{"a":1}`, `{}`, `{"event":"STOP"}`)
		appendLines(t, l, 4, `{"b":"x"}`)
		want := []string{`1 {"a":1,"seq":1}`, `2 {"seq":2}`, `3 {"event":"STOP","seq":3}`, `4 {"b":"x","seq":4}`}
		for after := range want {
			if got := all(t, l, uint64(after)); !slices.Equal(got, want[after:]) {
				t.Errorf("behind %d: %q", after, got)
			}
		}
		if got := all(t, l, 99); len(got) != 0 {
			t.Errorf("behind the end: %q", got)
		}
	})
	t.Run("refused", func(t *testing.T) {
		l := open(t)()
		for _, bad := range []string{``, `x`, `[]`, `{"a":`, "{\"a\":\n1}", `{"a":"` + strings.Repeat("x", store.MaxEntry) + `"}`} {
			if _, err := l.Append([]byte(`{"good":1}`), []byte(bad)); err == nil {
				t.Errorf("%.20q was taken", bad)
			}
		}
		appendLines(t, l, 1, `{"a":1}`)
		if got := all(t, l, 0); len(got) != 1 {
			t.Errorf("a refused call left something: %q", got)
		}
	})
	t.Run("after death", func(t *testing.T) {
		again := open(t)
		var want []string
		for i := range 20 {
			l := again()
			if got := all(t, l, 0); !slices.Equal(got, want) || l.Last() != uint64(len(want)) {
				t.Fatalf("after %d deaths: %q, last %d", i, got, l.Last())
			}
			for range i % 3 {
				n := len(want) + 1
				appendLines(t, l, uint64(n), fmt.Sprintf(`{"n":%d}`, n))
				want = append(want, fmt.Sprintf(`%d {"n":%d,"seq":%d}`, n, n, n))
			}
		}
	})
	t.Run("an error of the reader", func(t *testing.T) {
		l := open(t)()
		appendLines(t, l, 2, `{}`, `{}`)
		enough := errors.New("enough")
		n := 0
		if err := l.Read(0, func(store.Entry) error { n++; return enough }); !errors.Is(err, enough) || n != 1 {
			t.Errorf("%d entries, then %v", n, err)
		}
	})
	t.Run("reading beside writing", func(t *testing.T) {
		l := open(t)()
		var readers sync.WaitGroup
		for range 3 {
			readers.Go(func() {
				for l.Last() < 300 {
					next := uint64(1)
					err := l.Read(0, func(e store.Entry) error {
						if e.Pos != next {
							return fmt.Errorf("position %d, want %d", e.Pos, next)
						}
						next++
						return nil
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for i := range 100 {
			appendLines(t, l, uint64(3*i+3), `{"a":1}`, `{"a":2}`, `{"a":3}`)
		}
		readers.Wait()
	})
}

func appendLines(t *testing.T, l store.Log, want uint64, lines ...string) {
	t.Helper()
	var b [][]byte
	for _, line := range lines {
		b = append(b, []byte(line))
	}
	if last, err := l.Append(b...); last != want || err != nil || l.Last() != want {
		t.Fatalf("appended up to %d, %v, last %d; want %d", last, err, l.Last(), want)
	}
}

// all reads the log as "POS LINE".
func all(t *testing.T, l store.Log, after uint64) (got []string) {
	t.Helper()
	err := l.Read(after, func(e store.Entry) error {
		got = append(got, fmt.Sprintf("%d %s", e.Pos, e.Line))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}
