package backtest

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// maxNoisy is how many keys a summary names.
const maxNoisy = 3

// Summary is what one rule did.
type Summary struct {
	Rule     *rules.Rule
	Fired    int           // alerts
	Firing   time.Duration // of all alerts together
	Open     int           // alerts that nothing ended; they count up to the newest event
	Messages int           // to one receiver, each alert by itself
	Noisy    []Noise       // the keys that fired most, the noisiest first
	Keys     int           // how many keys fired
}

// Noise is how often one key fired.
type Noise struct {
	Labels alert.Labels // the key labels
	Fired  int
}

// Summarize says of each rule of the set that makes alerts what it did: those
// that fired most first, then by name. Alerts that ended before from do not
// count; last is the newest time of an event.
func Summarize(set *rules.Set, alerts []Alert, from, last int64) []Summary {
	byName := make(map[string]*Summary)
	keys := make(map[string]map[string]*Noise)
	var all []*Summary
	for _, r := range set.Rules() {
		if r.Record == "" {
			s := &Summary{Rule: r}
			byName[r.Name], keys[r.Name] = s, make(map[string]*Noise)
			all = append(all, s)
		}
	}
	for i := range alerts {
		a := &alerts[i]
		s := byName[a.Name]
		if s == nil || !a.reaches(from) {
			continue
		}
		s.Fired++
		s.Firing = sum(s.Firing, a.Lasted(last))
		s.Messages += a.Messages()
		if a.Open() {
			s.Open++
		}
		key := a.key(a.keyLabels())
		if keys[a.Name][key] == nil {
			keys[a.Name][key] = &Noise{Labels: a.Key()}
		}
		keys[a.Name][key].Fired++
	}
	out := make([]Summary, 0, len(all))
	for _, s := range all {
		s.Keys, s.Noisy = len(keys[s.Rule.Name]), noisiest(keys[s.Rule.Name])
		out = append(out, *s)
	}
	slices.SortStableFunc(out, func(a, b Summary) int {
		return cmp.Or(cmp.Compare(b.Fired, a.Fired), strings.Compare(a.Rule.Name, b.Rule.Name))
	})
	return out
}

func noisiest(keys map[string]*Noise) []Noise {
	out := make([]Noise, 0, len(keys))
	for _, n := range keys {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Noise) int {
		return cmp.Or(cmp.Compare(b.Fired, a.Fired), compareLabels(a.Labels, b.Labels))
	})
	return slices.Clip(out[:min(len(out), maxNoisy)])
}

// sum adds what is not negative, and stays at the greatest there is.
func sum(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
