package demo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/examples"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recording is what a monitor says that has nothing but n STOP events.
func recording(vm string, n int) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "{\"QMP\": {}}\n{\"return\": {}}\n{\"return\": {\"name\": %q}}\n{\"return\": {\"UUID\": \"u-%s\"}}\n", vm, vm)
	for i := range n {
		fmt.Fprintf(&b, `{"timestamp": {"seconds": %d, "microseconds": 0}, "event": "STOP"}`+"\n", 100+i)
	}
	return []byte(b.String())
}

// watch reads a monitor as qmpalert does and returns the times of its events.
func watch(t *testing.T, socket string) []int64 {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Error(err)
		return nil
	}
	var times []int64
	client, err := qmp.NewClient(t.Context(), conn, qmp.ClientOptions{OnEvent: func(ev *qmp.Event) { times = append(times, ev.Time) }})
	if err != nil {
		t.Error(err)
		return nil
	}
	defer client.Close()
	name, err := client.Query(t.Context(), qmp.QueryName)
	if vm := strings.TrimSuffix(filepath.Base(socket), ".qmp"); err != nil || string(name) != `{"name":"`+vm+`"}` {
		t.Errorf("query-name: %s, %v", name, err)
	}
	if _, err := client.Query(t.Context(), qmp.QueryStatus); err == nil {
		t.Error("a question that the show does not know was answered")
	}
	if _, err := client.Query(t.Context(), qmp.QueryUUID); err != nil {
		t.Error(err)
	}
	<-client.Done()
	return times
}

func TestPlay(t *testing.T) {
	dir := qemutest.ShortDir(t)
	var scenes []*Scene
	for vm, n := range map[string]int{"a": 1, "b": 5} {
		s, err := NewScene(recording(vm, n), 0)
		if err != nil {
			t.Fatal(err)
		}
		scenes = append(scenes, s)
	}
	var mu sync.Mutex
	now, played := int64(0), map[string]int{}
	show := Show{
		Speed: 1000,
		Now:   func() int64 { mu.Lock(); defer mu.Unlock(); now++; return now },
		Plays: func(vm string, ev *event.Event) { mu.Lock(); defer mu.Unlock(); played[vm+" "+ev.Name]++ },
	}
	if err := show.Listen(dir, scenes); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var a, b []int64
	wg.Go(func() { show.Play(t.Context()) })
	wg.Go(func() { a = watch(t, filepath.Join(dir, "a.qmp")) })
	wg.Go(func() { b = watch(t, filepath.Join(dir, "b.qmp")) })
	wg.Wait()
	if len(a) != 1 || len(b) != 5 || !slices.IsSorted(b) || b[4] > 6 {
		t.Errorf("the clients saw %v and %v", a, b)
	}
	if played["a STOP"] != 1 || played["b STOP"] != 5 {
		t.Errorf("the show says that it played %v", played)
	}
	for _, s := range scenes {
		if _, err := os.Stat(filepath.Join(dir, s.VM+".qmp")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket of %s stayed: %v", s.VM, err)
		}
	}
}

// TestStop: a show ends when it is told to, with a client in the middle of it
// or without one.
func TestStop(t *testing.T) {
	dir := qemutest.ShortDir(t)
	var scenes []*Scene
	for _, vm := range []string{"alone", "watched"} {
		s, err := NewScene(recording(vm, 1000), 0)
		if err != nil {
			t.Fatal(err)
		}
		scenes = append(scenes, s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	show := Show{Now: func() int64 { return 1 }, Plays: func(string, *event.Event) { cancel() }}
	if err := show.Listen(dir, scenes); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() { show.Play(ctx) })
	watch(t, filepath.Join(dir, "watched.qmp"))
	wg.Wait()
}

// TestLeavesNothing: when one socket cannot be made, none stays.
func TestLeavesNothing(t *testing.T) {
	dir := qemutest.ShortDir(t)
	s, err := NewScene(recording("a", 1), 0)
	if err != nil {
		t.Fatal(err)
	}
	var show Show
	if err := show.Listen(dir, []*Scene{s, s}); err == nil {
		t.Error("two monitors on one socket are no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v stayed, %v", left, err)
	}
}

// TestScenes: every recording that the program carries can be shown, and keeps
// what it has.
func TestScenes(t *testing.T) {
	for _, r := range examples.Recordings() {
		s, err := NewScene(r.Data, 0)
		if err != nil {
			t.Errorf("%s: %v", r.Name, err)
			continue
		}
		vm := strings.TrimSuffix(filepath.Base(r.Name), ".ndjson")
		if s.VM != vm || s.Events() < 8 {
			t.Errorf("%s: VM %q, %d events", r.Name, s.VM, s.Events())
		}
	}
	for name, text := range map[string]string{"empty": "", "nobody's": `{"event": "STOP"}`, "damaged": `{"event": `, "silent": string(recording("a", 0))} {
		if _, err := NewScene([]byte(text), 0); err == nil {
			t.Errorf("a recording that is %s is no error", name)
		}
	}
}
