package deliver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/notifiers"
)

// TestNothingDecidedIsLost: whatever far ends answer and wherever the process
// dies, each decided message comes to its end as the last answer says, in one
// message only, whose repeats are the same byte for byte; groups keep their
// order, and nobody is told faster than he wants.
func TestNothingDecidedIsLost(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := script{
			answers: rapid.SliceOfN(rapid.IntRange(0, answers+6), 1, 80).Draw(rt, "answers"),
			deaths:  rapid.SliceOfN(rapid.IntRange(1, 150), 0, 8).Draw(rt, "deaths"),
			steps:   rapid.SliceOfN(rapid.IntRange(0, 9999), 1, 300).Draw(rt, "steps"),
			groups:  rapid.IntRange(1, 40).Draw(rt, "groups"),
		}
		var problem string
		synctest.Test(t, func(t *testing.T) { problem = s.play() })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// TestDiskThatIsFull: the same without deaths, but with an outbox that refuses
// changes now and then. Nothing is sent twice for it; in the end all is stored.
func TestDiskThatIsFull(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := script{
			answers: rapid.SliceOfN(rapid.IntRange(0, answers+6), 1, 40).Draw(rt, "answers"),
			faults:  rapid.SliceOfN(rapid.Bool(), 1, 40).Draw(rt, "faults"),
			steps:   rapid.SliceOfN(rapid.IntRange(0, 9999), 1, 200).Draw(rt, "steps"),
			groups:  rapid.IntRange(1, 40).Draw(rt, "groups"),
		}
		var problem string
		synctest.Test(t, func(t *testing.T) { problem = s.play() })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

// script is one play: what far ends answer, in turn (what is no answer accepts),
// after how many boundaries processes die, which changes the disk refuses, and
// what happens.
type script struct {
	answers, deaths, steps []int
	groups                 int
	faults                 []bool
	changes                int
	told                   []bool // by OnOutbox: whether there was an error
	toldMu                 sync.Mutex
}

// full decides whether the disk refuses a change.
func (s *script) full(string) error {
	s.toldMu.Lock()
	defer s.toldMu.Unlock()
	s.changes++
	if s.changes < 500 && len(s.faults) > 0 && s.faults[s.changes%len(s.faults)] {
		return errors.New("no space left on device")
	}
	return nil
}

func (s *script) onOutbox(err error) {
	s.toldMu.Lock()
	defer s.toldMu.Unlock()
	s.told = append(s.told, err != nil)
}

// reported says what is wrong with what was told about the outbox: it begins to
// fail, is well, and so on, and is well in the end.
func (s *script) reported() string {
	for i, failing := range s.told {
		if failing != (i%2 == 0) || i == len(s.told)-1 && failing {
			return fmt.Sprintf("told about the outbox: %v", s.told)
		}
	}
	return ""
}

func (s *script) play() string {
	tried := 0
	far := &remote{answer: func() int {
		tried++
		if a := s.answers[tried%len(s.answers)]; a < answers && tried < 300 {
			return a
		}
		return accepts
	}}
	all := &decided{index: map[string]int{}, fires: map[string]bool{}}
	kept := NewMemory(10_000)
	life := s.start(kept, far)
	for _, step := range s.steps {
		life.commit(s.full)
		if life.p.isDead() {
			life.bury()
			life = s.start(kept, far)
		}
		switch step % 10 {
		case 0:
			time.Sleep(time.Duration(step) * time.Millisecond)
		case 1:
			synctest.Wait()
		case 2:
			for x := range 2 * s.groups { // a storm: all groups at once
				life.decide(all, s.groups, x, s.full)
			}
		case 3:
			life.swap(far)
		default:
			life.decide(all, s.groups, step/10, s.full)
		}
	}
	for range 1000 {
		time.Sleep(10 * time.Minute)
		life.commit(s.full)
		if life.p.isDead() {
			life.bury()
			life = s.start(kept, far)
			continue
		}
		if left, _ := kept.Endpoints(); len(left) == 0 && len(life.uncommitted) == 0 {
			break
		}
	}
	ends, stats := life.ends, life.d.Stats()
	life.d.Close(context.Background())
	for _, x := range stats {
		if x.Put != x.Delivered+x.Failed+x.Dropped+x.Queued || x.Queued != 0 {
			return fmt.Sprintf("stats %+v", x)
		}
	}
	if left, _ := kept.Endpoints(); len(left) != 0 {
		return fmt.Sprintf("%v wait for ever", left)
	}
	if what := s.reported(); what != "" && len(s.faults) > 0 {
		return what
	}
	if what := twice(far); what != "" && len(s.faults) > 0 {
		return what
	}
	if what := tooFast(far, slackLimit, "slack", "slack 2"); what != "" {
		return what
	}
	dead, _ := kept.DeadLetters()
	return judge(all, far, dead, ends)
}

var slackLimit = Limit{Key: "channel", Every: time.Second, Burst: 5}

// life is what one process has.
type life struct {
	p    *process
	d    *Deliverer
	kept *Memory
	ends []Endpoint

	uncommitted []notifiers.Notification
}

func (s *script) start(kept *Memory, far *remote) *life {
	die := 0
	if len(s.deaths) > 0 {
		die, s.deaths = s.deaths[0], s.deaths[1:]
	}
	p := newProcess(die)
	l := &life{p: p, kept: kept, d: New(Options{Outbox: disk{kept, p, s.full}, OnOutbox: s.onOutbox}), ends: []Endpoint{
		{Receiver: "ops", Name: "slack", SendResolved: true, Edits: true, Limit: slackLimit},
		{Receiver: "ops", Name: "mail", SendResolved: true},
		{Receiver: "ops", Name: "alertmanager", SendResolved: true, Resend: time.Minute},
		{Receiver: "dev", Name: "slack 2", SendResolved: true, Edits: true, Limit: slackLimit},
		{Receiver: "dev", Name: "webhook", Whole: true},
	}}
	l.swap(far)
	return l
}

// swap is a reload that exchanges the notifiers.
func (l *life) swap(far *remote) {
	for i := range l.ends {
		l.ends[i].Notifier = &remoteEnd{far, l.ends[i].Name, l.p}
	}
	if err := l.d.Swap(l.ends); err != nil {
		panic(err)
	}
}

// decide is what the loop does: one transaction, then the deliverer is told. What
// the disk refuses goes out from memory, and the transaction is tried again.
func (l *life) decide(all *decided, groups, x int, full func(string) error) {
	receiver := []string{"ops", "dev"}[x%2]
	n := all.next(receiver, fmt.Sprint("g", x/2%groups), x%9)
	l.uncommitted = append(l.uncommitted, n)
	if len(l.uncommitted) > 1 || full("commit") != nil {
		if err := l.d.Put(n); err != nil {
			panic(err)
		}
		return
	}
	l.put(x%5 == 0)
}

// commit tries again what could not be committed.
func (l *life) commit(full func(string) error) {
	if len(l.uncommitted) > 0 && full("commit") == nil {
		l.put(false)
	}
}

func (l *life) put(slowly bool) {
	for _, n := range l.uncommitted {
		to, _ := l.d.Wanted(&n)
		var items []Item
		for _, e := range to {
			it, ok := l.kept.Put(e, n, time.Now().UnixMicro())
			if !ok {
				panic("not put")
			}
			items = append(items, it)
		}
		if slowly {
			synctest.Wait() // who starts finds it in the outbox before he is told
		}
		if l.p.boundary() != nil {
			break
		}
		for i, e := range to {
			l.d.PutCommitted(e, items[i])
		}
	}
	l.uncommitted = nil
}

// bury ends the goroutines of a process that is dead.
func (l *life) bury() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.d.Close(ctx)
}
