package slack

import (
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"

	"github.com/qmpalert/qmpalert/notifiers"
)

// cursor is a place in a timeline: everything up to and at a time. Moments of
// that very time are told apart by a hash, as more of them may come. nil is
// before everything.
type cursor struct {
	At   int64    `json:"at"` // microseconds since 1970 UTC
	Same []string `json:"same,omitempty"`
}

var sameForm = regexp.MustCompile(`^[0-9a-f]{8}$`)

func (c *cursor) valid() bool {
	return c == nil || len(c.Same) <= notifiers.MaxTimeline &&
		!slices.ContainsFunc(c.Same, func(s string) bool { return !sameForm.MatchString(s) })
}

// end is the cursor behind the newest moment; from where there is none.
func end(timeline []notifiers.Moment, from *cursor) *cursor {
	out := from
	for i := range timeline {
		m := &timeline[i]
		switch {
		case out == nil || m.At > out.At:
			out = &cursor{At: m.At, Same: []string{hash(m)}}
		case m.At == out.At && !slices.Contains(out.Same, hash(m)) && len(out.Same) < notifiers.MaxTimeline:
			out = &cursor{At: m.At, Same: append(slices.Clone(out.Same), hash(m))}
		}
	}
	return out
}

// behind are the moments that are not covered by the cursor.
func (c *cursor) behind(timeline []notifiers.Moment) []notifiers.Moment {
	if c == nil {
		return timeline
	}
	var out []notifiers.Moment
	for i := range timeline {
		m := &timeline[i]
		if m.At > c.At || m.At == c.At && !slices.Contains(c.Same, hash(m)) {
			out = append(out, *m)
		}
	}
	return out
}

func hash(m *notifiers.Moment) string {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q %q %d %q %q", m.What, m.Names, m.More, m.By, m.Text)
	return fmt.Sprintf("%08x", h.Sum32())
}

// mark tells one notification from the next, "" if it has no ID.
func mark(n *notifiers.Notification) string {
	if n.ID == "" {
		return ""
	}
	h := fnv.New64a()
	h.Write([]byte(n.ID))
	return fmt.Sprintf("%016x", h.Sum64())
}
