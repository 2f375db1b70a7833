package state_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

// commit commits steps as the next entries of the log.
func commit(t testing.TB, s *state.State, at int64, steps ...state.Step) []state.Queued {
	t.Helper()
	b := state.Batch{Position: s.Position(), At: at}
	for _, step := range steps {
		b.Position++
		step.Position = b.Position
		b.Steps = append(b.Steps, step)
	}
	queued, err := s.Commit(b)
	if err != nil {
		t.Fatal(err)
	}
	return queued
}

// change is a step in the life of the alert "vm" that became active at a time.
func change(vm string, activeAt, at int64, status alert.Status) alert.Change {
	c := alert.Change{
		At: at, Status: status, Name: "A", Labels: alert.Labels{{Name: "vm", Value: vm}}, ActiveAt: activeAt,
		StartsAt: activeAt + 1, EndsAt: qmp.NoTime, Reason: alert.ReasonMatch,
	}
	switch status {
	case alert.Pending, alert.Inactive:
		c.StartsAt = qmp.NoTime
	case alert.Resolved:
		c.EndsAt = at
	case alert.Firing:
	}
	c.Fingerprint = c.Labels.Fingerprint()
	return c
}

func changes(all ...alert.Change) state.Step { return state.Step{Changes: all} }

func lives(t *testing.T, s *state.State, f state.Filter) (got []string, more bool) {
	t.Helper()
	all, more, err := s.Lives(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		got = append(got, fmt.Sprintf("%s %d %s %d", l.Labels.Get("vm"), l.ActiveAt, l.Status, l.UpdatedAt))
	}
	return got, more
}

func TestLives(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, 1, changes(change("db1", 10, 10, alert.Pending)), changes(change("db2", 11, 11, alert.Pending), change("db1", 10, 12, alert.Firing)))
	commit(t, s, 2, changes(change("db2", 11, 13, alert.Inactive), change("db3", -5, -5, alert.Firing)))
	commit(t, s, 3, changes(change("db1", 10, 20, alert.Resolved), change("db1", 30, 30, alert.Firing)))
	db1 := change("db1", 0, 0, alert.Firing).Fingerprint
	all := []string{"db1 30 firing 30", "db2 11 inactive 13", "db1 10 resolved 20", "db3 -5 firing -5"}
	for _, tt := range []struct {
		name   string
		filter state.Filter
		want   []string
		more   bool
	}{
		{"all", state.Filter{}, all, false},
		{"limit", state.Filter{Limit: 2}, all[:2], true},
		{"limit at the end", state.Filter{Limit: 4}, all, false},
		{"before", state.Filter{Before: 11}, all[2:], false},
		{"status", state.Filter{Statuses: []alert.Status{alert.Firing}}, []string{all[0], all[3]}, false},
		{"alert", state.Filter{Fingerprint: db1}, []string{all[0], all[2]}, false},
		{"labels", state.Filter{Match: func(l alert.Labels) bool { return l.Get("vm") == "db3" }}, all[3:], false},
		{"before the first", state.Filter{Before: -5}, nil, false},
	} {
		if got, more := lives(t, s, tt.filter); !slices.Equal(got, tt.want) || more != tt.more {
			t.Errorf("%s: %q, more %v", tt.name, got, more)
		}
	}
	for _, tt := range []struct {
		startsAt int64
		want     string
	}{
		{qmp.NoTime, "30 firing"}, {31, "30 firing"}, {11, "10 pending firing resolved"}, {10, ""}, {12, ""},
	} {
		got := ""
		story, err := s.Story(db1, tt.startsAt)
		if err != nil {
			t.Fatal(err)
		}
		if story != nil {
			got = fmt.Sprint(story.ActiveAt)
			for _, c := range story.Changes {
				got += " " + string(c.Status)
			}
		}
		if got != tt.want {
			t.Errorf("life that started at %d: %q, want %q", tt.startsAt, got, tt.want)
		}
	}
	if story, err := s.Story(change("db2", 0, 0, alert.Firing).Fingerprint, 11); err != nil || story == nil || len(story.Changes) != 2 {
		t.Errorf("a life that never fired: %v, %v", story, err)
	}
	if newest, err := s.Newest(db1, 10); err != nil || newest == nil || newest.Status != alert.Resolved {
		t.Errorf("newest change %v, %v", newest, err)
	}
}

// TestStory: who was told, by which messages, and what became of them.
func TestStory(t *testing.T) {
	s := open(t, t.TempDir())
	c := change("db1", 10, 11, alert.Firing)
	slack := deliver.EndpointID{Receiver: "ops", Name: "slack"}
	step := changes(c)
	step.Notes = []dispatch.Note{
		{At: 11, Fingerprint: c.Fingerprint, StartsAt: 11, What: dispatch.Told, Receiver: "ops", NotificationID: "m1"},
		{At: 11, Fingerprint: 7, StartsAt: 11, What: dispatch.Told, NotificationID: "m9"}, // of no life
	}
	for _, id := range []string{"m1", "m2"} {
		step.Puts = append(step.Puts, state.Put{
			Notification: notifiers.Notification{ID: id, Receiver: "ops", Kind: notifiers.KindFiring, Status: alert.Firing, Route: "{}", GroupKey: "g", At: 11},
			Endpoints:    []deliver.EndpointID{slack},
		})
	}
	queued := commit(t, s, 12, step)
	o := s.Outbox()
	if err := o.Tried(slack, queued[0].Item.Seq, deliver.Try{At: 13, Class: notifiers.Wait, Err: "429"}); err != nil {
		t.Fatal(err)
	}
	digest := notifiers.Notification{ID: "d", Receiver: "ops", Kind: notifiers.KindDigest, Status: alert.Firing, At: 14}
	it, err := o.Compose(slack, []uint64{queued[0].Item.Seq, queued[1].Item.Seq}, digest)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Done(slack, it.Seq, deliver.Outcome{At: 15, Reason: deliver.Rejected, Err: "no", Tries: 2}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Revive(slack, it.Seq, 16); err != nil {
		t.Fatal(err)
	}
	story, err := s.Story(c.Fingerprint, 11)
	if err != nil {
		t.Fatal(err)
	}
	want := []state.Message{
		{
			ID: "m1", Endpoint: slack, Route: "{}", Kind: "firing", Status: "firing", Group: "g", At: 11, Put: 12, State: state.Carried, Carrier: "d",
			Log: []state.Delivery{
				{At: 13, ID: "m1", Endpoint: slack, What: state.Tried, Tries: 1, Reason: "wait", Error: "429"},
				{At: 14, ID: "m1", Endpoint: slack, What: state.Carried, Carrier: "d"},
			},
		},
		{
			ID: "d", Endpoint: slack, Kind: "digest", Status: "firing", At: 14, Put: 12, State: state.Waiting,
			Log: []state.Delivery{
				{At: 15, ID: "d", Endpoint: slack, What: state.Dead, Tries: 2, Reason: "rejected", Error: "no"},
				{At: 16, ID: "d", Endpoint: slack, What: state.Revived},
			},
		},
	}
	if d := cmp.Diff(want, story.Messages); d != "" {
		t.Errorf("messages (-want +got):\n%s", d)
	}
	if len(story.Notes) != 1 || len(story.Changes) != 1 {
		t.Errorf("%d notes, %d changes", len(story.Notes), len(story.Changes))
	}
}

// TestLongLife: of a life that changes all the time the beginning and the end
// are kept, and the rest is counted.
func TestLongLife(t *testing.T) {
	s := open(t, t.TempDir())
	for i := range int64(250) {
		commit(t, s, i, changes(change("db1", 10, 11+i, alert.Firing)))
	}
	story, err := s.Story(change("db1", 10, 11, alert.Firing).Fingerprint, qmp.NoTime)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(story.Changes); n != 100 || story.Omitted != 150 || story.Changes[49].At != 60 || story.Changes[50].At != 211 || story.Changes[99].At != 260 {
		t.Errorf("%d changes, %d omitted", n, story.Omitted)
	}
}

func TestPrune(t *testing.T) {
	dir := t.TempDir()
	s, err := state.Open(dir, state.Options{Retention: 100e3, MaxLives: 3}) // 100 µs
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	slack := deliver.EndpointID{Receiver: "ops", Name: "slack"}
	var queued []state.Queued
	for i, at := range []int64{1, 2, 3, 150} {
		vm := fmt.Sprint("db", i)
		step := changes(change(vm, at, at, alert.Firing))
		step.Puts = []state.Put{{Notification: notifiers.Notification{ID: vm, Receiver: "ops"}, Endpoints: []deliver.EndpointID{slack}}}
		queued = append(queued, commit(t, s, at, step)...)
	}
	commit(t, s, 5, changes(change("db1", 2, 5, alert.Resolved)))
	for i := range 2 { // db0 was delivered, db1 died; db2 and db3 wait
		reason := []deliver.Reason{"", deliver.Rejected}[i]
		out := deliver.Outcome{At: 6, Reason: reason, Receipts: []deliver.GroupReceipt{{Group: fmt.Sprint(i), Receipt: "r"}}}
		if err := s.Outbox().Done(slack, queued[i].Item.Seq, out); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, now int64, wantLives []string, wantDead, wantMessages int) {
		t.Helper()
		if err := s.Prune(now); err != nil {
			t.Fatal(err)
		}
		letters, err := s.Outbox().DeadLetters()
		if err != nil {
			t.Fatal(err)
		}
		messages, err := s.Messages("db0", "db1", "db2", "db3")
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := lives(t, s, state.Filter{}); !slices.Equal(got, wantLives) || len(letters) != wantDead || len(messages) != wantMessages {
			t.Errorf("%s: %q, %d dead letters, %d messages", what, got, len(letters), len(messages))
		}
		if waiting, err := s.Outbox().Items(slack); err != nil || len(waiting) != 2 {
			t.Errorf("%s: %v, %v", what, waiting, err)
		}
	}
	check("too many lives", 50, []string{"db3 150 firing 150", "db2 3 firing 3", "db1 2 resolved 5"}, 1, 4)
	check("too old, but the log is needed", 200, []string{"db3 150 firing 150", "db2 3 firing 3"}, 0, 4)
	hash, err := s.KeepRules(s.Position(), someRules("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Save(0, state.Checkpoint{Position: s.Position(), Rules: hash}); err != nil {
		t.Fatal(err)
	}
	check("too early", 200, []string{"db3 150 firing 150", "db2 3 firing 3"}, 0, 4)
	check("too old", 202, []string{"db3 150 firing 150", "db2 3 firing 3"}, 0, 2)
	check("again", 204, []string{"db3 150 firing 150", "db2 3 firing 3"}, 0, 2)
	if r, err := s.Outbox().Receipt(slack, "0"); r != "r" || err != nil {
		t.Errorf("the receipt is %q, %v", r, err)
	}
}
