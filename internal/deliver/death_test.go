package deliver

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
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

// script is one play: what far ends answer, in turn (what is no answer accepts),
// after how many boundaries processes die, and what happens.
type script struct {
	answers, deaths, steps []int
	groups                 int
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
				life.decide(all, s.groups, x)
			}
		default:
			life.decide(all, s.groups, step/10)
		}
	}
	for range 1000 {
		time.Sleep(10 * time.Minute)
		if life.p.isDead() {
			life.bury()
			life = s.start(kept, far)
			continue
		}
		if left, _ := kept.Endpoints(); len(left) == 0 {
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
}

func (s *script) start(kept *Memory, far *remote) *life {
	die := 0
	if len(s.deaths) > 0 {
		die, s.deaths = s.deaths[0], s.deaths[1:]
	}
	p := newProcess(die)
	end := func(name string) *remoteEnd { return &remoteEnd{far, name, p} }
	l := &life{p: p, kept: kept, d: New(Options{Outbox: disk{Memory: kept, p: p}}), ends: []Endpoint{
		{Receiver: "ops", Name: "slack", SendResolved: true, Edits: true, Limit: slackLimit, Notifier: end("slack")},
		{Receiver: "ops", Name: "mail", SendResolved: true, Notifier: end("mail")},
		{Receiver: "dev", Name: "slack 2", SendResolved: true, Edits: true, Limit: slackLimit, Notifier: end("slack 2")},
		{Receiver: "dev", Name: "webhook", Whole: true, Notifier: end("webhook")},
	}}
	if err := l.d.Swap(l.ends); err != nil {
		panic(err)
	}
	return l
}

// decide is what the loop does: one transaction, then the deliverer is told.
func (l *life) decide(all *decided, groups, x int) {
	receiver := []string{"ops", "dev"}[x%2]
	n := all.next(receiver, fmt.Sprint("g", x/2%groups), x%9)
	to, _ := l.d.Wanted(&n)
	var items []Item
	for _, e := range to {
		it, ok := l.kept.Put(e, n, time.Now().UnixMicro())
		if !ok {
			panic("not put")
		}
		items = append(items, it)
	}
	if x%5 == 0 {
		synctest.Wait() // who starts finds it in the outbox before he is told
	}
	if l.p.boundary() != nil {
		return
	}
	for i, e := range to {
		l.d.PutCommitted(e, items[i])
	}
}

// bury ends the goroutines of a process that is dead.
func (l *life) bury() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.d.Close(ctx)
}
