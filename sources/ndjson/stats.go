package ndjson

import (
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// Stats counts what a Reader has read.
type Stats struct {
	Messages int            `json:"messages"` // JSON values: events, greetings, answers and others
	Events   map[string]int `json:"events"`   // by name
	Errors   int            `json:"errors"`   // values that could not be decoded

	// FirstError is the first of them with file, line and column; nil when
	// there is none.
	FirstError error `json:"-"`
}

// maxNames bounds how many names of events that nobody knows are counted one by
// one: a damaged or hostile file could have any number.
const maxNames = 1000

// OtherEvents is the name under which further ones are counted.
const OtherEvents = "(other)"

type counts struct {
	messages int
	errors   int
	first    error
	known    [256]int // by qmp.Kind
	unknown  map[string]int
}

func (c *counts) event(ev *qmp.Event) {
	c.messages++
	if ev.Kind != qmp.Unknown {
		c.known[ev.Kind]++
		return
	}
	if n, ok := c.unknown[ev.Name]; ok {
		c.unknown[ev.Name] = n + 1
		return
	}
	if c.unknown == nil {
		c.unknown = map[string]int{}
	}
	name := OtherEvents
	if len(c.unknown) < maxNames {
		name = strings.Clone(ev.Name)
	}
	c.unknown[name]++
}

func (c *counts) damaged(file string, err error) {
	c.errors++
	if c.first == nil {
		c.first = fmt.Errorf("%s: %w", file, err)
	}
}

// Stats returns the counts of what has been read so far.
func (r *Reader) Stats() Stats {
	s := Stats{Messages: r.counts.messages, Events: map[string]int{}, Errors: r.counts.errors, FirstError: r.counts.first}
	for kind, n := range r.counts.known {
		if n > 0 {
			s.Events[qmp.Kind(kind).String()] = n
		}
	}
	for name, n := range r.counts.unknown {
		s.Events[name] = n
	}
	return s
}
