package qmp

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"syscall"
	"time"
)

// ClientStats counts what came from a monitor. Every value is in exactly one
// of the counts but the last two, which are about members of events.
type ClientStats struct {
	Events    uint64 // handed to OnEvent
	Answers   uint64 // to commands that still waited
	Unmatched uint64 // answers that nobody waited for: unknown id, none, or too late
	Other     uint64 // greetings, and JSON that QMP does not know
	Damaged   uint64 // not JSON; skipped
	Oversized uint64 // above the size limit; skipped

	Mistyped       uint64 // members of events that are null or of the wrong type
	UnknownMembers uint64 // members of events that the table does not have
}

type clientCounts struct {
	events, answers, unmatched, other, damaged, oversized, mistyped, unknown atomic.Uint64
}

// Stats returns the counts so far.
func (c *Client) Stats() ClientStats {
	return ClientStats{
		Events:         c.counts.events.Load(),
		Answers:        c.counts.answers.Load(),
		Unmatched:      c.counts.unmatched.Load(),
		Other:          c.counts.other.Load(),
		Damaged:        c.counts.damaged.Load(),
		Oversized:      c.counts.oversized.Load(),
		Mistyped:       c.counts.mistyped.Load(),
		UnknownMembers: c.counts.unknown.Load(),
	}
}

// read is the reader. It never waits for anybody: answers go into channels
// with room for them, events to a function that must not block.
func (c *Client) read() {
	defer close(c.done)
	dec := NewDecoder(c.conn, Options{MaxEvent: c.opt.MaxEvent, MaxReply: c.opt.MaxReply, Reuse: true})
	var (
		m       Message
		greeted bool
		recent  []time.Time // of values above the limit
	)
	for {
		err := dec.Next(&m)
		var damaged *SyntaxError
		var tooLarge *TooLargeError
		switch {
		case err == nil:
			if !greeted && m.Type != TypeEvent {
				if m.Type != TypeGreeting {
					c.fail(fmt.Errorf("%w: its first word was of type %q", ErrNotQMP, m.Type))
					return
				}
				greeted = true
				c.greeting <- m.Version
			}
			c.deliver(&m)
		case errors.As(err, &damaged):
			c.counts.damaged.Add(1)
			if !greeted {
				c.fail(fmt.Errorf("%w: %w", ErrNotQMP, damaged))
				return
			}
		case errors.As(err, &tooLarge):
			c.counts.oversized.Add(1)
			if !greeted {
				c.fail(fmt.Errorf("%w: %w", ErrNotQMP, tooLarge))
				return
			}
			if recent = within(recent, time.Now()); len(recent) >= oversizedMax {
				c.fail(fmt.Errorf("%w: %w", ErrOversized, tooLarge))
				return
			}
		case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET): // reset: it went with a command of ours unread
			c.fail(fmt.Errorf("the monitor closed the connection: %w", io.EOF))
			return
		default:
			c.fail(fmt.Errorf("read: %w", err))
			return
		}
	}
}

// within adds now to times and drops those that are too old to count.
func within(times []time.Time, now time.Time) []time.Time {
	times = append(times, now)
	for now.Sub(times[0]) >= oversizedSpan {
		times = times[1:]
	}
	return times
}

// deliver hands a value to whom it belongs.
func (c *Client) deliver(m *Message) {
	switch m.Type {
	case TypeEvent:
		c.counts.events.Add(1)
		c.counts.mistyped.Add(uint64(m.Mistyped))
		c.counts.unknown.Add(uint64(m.UnknownMembers))
		c.opt.OnEvent(&m.Event)
	case TypeReturn, TypeError:
		c.answered(m)
	case TypeGreeting, TypeOther:
		c.counts.other.Add(1)
	}
}
