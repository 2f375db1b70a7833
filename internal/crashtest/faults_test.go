package crashtest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/qmpalert/qmpalert/internal/store"
)

const pausedRule = `
groups:
  - name: g
    rules:
      - {alert: Paused, event: STOP, resolve: RESUME}
`

// paused starts a daemon with one webhook and the rule Paused.
func paused(t *testing.T) (*restartable, *inbox) {
	hook := newInbox(t)
	return newRestartable(t, "    webhook_configs: [{url: '"+hook.URL+"'}]\n", pausedRule), hook
}

// tells waits until the webhook was told of n alerts.
func (r *restartable) tells(hook *inbox, n int) {
	r.t.Helper()
	r.until(fmt.Sprintf("%d alerts are told", n), func() bool { return len(hook.list()) >= n })
}

// delivered waits until the daemon knows that everything arrived.
func (r *restartable) delivered() {
	r.t.Helper()
	r.until("nothing waits", func() bool {
		_, waiting := r.status()
		return !waiting
	})
}

// says waits for a line of the log.
func (r *restartable) says(part string) {
	r.t.Helper()
	r.until("the log says "+part, func() bool { return strings.Contains(r.log.String(), part) })
}

// limit is how large the daemon may make a file.
func (r *restartable) limit(bytes uint64) {
	r.t.Helper()
	l := unix.Rlimit{Cur: bytes, Max: unix.RLIM_INFINITY}
	if err := unix.Prlimit(r.cmd.Process.Pid, unix.RLIMIT_FSIZE, &l, nil); err != nil {
		r.t.Fatal(err)
	}
}

// TestDiskFull: alerts go out from memory, and the log says so; when there is
// room again everything is kept as before, also what was told meanwhile.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	r, hook := paused(t)
	r.event("STOP", "before", "")
	r.tells(hook, 1)
	r.limit(1)
	r.eventAnyway("STOP", "meanwhile")
	r.tells(hook, 2)
	r.says("nothing can be kept on disk")
	r.limit(unix.RLIM_INFINITY)
	r.event("STOP", "after", "")
	r.tells(hook, 3)
	r.says("the disk takes everything again")
	r.settle() // what is missing in the journal is in the next checkpoint
	r.again()
	r.event("RESUME", "meanwhile", "")
	r.tells(hook, 4)
	r.settle()
	r.stop()
	want := []string{"firing Paused before", "firing Paused meanwhile", "firing Paused after", "resolved Paused meanwhile"}
	r.told(hook, want)
}

// TestStartOnAFullDisk: what was decided when the former process died goes out,
// and so does what happens next.
func TestStartOnAFullDisk(t *testing.T) {
	t.Parallel()
	r, hook := paused(t)
	r.position() // it runs
	r.kill()
	r.wait()
	r.start("decided:1")
	r.eventAnyway("STOP", "before")
	r.wait()
	r.full = true
	r.start("")
	r.says("nothing can be kept on disk")
	r.tells(hook, 1)
	r.eventAnyway("STOP", "meanwhile")
	r.tells(hook, 2)
	r.limit(unix.RLIM_INFINITY)
	r.event("STOP", "after", "")
	r.tells(hook, 3)
	r.says("the disk takes everything again")
	r.settle() // what is missing in the journal is in the next checkpoint
	r.full = false
	r.again()
	r.event("RESUME", "before", "")
	r.tells(hook, 4)
	r.settle()
	r.stop()
	r.told(hook, []string{"firing Paused before", "firing Paused meanwhile", "firing Paused after", "resolved Paused before"})
}

// told compares what the webhook was told, without the numbers.
func (r *restartable) told(hook *inbox, want []string) {
	r.t.Helper()
	var got []string
	for _, line := range hook.list() {
		line, _, _ = strings.Cut(line, " count=")
		got = append(got, line)
	}
	if !slices.Equal(got, want) {
		r.t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// eventAnyway lets an event happen that the journal may not take.
func (r *restartable) eventAnyway(event, vm string) {
	now := time.Now().UnixMicro()
	f := feed{t: r.t, path: filepath.Join(r.dir, "in.ndjson")}
	f.append(fmt.Sprintf(`{"timestamp":{"seconds":%d,"microseconds":%d},"event":"%s","vm":"%s"}`+"\n", now/1e6, now%1e6, event, vm))
}

// TestDamagedState: whatever happened to the files, the daemon starts, keeps
// what was damaged aside, and tells of what fires; at worst once more.
func TestDamagedState(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(db, journal []byte) ([]byte, []byte){
		"a database of rubbish": func(db, j []byte) ([]byte, []byte) { return bytes.Repeat([]byte("rubbish\n"), len(db)/8), j },
		"half a database":       func(db, j []byte) ([]byte, []byte) { return db[:len(db)/2], j },
		"a page of zeroes": func(db, j []byte) ([]byte, []byte) {
			clear(db[2*4096 : 3*4096])
			return db, j
		},
		"a journal that breaks off":          func(db, j []byte) ([]byte, []byte) { return db, j[:len(j)-20] },
		"a flipped bit in the journal":       func(db, j []byte) ([]byte, []byte) { j[len(j)/2] ^= 4; return db, j },
		"no database":                        func(_, j []byte) ([]byte, []byte) { return nil, j },
		"no journal":                         func(db, _ []byte) ([]byte, []byte) { return db, nil },
		"a flipped bit in the database":      func(db, j []byte) ([]byte, []byte) { db[len(db)/3] ^= 1; return db, j },
		"rubbish at the journal's end":       func(db, j []byte) ([]byte, []byte) { return db, append(j, "\x00\xff{]"...) },
		"both of rubbish so that all is new": func(db, j []byte) ([]byte, []byte) { return []byte("x"), []byte("y") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, hook := paused(t)
			r.event("STOP", "db1", "")
			r.tells(hook, 1)
			r.delivered()
			r.kill()
			r.wait()
			r.damage(damage)
			r.start("")
			r.event("STOP", "db2", "")
			r.until("the new alert is told", func() bool {
				return slices.ContainsFunc(hook.list(), func(s string) bool { return strings.HasPrefix(s, "firing Paused db2") })
			})
			r.settle()
			r.stop()
			for _, line := range hook.list() {
				if !strings.HasPrefix(line, "firing Paused db") {
					t.Errorf("told %s", line)
				}
			}
		})
	}
}

// damage changes the files of the state directory.
func (r *restartable) damage(change func(db, journal []byte) ([]byte, []byte)) {
	r.t.Helper()
	db := filepath.Join(r.dir, "state", "qmpalert.db")
	segments, err := filepath.Glob(filepath.Join(r.dir, "state", "journal", "*.ndjson"))
	if err != nil || len(segments) == 0 {
		r.t.Fatalf("no journal: %v", err)
	}
	newest := segments[len(segments)-1]
	d, dErr := os.ReadFile(db)
	j, jErr := os.ReadFile(newest)
	if dErr != nil || jErr != nil {
		r.t.Fatal(dErr, jErr)
	}
	d, j = change(d, j)
	for path, text := range map[string][]byte{db: d, newest: j} {
		if text == nil {
			err = os.Remove(path)
		} else {
			err = os.WriteFile(path, text, 0o600)
		}
		if err != nil {
			r.t.Fatal(err)
		}
	}
}

// TestTwoDaemons: the second one on a state directory says so and ends; the
// first goes on.
func TestTwoDaemons(t *testing.T) {
	t.Parallel()
	r, hook := paused(t)
	r.event("STOP", "db1", "")
	second := exec.Command(os.Args[0])
	second.Env = append(os.Environ(), configEnv+"="+filepath.Join(r.dir, "qmpalert.yml"))
	out, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another qmpalert uses it (process "+fmt.Sprint(r.cmd.Process.Pid)) {
		t.Errorf("the second daemon: %v\n%s", err, out)
	}
	r.event("RESUME", "db1", "")
	r.tells(hook, 2)
	r.stop()
}

// TestClockSetBack: events of an hour that is still to come were received by a
// former process, whose clock was wrong. Nothing waits for that hour, and
// nothing is told twice. Nor does it matter what a file says of its events.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		off     time.Duration
		journal bool // by a former process
	}{
		"back": {time.Hour, true}, "forth": {-time.Hour, true}, "a file ahead": {1e5 * time.Hour, false}, "a file behind": {-time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, hook := paused(t)
			then := time.Now().Add(c.off).UnixMicro()
			line := fmt.Sprintf(`{"timestamp":{"seconds":%d,"microseconds":%d},"event":"STOP","host":"kvm07","vm":"db1","received":%q}`,
				then/1e6, then%1e6, time.UnixMicro(then).UTC().Format("2006-01-02T15:04:05.000000Z"))
			if c.journal {
				r.position() // it runs
				r.stop()
				r.journalled(line)
				r.start("")
			} else {
				f := feed{t: t, path: filepath.Join(r.dir, "in.ndjson")}
				f.append(line + "\n")
			}
			r.tells(hook, 1)
			r.delivered()
			r.again()
			r.event("STOP", "db2", "")
			r.event("RESUME", "db1", "")
			r.tells(hook, 3)
			r.settle()
			r.stop()
			r.told(hook, []string{"firing Paused db1", "firing Paused db2", "resolved Paused db1"})
		})
	}
}

// journalled adds an entry to the journal of a daemon that does not run.
func (r *restartable) journalled(line string) {
	r.t.Helper()
	j, _, err := store.OpenJournal(filepath.Join(r.dir, "state", "journal"), store.JournalOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := j.Append([]byte(line)); err != nil {
		r.t.Error(err)
	}
	if err := j.Close(); err != nil {
		r.t.Fatal(err)
	}
}
