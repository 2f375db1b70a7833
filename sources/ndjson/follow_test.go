package ndjson_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/sources"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// follower is a Follower that runs in a bubble of synctest over real files.
type follower struct {
	t   *testing.T
	dir string
	cfg ndjson.FollowConfig

	mu     sync.Mutex
	events []*event.Event
	source *ndjson.Follower
	stop   func()
	newest map[string]string // positions, by path: what a store would know
}

// inBubble runs a test with a Follower of *.ndjson in an empty directory.
func inBubble(t *testing.T, test func(f *follower)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := &follower{t: t, dir: dir, newest: map[string]string{}}
		f.cfg = ndjson.FollowConfig{
			Pattern: filepath.Join(dir, "*.ndjson"), Host: "kvm07",
			Now:    func() int64 { return time.Now().UnixMicro() },
			Resume: func(path string) string { return f.newest[path] },
		}
		test(f)
		f.end()
	})
}

func (f *follower) start() {
	f.t.Helper()
	s, err := ndjson.Follow(f.cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(f.t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx, f.emit) }()
	f.source = s
	f.stop = func() {
		cancel()
		if err := <-done; err != nil {
			f.t.Errorf("Run: %v", err)
		}
	}
	f.wait()
}

func (f *follower) end() {
	if f.stop != nil {
		f.stop()
		f.stop = nil
	}
}

func (f *follower) emit(_ context.Context, ev *event.Event) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, ev.Clone())
	f.newest[strings.TrimPrefix(ev.Source, "file:")] = ev.Position
	return nil
}

// wait lets everything be noticed that has happened.
func (f *follower) wait() {
	time.Sleep(time.Second) // of the bubble
	synctest.Wait()
}

func (f *follower) path(name string) string { return filepath.Join(f.dir, name) }

func (f *follower) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// add writes to the end of a file.
func (f *follower) add(name, text string) {
	f.t.Helper()
	file, err := os.OpenFile(f.path(name), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	f.must(err)
	_, err = file.WriteString(text)
	f.must(err)
	f.must(file.Close())
}

func (f *follower) rename(from, to string) { f.must(os.Rename(f.path(from), f.path(to))) }

// expect takes the numbers of the events since it was called last, as
// "vm:number".
func (f *follower) expect(want string) {
	f.t.Helper()
	f.wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	var got []string
	for _, ev := range f.events {
		n, _ := qmp.ParseValue(ev.Raw).Get("n").AsInt()
		got = append(got, fmt.Sprintf("%s:%d", ev.VM.Name, n))
	}
	f.events = nil
	if list := strings.Join(got, " "); list != want {
		f.t.Errorf("got %q, want %q", list, want)
	}
}

// numbered is a line for each number.
func numbered(numbers ...int) string {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, `{"timestamp": {"seconds": %d, "microseconds": 0}, "event": "TEST", "data": {"n": %d}}`+"\n", 1_700_000_000+n, n)
	}
	return b.String()
}

func TestFollowGrowing(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.start()
		f.expect("")
		f.add("a.ndjson", numbered(1, 2))
		f.add("b.ndjson", "")
		f.expect("a:1 a:2")
		f.add("b.ndjson", numbered(3))
		f.add("a.ndjson", numbered(4))
		f.expect("a:4 b:3")
		f.add("other.txt", numbered(5))
		f.add(".hidden.ndjson", numbered(6))
		f.expect("")
	})
}

func TestFollowHalfWritten(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.start()
		line := numbered(1)
		for i := range line[:len(line)-3] {
			f.add("a.ndjson", line[i:i+1])
		}
		f.expect("")
		f.add("a.ndjson", line[len(line)-3:]+numbered(2)[:20])
		f.expect("a:1")
		f.end()
		f.start() // half a value is read again
		f.add("a.ndjson", numbered(2)[20:])
		f.expect("a:2")
	})
}

func TestFollowDamage(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.start()
		f.add("a.ndjson", "{\"QMP\": {}}\n{\"return\": {}}\nnot JSON\n{\"event\": \"ST\n"+numbered(1)+
			`{"event": "X", "data": "`+strings.Repeat("x", 2<<20)+"\"}\n"+numbered(2))
		f.expect("a:1 a:2")
		c := f.source.Statuses()[0].Counts
		if want := (sources.Counts{Received: 2, Emitted: 2, Damaged: 2, Oversized: 1}); c != want {
			t.Errorf("counts %+v, want %+v", c, want)
		}
	})
}

// TestFollowCountsHalves: what is cut off for good is counted.
func TestFollowCountsHalves(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.start()
		f.add("a.ndjson", numbered(1)+" \n"+numbered(2)[:30])
		f.expect("a:1")
		f.must(os.Truncate(f.path("a.ndjson"), 0))
		f.add("a.ndjson", numbered(3)+numbered(4)[:30])
		f.expect("a:3")
		f.rename("a.ndjson", "old")
		f.add("a.ndjson", numbered(5)+"\n\n")
		f.expect("a:5")
		f.rename("a.ndjson", "old")
		f.add("a.ndjson", numbered(6))
		f.expect("a:6")
		if c := f.source.Statuses()[0].Counts; c.Damaged != 2 || c.Received != 4 {
			t.Errorf("counts %+v", c)
		}
	})
}

func TestFollowReplaced(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("a.ndjson", numbered(1))
		f.start()
		f.expect("a:1")
		f.rename("a.ndjson", "a.ndjson.1")
		f.add("a.ndjson.1", numbered(2)) // who writes has not noticed yet
		f.expect("a:2")
		f.add("a.ndjson", "")
		f.wait()
		f.add("a.ndjson.1", numbered(3))
		f.expect("a:3")
		f.add("a.ndjson.1", numbered(4))
		f.add("a.ndjson", numbered(5))
		f.expect("a:4 a:5")
		f.must(os.Remove(f.path("a.ndjson")))
		f.expect("")
		f.add("a.ndjson", numbered(6)) // most likely with the same inode
		f.expect("a:6")
	})
}

func TestFollowReplacedAtOnce(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("a.ndjson", numbered(1))
		f.start()
		f.expect("a:1")
		f.add("new", numbered(2, 3))
		f.rename("new", "a.ndjson")
		f.expect("a:2 a:3")
	})
}

func TestFollowEmptied(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("a.ndjson", numbered(1, 2))
		f.start()
		f.expect("a:1 a:2")
		f.must(os.Truncate(f.path("a.ndjson"), 0))
		f.wait()
		f.add("a.ndjson", numbered(3))
		f.expect("a:3")
		f.must(os.Truncate(f.path("a.ndjson"), 0)) // and grown again before anybody looks
		f.add("a.ndjson", numbered(4, 5, 6))
		f.expect("a:4 a:5 a:6")
		f.add("a.ndjson", `{"event": "half`)
		f.wait()
		f.must(os.Truncate(f.path("a.ndjson"), int64(len(numbered(4, 5, 6))))) // taken back
		f.expect("")
		f.add("a.ndjson", numbered(7))
		f.expect("a:7")
	})
}

func TestFollowRenamedWithinThePattern(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("b.ndjson", numbered(1))
		f.start()
		f.expect("b:1")
		f.rename("b.ndjson", "z.ndjson")
		f.add("z.ndjson", numbered(2))
		f.add("b.ndjson", numbered(3))
		f.expect("b:2 b:3") // the VM keeps its name, and the older file comes first
		f.end()
		f.start()
		f.expect("")
	})
}

func TestFollowDeleted(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("a.ndjson", numbered(1))
		f.start()
		f.expect("a:1")
		if s := f.source.Statuses(); len(s) != 1 || s[0].State != sources.Connected || s[0].VM.Name != "a" {
			t.Errorf("statuses %+v", s)
		}
		f.must(os.Remove(f.path("a.ndjson")))
		f.wait()
		if s := f.source.Statuses(); len(s) != 1 || s[0].Source != "file:"+f.cfg.Pattern || s[0].State != sources.Waiting {
			t.Errorf("statuses %+v", s)
		}
	})
}

func TestFollowResumes(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(f *follower)
		want   string
	}{
		{"where it was", func(f *follower) {}, ""},
		{"behind what was read", func(f *follower) { f.add("a.ndjson", numbered(3)) }, "a:3"},
		{"in a file that was emptied", func(f *follower) {
			f.must(os.WriteFile(f.path("a.ndjson"), []byte(numbered(3)), 0o600))
		}, "a:3"},
		{"in a file that was emptied and is longer now", func(f *follower) {
			f.must(os.WriteFile(f.path("a.ndjson"), []byte(numbered(3, 4, 5)), 0o600))
		}, "a:3 a:4 a:5"},
		{"in a new file", func(f *follower) {
			f.must(os.Remove(f.path("a.ndjson")))
			f.add("a.ndjson", numbered(3, 4, 5))
		}, "a:3 a:4 a:5"},
		{"in a rotated file, then the new one", func(f *follower) {
			f.add("a.ndjson", numbered(3))
			f.rename("a.ndjson", "a.ndjson.1")
			f.add("a.ndjson", numbered(4))
		}, "a:3 a:4"},
		{"in a file with another name", func(f *follower) {
			f.add("a.ndjson", numbered(3))
			f.rename("a.ndjson", "b.ndjson")
			f.add("a.ndjson", numbered(4))
		}, "a:3 a:4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(f *follower) {
				f.add("a.ndjson", numbered(1, 2))
				f.start()
				f.expect("a:1 a:2")
				f.end()
				tt.change(f)
				f.start()
				f.expect(tt.want)
				f.end()
				f.start()
				f.expect("")
			})
		})
	}
}

func TestFollowIgnoresBadPositions(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("a.ndjson", numbered(1))
		info, err := os.Stat(f.path("a.ndjson"))
		f.must(err)
		inode := inodeOf(info)
		for _, bad := range []string{"x", "1", ":", inode + ":5", inode + ":-1:00000000",
			inode + ":5:00000000", inode + ":99999:00000000", "99999999999999999999:0:00000000"} {
			f.newest[f.path("a.ndjson")] = bad
			f.start()
			f.expect("a:1")
			f.end()
		}
	})
}

func TestFollowUnreadable(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.must(syscall.Mkfifo(f.path("a.ndjson"), 0o600))
		f.must(os.Mkdir(f.path("d.ndjson"), 0o700))
		f.must(os.Symlink("nowhere", f.path("l.ndjson")))
		f.start()
		s := f.source.Statuses()
		if len(s) != 1 || s[0].Source != "file:"+f.path("a.ndjson") || s[0].Reason != "not a regular file" {
			t.Errorf("statuses %+v", s)
		}
		f.must(os.Remove(f.path("a.ndjson")))
		f.add("a.ndjson", numbered(1))
		f.expect("a:1")
	})
}

// A directory that cannot be listed is not told as one without files.
func TestFollowSaysWhatItCannotList(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.must(os.Symlink("loop", f.path("loop")))
		f.cfg.Pattern = f.path("loop/*.ndjson")
		f.start()
		if s := f.source.Statuses(); len(s) != 1 || s[0].Reason != "too many levels of symbolic links" {
			t.Errorf("statuses %+v", s)
		}
	})
}

func TestFollowNames(t *testing.T) {
	inBubble(t, func(f *follower) {
		f.add("a.ndjson", `{"event": "STOP", "vm": "own", "host": "h2", "source": "qmp:/x", "seq": 5, "received": "2026-01-01T00:00:00.000000Z"}`+"\n"+
			`{"event": "STOP"}`+"\n"+`{"return": {"name": "asked"}, "id": 1}`+"\n"+`{"event": "QMPALERT_RELOAD_FAILED", "data": {"file": "x", "error": "y"}}`+"\n")
		f.start()
		f.wait()
		f.mu.Lock()
		defer f.mu.Unlock()
		var got []string
		for _, ev := range f.events {
			got = append(got, fmt.Sprintf("%s %s %q %d", ev.Host, ev.VM.Name, strings.TrimPrefix(ev.Source, "file:"+f.dir), ev.Seq))
			if ev.Received == qmp.NoTime || ev.Event.Kind != qmp.KindQMPAlertReloadFailed && ev.Time != ev.Received {
				t.Errorf("times %d and %d", ev.Time, ev.Received)
			}
		}
		want := []string{`h2 own "/a.ndjson" 0`, `kvm07 asked "/a.ndjson" 0`, `kvm07  "/a.ndjson" 0`}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("got %q", got)
		}
	})
	inBubble(t, func(f *follower) {
		f.cfg.VMName = "vm-{{ file }}"
		f.add("a.ndjson", numbered(1))
		f.start()
		f.expect("vm-a:1")
	})
	for _, cfg := range []ndjson.FollowConfig{
		{}, {Pattern: "x"}, {Pattern: "[", Now: time.Now().UnixMicro}, {Pattern: "x", Now: time.Now().UnixMicro, VMName: "{{ vm }}"},
	} {
		if _, err := ndjson.Follow(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}

func inodeOf(info os.FileInfo) string {
	return strconv.FormatUint(info.Sys().(*syscall.Stat_t).Ino, 10)
}
