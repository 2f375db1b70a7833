package delivertest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/notifiers"
)

// Box is an outbox and the way in, which deliver.Outbox leaves to the
// implementation.
type Box struct {
	deliver.Outbox
	// Put decides a message for endpoints of its receiver, at a time in
	// microseconds since 1970 UTC. It returns what waits now and did not before,
	// in order of the endpoints.
	Put func(to []deliver.EndpointID, n notifiers.Notification, at int64) ([]deliver.Item, error)
}

// The endpoints of the tests.
var (
	slack = deliver.EndpointID{Receiver: "ops", Name: "slack"}
	mail  = deliver.EndpointID{Receiver: "ops", Name: "email 2"}
)

// Outbox runs the contract. open makes an empty outbox on its first call in a
// test; further calls in the same test open the same one again, after the process
// that had it died without warning.
func Outbox(t *testing.T, open func(t *testing.T) func() Box) {
	for name, test := range map[string]func(*testing.T, func() Box){
		"empty": empty, "order": order, "known": known, "bodies": bodies, "seal": seal, "compose": compose,
		"delivered": delivered, "receipts": receipts, "standing": standing, "dead letters": deadLetters,
		"revive": revive, "unknown": unknown, "many": many,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Message is a notification of a group, as small as can be.
func Message(id, group string, status alert.Status) notifiers.Notification {
	return notifiers.Notification{ID: id, Receiver: "ops", GroupKey: group, Kind: notifiers.Kind(status), Status: status, At: 5}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// put decides a message for one endpoint.
func put(t *testing.T, b Box, to deliver.EndpointID, n notifiers.Notification, at int64) deliver.Item {
	t.Helper()
	items, err := b.Put([]deliver.EndpointID{to}, n, at)
	ok(t, err)
	if len(items) != 1 {
		t.Fatalf("%s: %d items, want 1", n.ID, len(items))
	}
	return items[0]
}

func items(t *testing.T, b Box, e deliver.EndpointID) []deliver.Item {
	t.Helper()
	all, err := b.Items(e)
	ok(t, err)
	return all
}

func ids(t *testing.T, b Box, e deliver.EndpointID) []string {
	t.Helper()
	var out []string
	for _, it := range items(t, b, e) {
		out = append(out, it.ID)
	}
	return out
}

func empty(t *testing.T, open func() Box) {
	b := open()
	all, err := b.Endpoints()
	ok(t, err)
	letters, err := b.DeadLetters()
	ok(t, err)
	groups, err := b.Standing(slack)
	ok(t, err)
	receipt, err := b.Receipt(slack, "g")
	ok(t, err)
	if len(all)+len(letters)+len(groups)+len(receipt)+len(items(t, b, slack)) != 0 {
		t.Errorf("a new outbox is not empty: %v %v %v %q", all, letters, groups, receipt)
	}
}

func order(t *testing.T, open func() Box) {
	b := open()
	last := uint64(0)
	for i := range 20 {
		it := put(t, b, slack, Message(fmt.Sprint("m", i), "g", alert.Firing), int64(100+i))
		want := deliver.Item{
			Seq: it.Seq, ID: fmt.Sprint("m", i), Group: "g", Kind: notifiers.KindFiring, Status: alert.Firing,
			At: 5, Put: int64(100 + i), Messages: 1,
		}
		same(t, "item", it, want)
		if it.Seq <= last {
			t.Fatalf("seq %d after %d", it.Seq, last)
		}
		last = it.Seq
		if i%7 == 3 {
			b = open()
		}
	}
	put(t, b, mail, Message("x", "g", alert.Firing), 1)
	b = open()
	got := items(t, b, slack)
	if len(got) != 20 || !slices.IsSortedFunc(got, func(a, b deliver.Item) int { return int(a.Seq) - int(b.Seq) }) {
		t.Errorf("items %v", got)
	}
	same(t, "of the other endpoint", ids(t, b, mail), []string{"x"})
	all, err := b.Endpoints()
	ok(t, err)
	slices.SortFunc(all, func(a, b deliver.EndpointID) int { return len(a.Name) - len(b.Name) })
	same(t, "endpoints", all, []deliver.EndpointID{slack, mail})
}

// known: what waits and is decided again changes nothing; of two endpoints each
// has its own account.
func known(t *testing.T, open func() Box) {
	b := open()
	both := []deliver.EndpointID{slack, mail}
	n := Message("a", "g", alert.Firing)
	first, err := b.Put(both, n, 1)
	ok(t, err)
	if len(first) != 2 {
		t.Fatalf("%d items, want 2", len(first))
	}
	b = open()
	again, err := b.Put(both, n, 2)
	ok(t, err)
	same(t, "put again", len(again), 0)
	same(t, "slack", items(t, b, slack), first[:1])
	ok(t, b.Done(slack, first[0].Seq, deliver.Outcome{At: 3, Tries: 1}))
	same(t, "mail", items(t, b, mail), first[1:])
	body, err := b.Load(mail, first[1].Seq)
	ok(t, err)
	same(t, "body", body, n)
}

func bodies(t *testing.T, open func() Box) {
	b := open()
	n := Message("a", "g", alert.Firing)
	n.Route = "{}"
	n.CommonLabels = alert.Labels{{Name: "vm", Value: "db1\x00\"<é"}}
	n.Timeline = []notifiers.Moment{{At: 1, What: notifiers.Fired, Names: []string{"A"}}}
	it := put(t, b, slack, n, 1)
	for range 2 {
		got, err := b.Load(slack, it.Seq)
		ok(t, err)
		same(t, "body", got, n)
		b = open()
	}
}

func seal(t *testing.T, open func() Box) {
	b := open()
	it := put(t, b, slack, Message("a", "g", alert.Firing), 1)
	put(t, b, slack, Message("b", "g", alert.Resolved), 1)
	for range 2 {
		ok(t, b.Seal(slack, it.Seq))
		b = open()
		got := items(t, b, slack)
		if !got[0].Sealed || got[1].Sealed {
			t.Errorf("items %v", got)
		}
	}
	ok(t, b.Tried(slack, it.Seq, deliver.Try{At: 2, Err: "down"}))
	ok(t, b.Tried(slack, it.Seq, deliver.Try{At: 3, Class: notifiers.Wait, Err: "429"}))
	if got := items(t, open(), slack); got[0].Tries != 2 || !got[0].Sealed || got[1].Tries != 0 {
		t.Errorf("items %v", got)
	}
}

func compose(t *testing.T, open func() Box) {
	b := open()
	var seqs []uint64
	for i, put1 := range []int64{30, 10, 20, 40} {
		seqs = append(seqs, put(t, b, slack, Message(fmt.Sprint("m", i), fmt.Sprint("g", i), alert.Firing), put1).Seq)
	}
	n := Message("digest", "", alert.Firing)
	n.Kind, n.At, n.Carries = notifiers.KindDigest, 9, []string{"m0", "m1", "m2"}
	got, err := b.Compose(slack, seqs[:3], n)
	ok(t, err)
	want := deliver.Item{
		Seq: seqs[0], ID: "digest", Kind: notifiers.KindDigest, Status: alert.Firing, At: 9, Put: 10, Sealed: true, Messages: 3,
	}
	same(t, "composed", got, want)
	b = open()
	same(t, "first", items(t, b, slack)[0], want)
	same(t, "all", ids(t, b, slack), []string{"digest", "m3"})
	body, err := b.Load(slack, seqs[0])
	ok(t, err)
	same(t, "body", body, n)
	if again, err := b.Put([]deliver.EndpointID{slack}, Message("m1", "g1", alert.Firing), 50); err != nil || len(again) != 0 {
		t.Errorf("a carried one was decided again: %v, %v", again, err)
	}
	for _, bad := range [][]uint64{nil, {seqs[1]}, {seqs[3], seqs[2]}, {seqs[3], 1 << 60}} {
		if _, err := b.Compose(slack, bad, Message("bad", "", alert.Firing)); !errors.Is(err, deliver.ErrNoMessage) {
			t.Errorf("Compose(%v): %v", bad, err)
		}
	}
	// A composed one can be carried in turn; its messages count.
	got, err = b.Compose(slack, []uint64{seqs[0], seqs[3]}, Message("all", "", alert.Resolved))
	ok(t, err)
	if got.Messages != 4 || got.Seq != seqs[0] || got.Put != 10 {
		t.Errorf("composed again %v", got)
	}
	ok(t, b.Done(slack, got.Seq, deliver.Outcome{At: 60, Tries: 1}))
	same(t, "after Done", len(items(t, open(), slack)), 0)
}

func delivered(t *testing.T, open func() Box) {
	b := open()
	a := put(t, b, slack, Message("a", "g", alert.Firing), 1)
	put(t, b, slack, Message("b", "g", alert.Resolved), 1)
	ok(t, b.Done(slack, a.Seq, deliver.Outcome{At: 2, Tries: 1, Receipts: []deliver.GroupReceipt{{Group: "g", Receipt: "r"}}}))
	b = open()
	same(t, "left", ids(t, b, slack), []string{"b"})
	if err := b.Done(slack, a.Seq, deliver.Outcome{At: 3}); !errors.Is(err, deliver.ErrNoMessage) {
		t.Errorf("Done again: %v", err)
	}
	if _, err := b.Load(slack, a.Seq); !errors.Is(err, deliver.ErrNoMessage) {
		t.Errorf("Load: %v", err)
	}
	if c := put(t, b, slack, Message("c", "g", alert.Firing), 4); c.Seq <= a.Seq+1 {
		t.Errorf("seq %d is used again", c.Seq)
	}
	letters, err := b.DeadLetters()
	ok(t, err)
	same(t, "dead letters", len(letters), 0)
}

func receipts(t *testing.T, open func() Box) {
	b := open()
	want := func(e deliver.EndpointID, group, receipt string) {
		t.Helper()
		got, err := b.Receipt(e, group)
		ok(t, err)
		same(t, "receipt of "+group, string(got), receipt)
	}
	done := func(id string, reason deliver.Reason, r ...deliver.GroupReceipt) {
		t.Helper()
		it := put(t, b, slack, Message(id, "g", alert.Firing), 1)
		ok(t, b.Done(slack, it.Seq, deliver.Outcome{At: 2, Reason: reason, Receipts: r}))
		b = open()
	}
	done("a", "", deliver.GroupReceipt{Group: "g", Receipt: "1"}, deliver.GroupReceipt{Group: "h", Receipt: "2"})
	want(slack, "g", "1")
	want(slack, "h", "2")
	want(mail, "g", "")
	done("b", "")
	want(slack, "g", "1")
	done("c", deliver.Rejected, deliver.GroupReceipt{Group: "g", Receipt: "3"})
	want(slack, "g", "3")
	done("d", "", deliver.GroupReceipt{Group: "g"}, deliver.GroupReceipt{Group: "unknown"})
	want(slack, "g", "")
	want(slack, "h", "2")

	it := put(t, b, slack, Message("e", "h", alert.Firing), 1)
	ok(t, b.Tried(slack, it.Seq, deliver.Try{At: 1, Err: "x"}))
	want(slack, "h", "2")
	ok(t, b.Tried(slack, it.Seq, deliver.Try{At: 1, Err: "x", Receipt: "so far"}))
	b = open()
	want(slack, "h", "so far")
}

func standing(t *testing.T, open func() Box) {
	b := open()
	done := func(id, group string, s deliver.Standing) {
		t.Helper()
		it := put(t, b, slack, Message(id, group, alert.Firing), 1)
		ok(t, b.Done(slack, it.Seq, deliver.Outcome{At: 2, Standing: s}))
		b = open()
	}
	want := func(groups ...string) {
		t.Helper()
		got, err := b.Standing(slack)
		ok(t, err)
		if !slices.Equal(got, groups) {
			t.Errorf("standing %q, want %q", got, groups)
		}
	}
	done("a", "h", deliver.StandingKeep)
	done("b", "g", deliver.StandingKeep)
	done("c", "g", deliver.StandingKeep)
	done("d", "h", deliver.StandingStays)
	want("g", "h")
	for group, id := range map[string]string{"g": "c", "h": "a"} {
		n, err := b.LoadStanding(slack, group)
		ok(t, err)
		same(t, "standing", n, Message(id, group, alert.Firing))
	}
	done("e", "g", deliver.StandingDrop)
	done("f", "unknown", deliver.StandingDrop)
	want("h")
	if _, err := b.LoadStanding(slack, "g"); !errors.Is(err, deliver.ErrNoMessage) {
		t.Errorf("LoadStanding: %v", err)
	}
	ok(t, b.DropStanding(mail, "h"))
	ok(t, b.DropStanding(slack, "unknown"))
	b = open()
	want("h")
	ok(t, b.DropStanding(slack, "h"))
	b = open()
	want()
	if got, err := b.Standing(mail); err != nil || len(got) != 0 {
		t.Errorf("of the other endpoint: %v, %v", got, err)
	}
}

func deadLetters(t *testing.T, open func() Box) {
	b := open()
	a := put(t, b, slack, Message("a", "g", alert.Firing), 1)
	c := put(t, b, mail, Message("b", "h", alert.Resolved), 2)
	ok(t, b.Seal(slack, a.Seq))
	ok(t, b.Done(slack, a.Seq, deliver.Outcome{At: 10, Reason: deliver.Rejected, Err: "400", Tries: 3}))
	ok(t, b.Done(mail, c.Seq, deliver.Outcome{At: 20, Reason: deliver.Removed, Partly: true}))
	a.Sealed, a.Tries = true, 3
	want := []deliver.DeadLetter{
		{Endpoint: slack, Item: a, At: 10, Reason: deliver.Rejected, Err: "400"},
		{Endpoint: mail, Item: c, At: 20, Reason: deliver.Removed, Partly: true},
	}
	b = open()
	got, err := b.DeadLetters()
	ok(t, err)
	same(t, "dead letters", got, want)
	body, err := b.Load(slack, a.Seq)
	ok(t, err)
	same(t, "body", body, Message("a", "g", alert.Firing))
	same(t, "waiting", len(items(t, b, slack))+len(items(t, b, mail)), 0)
}

func revive(t *testing.T, open func() Box) {
	b := open()
	a := put(t, b, slack, Message("a", "g", alert.Firing), 1)
	c := put(t, b, slack, Message("b", "g", alert.Resolved), 2)
	ok(t, b.Done(slack, a.Seq, deliver.Outcome{At: 10, Reason: deliver.Rejected, Err: "400", Tries: 3}))
	b = open()
	got, err := b.Revive(slack, a.Seq, 99)
	ok(t, err)
	want := a
	want.Seq, want.Put, want.Sealed = got.Seq, 99, true
	same(t, "revived", got, want)
	if got.Seq <= c.Seq {
		t.Errorf("seq %d is not behind %d", got.Seq, c.Seq)
	}
	b = open()
	same(t, "waiting", items(t, b, slack), []deliver.Item{c, want})
	body, err := b.Load(slack, got.Seq)
	ok(t, err)
	same(t, "body", body, Message("a", "g", alert.Firing))
	letters, err := b.DeadLetters()
	ok(t, err)
	same(t, "dead letters", len(letters), 0)
	if _, err := b.Revive(slack, a.Seq, 100); !errors.Is(err, deliver.ErrNoMessage) {
		t.Errorf("Revive again: %v", err)
	}
	ok(t, b.Done(slack, got.Seq, deliver.Outcome{At: 101, Tries: 1}))
	same(t, "left", ids(t, open(), slack), []string{"b"})
}

func unknown(t *testing.T, open func() Box) {
	b := open()
	put(t, b, mail, Message("a", "g", alert.Firing), 1)
	_, load := b.Load(slack, 7)
	_, again := b.Revive(slack, 7, 1)
	_, stands := b.LoadStanding(slack, "g")
	for what, err := range map[string]error{
		"Load": load, "Revive": again, "LoadStanding": stands,
		"Seal": b.Seal(slack, 7), "Done": b.Done(slack, 7, deliver.Outcome{}), "Tried": b.Tried(slack, 7, deliver.Try{}),
	} {
		if !errors.Is(err, deliver.ErrNoMessage) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// many: endpoints work at the same time.
func many(t *testing.T, open func() Box) {
	b := open()
	var wg sync.WaitGroup
	for i := range 4 {
		e := deliver.EndpointID{Receiver: "ops", Name: fmt.Sprint("webhook ", i)}
		wg.Go(func() {
			for j := range 20 {
				items, err := b.Put([]deliver.EndpointID{e}, Message(fmt.Sprint(i, "-", j), "g", alert.Firing), 1)
				if err != nil || len(items) != 1 {
					t.Errorf("%v, %v", items, err)
					return
				}
				if err := b.Seal(e, items[0].Seq); err != nil {
					t.Error(err)
				}
				if j%2 == 0 {
					continue
				}
				if err := b.Done(e, items[0].Seq, deliver.Outcome{At: 2, Tries: 1}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b = open()
	for i := range 4 {
		if got := items(t, b, deliver.EndpointID{Receiver: "ops", Name: fmt.Sprint("webhook ", i)}); len(got) != 10 {
			t.Errorf("webhook %d: %d wait, want 10", i, len(got))
		}
	}
}
