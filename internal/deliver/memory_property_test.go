package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// TestNothingGoesMissing: whatever the far end answers and whenever it is
// swapped or closed, each message is delivered, reported or left, exactly once,
// and the deliveries of a group are in the order of Put.
func TestNothingGoesMissing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sizes := rapid.IntRange(1, 8).Draw(rt, "queue")
		answers := rapid.SliceOfN(rapid.IntRange(0, 7), 1, 60).Draw(rt, "answers")
		steps := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 60).Draw(rt, "steps")
		patience := time.Duration(rapid.IntRange(0, 4000).Draw(rt, "patience")) * time.Second
		var problem string
		synctest.Test(t, func(t *testing.T) { problem = account(sizes, answers, steps, patience) })
		if problem != "" {
			rt.Fatal(problem)
		}
	})
}

func account(size int, answers, steps []int, patience time.Duration) string {
	i := 0
	answer := func(ctx context.Context, n notifiers.Notification) error {
		a := answers[i%len(answers)]
		i++
		switch a {
		case 0:
			return errors.New("down")
		case 1:
			return &notifiers.Error{Class: notifiers.Wait, After: 20 * time.Minute, Err: errors.New("429")}
		case 2:
			return &notifiers.Error{Class: notifiers.Rejected, Err: errors.New("400")}
		case 3:
			panic("no")
		case 4:
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	}
	f := newFar(answer)
	ends := map[string]int{} // ID → how often it came to an end
	dropped := 0
	d := New(Options{QueueSize: size, OnFailed: func(f Failure) {
		if f.Reason == QueueFull {
			dropped += f.Count
			return
		}
		ends[f.Item.ID]++
	}})
	must := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	must(d.Swap(to(f)))
	put := 0
	for _, s := range steps {
		switch s {
		case 0:
			time.Sleep(7 * time.Minute)
		case 1:
			must(d.Swap(to(f)))
		default:
			must(d.Put(msg(fmt.Sprint(put), fmt.Sprint("g", s), alert.Firing)))
			put++
		}
		if s%3 == 0 {
			synctest.Wait()
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, l := range d.Close(ctx) {
		if l.Reason == QueueFull {
			dropped += l.Count
			continue
		}
		ends[l.Item.ID]++
	}
	for _, id := range f.got {
		ends[id]++
	}
	for id, n := range ends {
		if n != 1 {
			return fmt.Sprintf("message %s came to an end %d times", id, n)
		}
	}
	s := d.Stats()[0]
	if len(ends)+dropped != put || s.Put != int64(put) || s.Put != s.Delivered+s.Failed+s.Dropped+s.Queued {
		return fmt.Sprintf("put %d, ended %d, dropped %d; stats %+v", put, len(ends), dropped, s)
	}
	return disorder(f.got, steps)
}

// disorder looks for two deliveries of one group that changed places.
func disorder(got []string, steps []int) string {
	group := map[string]int{}
	n := 0
	for _, s := range steps {
		if s > 1 {
			group[fmt.Sprint(n)] = s
			n++
		}
	}
	last := map[int]int{}
	for _, id := range got {
		var k int
		fmt.Sscan(id, &k)
		if prev, ok := last[group[id]]; ok && prev > k {
			return fmt.Sprintf("group %d: %d after %d in %v", group[id], k, prev, slices.Clone(got))
		}
		last[group[id]] = k
	}
	return ""
}
