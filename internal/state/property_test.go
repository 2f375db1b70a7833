package state_test

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

var endpoints = []deliver.EndpointID{{Receiver: "ops", Name: "slack"}, {Receiver: "ops", Name: "slack 2"}, {Receiver: "ops\x00", Name: ""}}

// model is what a State must hold, as maps.
type model struct {
	position uint64
	known    map[string]bool
	waiting  map[deliver.EndpointID][]waits
	dead     map[deliver.EndpointID]map[string]bool
	receipts map[string]string // endpoint, group → handle
	changes  map[alert.Fingerprint]int
	notes    map[alert.Fingerprint]int
	saved    []uint64 // positions of the checkpoints
}

type waits struct {
	ID              string
	Tries, Messages int
	Sealed          bool
}

func (m *model) clone() *model {
	c := *m
	c.known, c.receipts, c.changes, c.notes = maps.Clone(m.known), maps.Clone(m.receipts), maps.Clone(m.changes), maps.Clone(m.notes)
	c.waiting, c.dead = map[deliver.EndpointID][]waits{}, map[deliver.EndpointID]map[string]bool{}
	for _, e := range endpoints {
		c.waiting[e], c.dead[e] = slices.Clone(m.waiting[e]), maps.Clone(m.dead[e])
	}
	c.saved = slices.Clone(m.saved)
	return &c
}

// steps are what the log decides: the same whenever it is stepped through.
type steps []state.Step

func (s *steps) at(t *rapid.T, position uint64) state.Step {
	for uint64(len(*s)) < position {
		p := uint64(len(*s)) + 1
		step := state.Step{Position: p}
		for i := range rapid.IntRange(0, 2).Draw(t, "notifications") {
			n := notifiers.Notification{
				ID: fmt.Sprint("n", p, "-", i), Receiver: "ops", GroupKey: fmt.Sprint("g", p%3), Kind: notifiers.KindFiring, Status: alert.Firing, At: int64(p),
			}
			to := rapid.SliceOfNDistinct(rapid.SampledFrom(endpoints), 0, 2, rapid.ID).Draw(t, "endpoints")
			step.Puts = append(step.Puts, state.Put{Notification: n, Endpoints: to})
		}
		if rapid.Bool().Draw(t, "change") {
			f := alert.Fingerprint(p % 4)
			step.Changes = []alert.Change{{At: int64(p), Fingerprint: f, Status: alert.Firing, Name: "A", ActiveAt: 1, StartsAt: 1, EndsAt: qmp.NoTime}}
			step.Notes = []dispatch.Note{{At: int64(p), Fingerprint: f, StartsAt: 1, What: dispatch.Told}}
		}
		*s = append(*s, step)
	}
	return (*s)[position-1]
}

// machine is a State under test, beside its model.
type machine struct {
	t     *rapid.T
	base  string
	dirs  int
	dir   string
	s     *state.State
	m     *model
	steps steps
	next  uint64 // position to be stepped through next
}

// TestAgainstModel draws decisions, deliveries, checkpoints and deaths, between
// transactions and in the middle of one, and compares what is remembered with
// maps. After a death the log is stepped through again from the checkpoint on,
// in other batches than before.
func TestAgainstModel(t *testing.T) {
	base := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		mc := &machine{t: t, base: filepath.Join(base, fmt.Sprint(run)), next: 1, m: &model{
			known: map[string]bool{}, waiting: map[deliver.EndpointID][]waits{}, dead: map[deliver.EndpointID]map[string]bool{},
			receipts: map[string]string{}, changes: map[alert.Fingerprint]int{}, notes: map[alert.Fingerprint]int{},
		}}
		for _, e := range endpoints {
			mc.m.dead[e] = map[string]bool{}
		}
		mc.open(nil)
		defer func() { mc.s.Close(); os.RemoveAll(mc.base) }()
		t.Repeat(map[string]func(*rapid.T){
			"commit": mc.transaction(mc.commit), "deliver": mc.transaction(mc.done), "seal": mc.transaction(mc.seal),
			"compose": mc.transaction(mc.compose), "revive": mc.transaction(mc.revive), "checkpoint": mc.checkpoint,
			"die": func(t *rapid.T) { mc.open(mc.file()) },
			"":    mc.compare,
		})
	})
}

func (mc *machine) file() []byte {
	b, err := os.ReadFile(filepath.Join(mc.dir, state.File))
	if err != nil {
		mc.t.Fatal(err)
	}
	return b
}

// open goes on with another process that finds this database.
func (mc *machine) open(file []byte) {
	if mc.s != nil {
		mc.s.Close()
	}
	mc.dirs++
	mc.dir = filepath.Join(mc.base, fmt.Sprint(mc.dirs))
	if err := os.MkdirAll(mc.dir, 0o750); err != nil {
		mc.t.Fatal(err)
	}
	if file != nil {
		if err := os.WriteFile(filepath.Join(mc.dir, state.File), file, 0o600); err != nil {
			mc.t.Fatal(err)
		}
	}
	var err error
	if mc.s, err = state.Open(mc.dir, state.Options{}); err != nil {
		mc.t.Fatal(err)
	}
	mc.next = 1
	if _, err := mc.s.Load(func(c state.Checkpoint, _ []rules.File) error { mc.next = c.Position + 1; return nil }); err != nil {
		mc.t.Fatal(err)
	}
}

// transaction lets the process die in the middle of every fifth transaction:
// its pages are on the disk, what makes them count is not.
func (mc *machine) transaction(act func(*rapid.T)) func(*rapid.T) {
	return func(t *rapid.T) {
		mc.t = t
		if rapid.IntRange(0, 4).Draw(t, "dies") > 0 {
			act(t)
			return
		}
		before, model := mc.file(), mc.m.clone()
		act(t)
		after := mc.file()
		copy(after[:2*os.Getpagesize()], before)
		mc.m = model
		mc.open(after)
	}
}

func (mc *machine) commit(t *rapid.T) {
	n := uint64(rapid.IntRange(1, 4).Draw(t, "entries"))
	b := state.Batch{Position: mc.next + n - 1, At: int64(mc.next)}
	var want []string
	for p := mc.next; p < mc.next+n; p++ {
		step := mc.steps.at(t, p)
		b.Steps = append(b.Steps, step)
		for _, put := range step.Puts {
			if mc.m.known[put.Notification.ID] || len(put.Endpoints) == 0 {
				continue
			}
			mc.m.known[put.Notification.ID] = true
			for _, e := range put.Endpoints {
				want = append(want, put.Notification.ID+e.String())
				mc.m.waiting[e] = append(mc.m.waiting[e], waits{ID: put.Notification.ID, Messages: 1})
			}
		}
		if p > mc.m.position {
			for _, c := range step.Changes {
				mc.m.changes[c.Fingerprint]++
				mc.m.notes[c.Fingerprint]++
			}
		}
	}
	mc.m.position = max(mc.m.position, b.Position)
	mc.next += n
	queued, err := mc.s.Commit(b)
	var got []string
	for _, q := range queued {
		got = append(got, q.Item.ID+q.Endpoint.String())
	}
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("queued %q, %v; want %q", got, err, want)
	}
}

// one draws a message that waits; there may be none.
func (mc *machine) one(t *rapid.T) (e deliver.EndpointID, it deliver.Item, i int) {
	e = rapid.SampledFrom(endpoints).Draw(t, "endpoint")
	if len(mc.m.waiting[e]) == 0 {
		return e, it, -1
	}
	i = rapid.IntRange(0, len(mc.m.waiting[e])-1).Draw(t, "message")
	items, err := mc.s.Outbox().Items(e)
	if err != nil {
		t.Fatal(err)
	}
	return e, items[i], i
}

func (mc *machine) done(t *rapid.T) {
	e, it, i := mc.one(t)
	if i < 0 {
		return
	}
	if rapid.Bool().Draw(t, "tried") {
		mc.m.waiting[e][i].Tries++
		if err := mc.s.Outbox().Tried(e, it.Seq, deliver.Try{At: 1}); err != nil {
			t.Fatal(err)
		}
		return
	}
	out := deliver.Outcome{At: 2, Receipts: []deliver.GroupReceipt{{Group: it.Group, Receipt: notifiers.Receipt(rapid.SampledFrom([]string{"", "r1", "r2"}).Draw(t, "receipt"))}}}
	mc.m.receipts[e.String()+it.Group] = string(out.Receipts[0].Receipt)
	if rapid.Bool().Draw(t, "dead") {
		out.Reason = deliver.Rejected
		mc.m.dead[e][it.ID] = true
	}
	mc.m.waiting[e] = slices.Delete(mc.m.waiting[e], i, i+1)
	if err := mc.s.Outbox().Done(e, it.Seq, out); err != nil {
		t.Fatal(err)
	}
}

func (mc *machine) seal(t *rapid.T) {
	e, it, i := mc.one(t)
	if i < 0 {
		return
	}
	mc.m.waiting[e][i].Sealed = true
	if err := mc.s.Outbox().Seal(e, it.Seq); err != nil {
		t.Fatal(err)
	}
}

func (mc *machine) compose(t *rapid.T) {
	e, _, i := mc.one(t)
	if i < 0 {
		return
	}
	items, err := mc.s.Outbox().Items(e)
	if err != nil {
		t.Fatal(err)
	}
	n := notifiers.Notification{ID: "of", Receiver: e.Receiver, Kind: notifiers.KindDigest, Status: alert.Firing}
	var seqs []uint64
	messages := 0
	for _, it := range items[i:] {
		seqs = append(seqs, it.Seq)
		n.ID += " " + it.ID
		messages += it.Messages
	}
	mc.m.waiting[e] = append(mc.m.waiting[e][:i], waits{ID: n.ID, Messages: messages, Sealed: true})
	mc.m.known[n.ID] = true
	if _, err := mc.s.Outbox().Compose(e, seqs, n); err != nil {
		t.Fatal(err)
	}
}

func (mc *machine) revive(t *rapid.T) {
	letters, err := mc.s.Outbox().DeadLetters()
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) == 0 {
		return
	}
	l := rapid.SampledFrom(letters).Draw(t, "letter")
	delete(mc.m.dead[l.Endpoint], l.Item.ID)
	mc.m.waiting[l.Endpoint] = append(mc.m.waiting[l.Endpoint], waits{ID: l.Item.ID, Messages: l.Item.Messages, Sealed: true})
	if _, err := mc.s.Outbox().Revive(l.Endpoint, l.Item.Seq, 3); err != nil {
		t.Fatal(err)
	}
}

func (mc *machine) checkpoint(t *rapid.T) {
	if mc.next-1 < mc.m.position {
		return // the log is still stepped through again
	}
	from := uint64(0)
	if n := len(mc.m.saved); n > 0 {
		from = mc.m.saved[n-1]
	}
	hash, err := mc.s.KeepRules(mc.next-1, []rules.File{{Name: "a.yml", Src: []byte(fmt.Sprint(mc.next))}})
	if err == nil {
		err = mc.s.Save(from, state.Checkpoint{Position: mc.next - 1, Rules: hash})
	}
	if err != nil {
		t.Fatal(err)
	}
	mc.m.saved = append(mc.m.saved, mc.next-1)
	mc.m.saved = mc.m.saved[max(0, len(mc.m.saved)-2):]
}

func (mc *machine) compare(t *rapid.T) {
	mc.t = t
	same := func(what string, got, want any) {
		if d := gocmp.Diff(want, got); d != "" {
			t.Fatalf("%s (-want +got):\n%s", what, d)
		}
	}
	same("position", mc.s.Position(), mc.m.position)
	dead := map[deliver.EndpointID]map[string]bool{}
	for _, e := range endpoints {
		dead[e] = map[string]bool{}
		items, err := mc.s.Outbox().Items(e)
		if err != nil {
			t.Fatal(err)
		}
		var got []waits
		for _, it := range items {
			n, err := mc.s.Outbox().Load(e, it.Seq)
			if err != nil || n.ID != it.ID {
				t.Fatalf("%s: body %s, %v", it.ID, n.ID, err)
			}
			got = append(got, waits{it.ID, it.Tries, it.Messages, it.Sealed})
		}
		if len(got)+len(mc.m.waiting[e]) > 0 {
			same(e.String(), got, mc.m.waiting[e])
		}
		for _, g := range []string{"g0", "g1", "g2"} {
			r, err := mc.s.Outbox().Receipt(e, g)
			if err != nil {
				t.Fatal(err)
			}
			same("receipt", string(r), mc.m.receipts[e.String()+g])
		}
	}
	letters, err := mc.s.Outbox().DeadLetters()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		dead[l.Endpoint][l.Item.ID] = true
	}
	same("dead letters", dead, mc.m.dead)
	mc.history(same)
	needed, err := mc.s.Needed()
	if err != nil {
		t.Fatal(err)
	}
	same("needed", needed, cmp.Or(append(slices.Clone(mc.m.saved), 0)[0], 0))
}

func (mc *machine) history(same func(string, any, any)) {
	changes, notes := map[alert.Fingerprint]int{}, map[alert.Fingerprint]int{}
	lives, more, err := mc.s.Lives(state.Filter{})
	if err != nil || more {
		mc.t.Fatal(err, more)
	}
	for _, l := range lives {
		story, err := mc.s.Story(l.Fingerprint, l.StartsAt)
		if err != nil || story == nil {
			mc.t.Fatal(story, err)
		}
		changes[l.Fingerprint], notes[l.Fingerprint] = len(story.Changes), len(story.Notes)
	}
	same("changes", changes, mc.m.changes)
	same("notes", notes, mc.m.notes)
}
