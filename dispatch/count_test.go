package dispatch

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestCounts: the sums are those of the picture.
func TestCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plan(t, drawConfig(t))
		for i, ch := range stream(t) {
			if rapid.IntRange(0, 9).Draw(t, "silence") == 0 {
				s := Silence{
					ID: rapid.SampledFrom([]string{"x", "y"}).Draw(t, "id"), Matchers: []string{rapid.SampledFrom([]string{`alertname="A"`, `vm="a"`}).Draw(t, "matcher")},
					StartsAt: int64(i), EndsAt: int64(i) + rapid.Int64Range(1, 20).Draw(t, "long"),
				}
				_, _ = p.SetSilence(s, int64(i)) // one that cannot be is none
			}
			p.Step(ch, int64(i))
			p.Advance(int64(i))
			want := Counts{Muted: map[MuteKind]int{}, Silences: map[State]int{}}
			view := p.View()
			for _, a := range view.Alerts {
				want.Firing++
				if len(a.Muted) > 0 {
					want.Muted[a.Muted[0].By]++
				}
			}
			for _, s := range view.Silences {
				want.Silences[s.State]++
			}
			if d := cmp.Diff(want, p.Counts()); d != "" {
				t.Fatalf("(-view +counts):\n%s", d)
			}
		}
	})
}
