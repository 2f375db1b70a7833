package ndjson_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/qmp"
)

// TestFollowLosesNothing writes, rotates and kills at random: what was accepted
// is every event once, in order, whatever the end of it was that a kill took
// back.
func TestFollowLosesNothing(t *testing.T) {
	for seed := range uint64(60) {
		inBubble(t, func(f *follower) {
			r := rand.New(rand.NewPCG(seed, 1))
			next, text := 1, ""     // what is still to be written
			oldest, current := 1, 1 // the first numbers in the rotated and the present file
			rotated := false        // and the newest that was accepted may be in the old file
			f.start()
			for range 40 {
				switch op := r.IntN(10); {
				case op < 6: // write a piece, wherever it ends
					for len(text) < 200 {
						text += numbered(next)
						next++
					}
					n := 1 + r.IntN(len(text))
					f.add("a.ndjson", text[:n])
					text = text[n:]
				case op < 7:
					f.wait()
				case op < 8 && !rotated && len(f.events) > 0: // who writes ends the line before it goes on elsewhere
					end := strings.IndexByte(text, '\n') + 1
					f.add("a.ndjson", text[:end])
					text = text[end:]
					f.rename("a.ndjson", "old")
					oldest, current = current, next-strings.Count(text, "\n")
					if r.IntN(2) == 0 {
						f.wait()
					}
					f.add("a.ndjson", "")
					rotated = true
				default:
					f.end()
					rotated = f.takeBack(r.IntN(4), oldest) < current
					f.start()
				}
			}
			f.add("a.ndjson", text)
			f.wait()
			for i, ev := range f.events {
				if n, _ := qmp.ParseValue(ev.Raw).Get("n").AsInt(); int(n) != i+1 {
					t.Fatalf("seed %d: event %d in the place of %d", seed, n, i+1)
				}
			}
			if len(f.events) != next-1 {
				t.Errorf("seed %d: %d events of %d", seed, len(f.events), next-1)
			}
		})
	}
}

// takeBack forgets the newest n events, as a kill does with what was not written
// yet; but none up to the oldest, which is in a file that is there. It returns
// the newest number that is left.
func (f *follower) takeBack(n, oldest int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = f.events[:max(min(len(f.events), oldest), len(f.events)-n)]
	clear(f.newest)
	for _, ev := range f.events {
		f.newest[strings.TrimPrefix(ev.Source, "file:")] = ev.Position
	}
	return len(f.events)
}
