package e2e

import (
	"bytes"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/rules"
)

// lines are changes as replay prints them, sorted.
func lines(changes []alert.Change) []byte {
	replay.Sort(changes)
	var b []byte
	for i := range changes {
		b = append(changes[i].AppendJSON(b), '\n')
	}
	return b
}

// TestReplayGivesTheSameBytes replays each recording by itself and all of them
// together, as often as it likes and on one core or two.
func TestReplayGivesTheSameBytes(t *testing.T) {
	set := packRules(t)
	names, files := recordings(t)
	var all []string
	for _, name := range names {
		all = append(all, files[name]...)
	}
	play := func(cores int) []byte {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		var out []byte
		for _, paths := range append([][]string{all}, values(names, files)...) {
			result, err := replay.Run(t.Context(), set, paths, replay.Options{})
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, lines(result.Changes)...)
		}
		return out
	}
	want := play(1)
	if bytes.Count(want, []byte(`"status":"firing"`)) < 100 {
		t.Fatalf("only %d bytes of changes: nothing is compared", len(want))
	}
	for _, cores := range []int{1, 2, 2} {
		if got := play(cores); !bytes.Equal(got, want) {
			t.Errorf("on %d cores the same recordings give other bytes: %s", cores, difference(got, want))
		}
	}
}

func values(names []string, files map[string][]string) [][]string {
	var out [][]string
	for _, name := range names {
		out = append(out, files[name])
	}
	return out
}

// difference is the first line that differs.
func difference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range w {
		if i >= len(g) || g[i] != w[i] {
			return "line " + w[i] + "\nbecame " + strings.Join(g[i:min(i+1, len(g))], "")
		}
	}
	return "more lines: " + g[len(w)]
}

// TestLiveIsReplay records what the daemon sees while VMs get into trouble, and
// replays it with the same rules: the same alerts at the same microseconds.
func TestLiveIsReplay(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	h.pack()
	h.write("rules/test.yml", `groups:
  - name: test
    rules:
      # Both wait for what QEMU holds back; the first one has a window, too.
      - {alert: BadReads, event: QUORUM_REPORT_BAD, by: node-name, count: 2, within: 1m}
      - {alert: AnyOfTheHost, event: [STOP, RESUME, SHUTDOWN], scope: host, count: 3, within: 10m}
      - {alert: Stops, event: STOP, resolve: RESUME}
`)
	h.receivers("  - name: ops\n" + newHook(t).yaml())
	bad, io, web := h.start(qemutest.Quorum("db1", true)), h.start(once(qemutest.IOErrorStop("mail1"))), h.start(qemutest.Plain("web1"))

	seen, decided := newPile[[]byte](), newPile[alert.Change]()
	stop := h.watch(func(o *daemon.Options) {
		o.OnEvent = func(ev *event.Event) { seen.add(append(ev.AppendJSON(nil), '\n')) }
		o.OnChange = decided.add
	})
	said := func(name string, status alert.Status) {
		t.Helper()
		decided.until(t, string(status)+" "+name, func(all []alert.Change) bool {
			return slices.ContainsFunc(all, func(c alert.Change) bool { return c.Name == name && c.Status == status })
		})
	}
	for _, vm := range []string{"db1", "mail1", "web1"} {
		h.connected(vm, 1)
	}
	next := ticks(t, 1300*time.Millisecond)
	for i := range 2 {
		next()
		bad.HMP(qemutest.ReadQuorum(64 * i))
		bad.WaitEvent("QUORUM_REPORT_BAD", i+1)
	}
	io.Execute("cont", "")
	io.WaitEvent("STOP", 1)
	stopped(web)
	web.Execute("cont", "")
	web.Kill()
	said("QEMUGone", alert.Firing)
	h.start(qemutest.Plain("web1"))
	h.connected("web1", 2)
	io.Execute("cont", "")
	io.WaitEvent("RESUME", 2)
	bad.Quit()
	said("BadReads", alert.Resolved) // the last event, decided when QEMU holds nothing back any more
	stop()

	recording := h.path("seen.ndjson")
	h.must(os.WriteFile(recording, bytes.Join(seen.list(), nil), 0o600))
	result, err := replay.Run(t.Context(), loadDir(t, h.path("rules")), []string{recording}, replay.Options{Limited: true})
	h.must(err)
	got, want := lines(result.Changes), lines(decided.list())
	if !bytes.Equal(got, want) {
		t.Errorf("replay differs from what the daemon decided: %s\nthe recording:\n%s", difference(got, want), bytes.Join(seen.list(), nil))
	}
}

// loadDir loads the rule files of a directory under the names that the daemon
// gives them.
func loadDir(t *testing.T, dir string) *rules.Set {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var files []rules.File
	for _, e := range entries {
		src, err := os.ReadFile(dir + "/" + e.Name())
		files = append(files, rules.File{Name: e.Name(), Src: src, Err: err})
	}
	set, found := rules.Load(files, rules.Options{Receivers: []string{"ops"}})
	if found.HasErrors() {
		t.Fatal(found)
	}
	return set
}
