package daemon

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

const askingRules = `
groups:
  - name: g
    rules:
      - alert: PausedByIOError
        event: STOP
        resolve: RESUME
        confirm: {query: query-status, expr: 'status == "io-error"'}
        attach: [query-status, query-block]
      - alert: PausedByHand
        event: STOP
        resolve: RESUME
        confirm: {query: query-status, expr: 'status == "paused"'}
      - alert: Paused
        event: STOP
        resolve: RESUME
`

// askReal runs askingRules on a real QEMU until it has stopped by begin and
// answered both questions, and returns what the console shows.
func askReal(t *testing.T, recipe qemutest.Recipe, begin func(*qemutest.VM)) string {
	vm := qemutest.Start(t, recipe)
	answers, recording := newLines(), newLines()
	var live []alert.Change
	r := &rig{t: t, dir: t.TempDir(), console: newLines(), log: newLines()}
	r.write("rules.yml", askingRules)
	r.run(vm.Socket, "rules.yml", Options{OnChange: func(c alert.Change) { live = append(live, c) }, OnEvent: func(ev *event.Event) {
		fmt.Fprintf(recording, "%s\n", ev.AppendJSON(nil))
		if d, ok := ev.Data.(*qmp.QMPAlertAnswer); ok {
			fmt.Fprintf(answers, "answer %s return=%t error=%q\n", d.Query.V, d.Return.Set, d.Error.V)
		}
	}})
	r.log.wait(t, `msg="monitor connected"`, 1)
	begin(vm)
	answers.wait(t, "answer query-status return=true", 2)
	r.console.wait(t, " Paused ", 1)
	r.console.wait(t, " PausedBy", 1)
	r.stop()
	r.write("recording.ndjson", recording.String())
	sameAgain(t, r, live)
	return r.console.String()
}

// sameAgain replays what a daemon recorded: what VMs answered then decides again.
func sameAgain(t *testing.T, r *rig, live []alert.Change) {
	t.Helper()
	set, findings := rules.Load([]rules.File{{Name: "rules.yml", Src: []byte(askingRules)}}, rules.Options{})
	if err := findings.Err(); err != nil {
		t.Fatal(err)
	}
	again, err := replay.Run(t.Context(), set, []string{r.path("recording.ndjson")}, replay.Options{Limited: true})
	if err != nil {
		t.Fatal(err)
	}
	replay.Sort(live)
	lines := func(changes []alert.Change) string {
		var b []byte
		for i := range changes {
			b = append(changes[i].AppendJSON(b), '\n')
		}
		return string(b)
	}
	if d := cmp.Diff(lines(live), lines(again.Changes)); d != "" || len(live) < 2 {
		t.Errorf("a replay of %d changes differs:\n%s", len(live), d)
	}
}

func TestConfirmIOError(t *testing.T) {
	console := askReal(t, qemutest.IOErrorStop("db1"), func(vm *qemutest.VM) { vm.Execute("cont", "") })
	for text, want := range map[string]bool{
		"FIRING warning  PausedByIOError": true, "PausedByHand": false,
		`query-status: {"status":"io-error","singlestep":false,"running":false}`: true,
		`query-block: [{`: true, "not confirmed": false,
	} {
		if got := strings.Contains(console, text); got != want {
			t.Errorf("%q is on the console: %t, want %t\n%s", text, got, want, console)
		}
	}
}

func TestConfirmByHand(t *testing.T) {
	console := askReal(t, qemutest.Plain("db1"), func(vm *qemutest.VM) {
		vm.Execute("cont", "")
		vm.Execute("stop", "")
	})
	if !strings.Contains(console, "FIRING warning  PausedByHand") || strings.Contains(console, "PausedByIOError") {
		t.Error(console)
	}
}

// asked is a rig whose VM leaves questions to the test.
type asked struct {
	*rig
	conn *qemutest.Conn
	got  chan qemutest.Command
}

func startAsked(t *testing.T, rules string, o Options) *asked {
	t.Helper()
	a := &asked{rig: &rig{t: t, dir: t.TempDir(), console: newLines(), log: newLines()}, got: make(chan qemutest.Command, 16)}
	conns := make(chan *qemutest.Conn, 1)
	fake := qemutest.ListenUnix(t, "vm1.qmp", func(c *qemutest.Conn) {
		c.Negotiate()
		c.Identify("vm1", "")
		conns <- c
		for {
			a.got <- c.Receive()
		}
	})
	a.write("rules.yml", rules)
	a.run(fake.Addr, "rules.yml", o)
	t.Cleanup(fake.Close)
	a.log.wait(t, `msg="monitor connected"`, 1)
	a.conn = <-conns
	return a
}

// event lets the VM send an event now.
func (a *asked) event(name string) {
	now := time.Now().UnixMicro()
	a.conn.Send(fmt.Sprintf(`{"timestamp": {"seconds": %d, "microseconds": %d}, "event": %q}`+"\r\n", now/1e6, now%1e6, name))
}

// next is the next question.
func (a *asked) next() qemutest.Command {
	a.t.Helper()
	select {
	case cmd := <-a.got:
		return cmd
	case <-time.After(patience):
		a.t.Fatalf("nothing was asked:\n%s", a.log)
		panic("unreachable")
	}
}

const attachingRules = `
groups:
  - name: g
    rules:
      - alert: Slow
        event: STOP
        resolve: RESUME
        attach: [query-status, query-jobs]
      - alert: Fast
        event: STOP
        resolve: RESUME
`

// TestAttachHoldsUpNothingElse: while a VM thinks, other alerts are told, and
// what comes after the message that waits stays behind it.
func TestAttachHoldsUpNothingElse(t *testing.T) {
	a := startAsked(t, attachingRules, Options{AskTimeout: patience})
	a.event("STOP")
	questions := []qemutest.Command{a.next(), a.next()}
	a.event("RESUME")
	a.console.wait(t, "RESOLVED", 1)
	if text := a.console.String(); strings.Contains(text, "Slow") {
		t.Fatalf("Slow was told before its VM had answered:\n%s", text)
	}
	for _, q := range questions {
		if q.Execute == "query-jobs" {
			a.conn.Refuse(q, "GenericError", "no jobs today")
		} else {
			a.conn.Return(q, `{"status": "paused"}`)
		}
	}
	a.console.wait(t, "RESOLVED", 2)
	text := a.console.String()
	slow := text[strings.Index(text, "FIRING warning  Slow"):]
	for _, part := range []string{`query-status: {"status":"paused"}`, "query-jobs: ", "no jobs today", "RESOLVED"} {
		i := strings.Index(slow, part)
		if i < 0 {
			t.Fatalf("%q is not behind what comes before it:\n%s", part, text)
		}
		slow = slow[i:]
	}
}

// TestNoAnswer: a VM that says nothing holds up a message for as long as is
// allowed; one that has gone, not at all. Both are said.
func TestNoAnswer(t *testing.T) {
	a := startAsked(t, attachingRules, Options{AskTimeout: 20 * time.Millisecond})
	a.event("STOP")
	a.console.wait(t, "query-status: no answer within 20ms", 1)
	a.conn.Close()
	a.log.wait(t, "state=waiting", 1)
	a.stop()

	b := startAsked(t, strings.ReplaceAll(attachingRules, "STOP", "QMPALERT_DISCONNECTED"), Options{AskTimeout: patience})
	b.conn.Close()
	b.console.wait(t, "query-status: no monitor of this VM is connected", 1)
}

// TestStopWhileAsking: nobody waits for an answer at the end, and what waited
// for it is sent without.
func TestStopWhileAsking(t *testing.T) {
	a := startAsked(t, attachingRules, Options{AskTimeout: patience})
	a.event("STOP")
	a.next()
	a.next()
	a.stop()
	if text := a.console.String(); !strings.Contains(text, "FIRING warning  Slow") || !strings.Contains(text, "query-jobs: qmpalert is stopping") {
		t.Errorf("on the console:\n%s", text)
	}
}

// TestConfirmUnanswered: no monitor to ask is an answer: the alert fires and
// says that it is not confirmed.
func TestConfirmUnanswered(t *testing.T) {
	a := startAsked(t, `
groups:
  - name: g
    rules:
      - alert: Gone
        event: QMPALERT_DISCONNECTED
        resolve: QMPALERT_CONNECTED
        confirm: {query: query-status, expr: 'running'}
`, Options{})
	a.conn.Close()
	a.console.wait(t, "FIRING warning  Gone", 1)
	a.console.wait(t, "not confirmed: query-status failed: no monitor of this VM is connected", 1)
}

// TestAskerIsBounded: a VM that does not answer takes no room from others, and
// gets no more than a few questions at once; all VMs together take only so much.
func TestAskerIsBounded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var mu sync.Mutex
	atOnce, most := map[string]int{}, 0
	begunQuery := make(chan struct{}, maxAsking)
	a := newAsker(ctx, patience, func(ctx context.Context, _, vm string, _ qmp.Query) ([]byte, error) {
		count := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			atOnce[vm] += n
			most = max(most, atOnce[vm])
		}
		count(1)
		defer count(-1)
		begunQuery <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	})
	failed := make(chan error, maxAsking)
	ask := func(ctx context.Context, v *interview) {
		_, err := v.query(ctx, "query-status")
		failed <- err
	}
	begun := func(vm string) (n int) {
		for a.run("h", vm, ask) {
			n++
		}
		return n
	}
	if n := begun("db1"); n != maxAskingVM {
		t.Errorf("%d topics of one VM, want %d", n, maxAskingVM)
	}
	all := maxAskingVM
	for i := range maxAsking {
		all += begun(fmt.Sprint(i))
	}
	if all != maxAsking {
		t.Errorf("%d topics of all VMs, want %d", all, maxAsking)
	}
	for range maxQueries * maxAsking / maxAskingVM {
		<-begunQuery
	}
	cancel()
	a.wait()
	if most != maxQueries {
		t.Errorf("%d queries at one monitor, want %d", most, maxQueries)
	}
	for range all {
		if err := <-failed; err == nil || err.Error() != "qmpalert is stopping" {
			t.Fatalf("asked: %v", err)
		}
	}
	if len(a.asked) != 0 || a.total != 0 {
		t.Errorf("%d topics of %d VMs are left", a.total, len(a.asked))
	}
	if _, err := (&interview{asker: a}).query(t.Context(), "quit"); err == nil || !strings.Contains(err.Error(), "not asked") {
		t.Errorf("quit: %v", err)
	}
}

func TestAttachments(t *testing.T) {
	large := `["` + strings.Repeat("é", 2000) + `"]`
	large = "[" + strings.Repeat(large+",", 999) + large + "]"
	middle := "[" + strings.Repeat(`"`+strings.Repeat("x", 1000)+`",`, 59) + `"x"]`
	a := newAsker(t.Context(), patience, func(_ context.Context, _, vm string, q qmp.Query) ([]byte, error) {
		switch q {
		case qmp.QueryBlock:
			return []byte(large), nil
		case qmp.QueryStatus:
			return []byte(`{"status": "a\u001bb", "vm": "` + vm + `"}`), nil
		}
		return []byte(middle), nil
	})
	got := a.begin("h", "db1").attachments(t.Context(), []string{"query-status", "query-block", "query-jobs", "query-vnc", "screendump"})
	if s := got[0]; s.JSON != `{"status":"a\u001bb","vm":"db1"}` || s.Cut || s.Error != "" {
		t.Errorf("small: %+v", s)
	}
	if s := got[1]; !s.Cut || len(s.JSON) > maxAttachment || !utf8.ValidString(s.JSON) || !strings.HasSuffix(s.JSON, " bytes cut)") {
		t.Errorf("large: %d bytes, %t", len(s.JSON), s.Cut)
	}
	if s := got[2]; s.Cut || s.Error != "" || len(s.JSON) < 50_000 {
		t.Errorf("middle: %d bytes, %q", len(s.JSON), s.Error)
	}
	if s := got[3]; s.JSON != "" || !strings.Contains(s.Error, "more than 128 KiB together") {
		t.Errorf("too much: %d bytes, %q", len(s.JSON), s.Error)
	}
	if s := got[4]; !strings.Contains(s.Error, "not asked by this version") {
		t.Errorf("screendump: %+v", s)
	}
	if s := a.begin("h", "").attachments(t.Context(), []string{"query-status"})[0]; s.Error != "there is no VM to ask" {
		t.Errorf("no VM: %+v", s)
	}
}
