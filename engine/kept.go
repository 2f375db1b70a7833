package engine

import "github.com/qmpalert/qmpalert/event"

// kept is a copy of an event that queues, windows and evidence hold. Matches
// come and go by the million without an alert, so its memory is used again
// once nobody holds it, unless the world outside has seen it.
type kept struct {
	holders int
	shown   bool    // a Change has it: it is never written again
	from    *origin // of a record, or nil
	text    []byte  // what the strings of the event are in
	event.Event
}

// hold adds a holder. Each holder calls store.drop once, or never: what is
// forgotten is the garbage collector's, and only costs an allocation.
func (k *kept) hold() *kept {
	k.holders++
	return k
}

// show gives the event to the world.
func (k *kept) show() *event.Event {
	k.shown = true
	return &k.Event
}

const (
	// maxFree bounds the memory that waits to be used again, by kind of event.
	// Streams are steady: what one event gives back, the next one takes.
	maxFree = 256
	// maxText is the size up to which the text of an event is worth keeping.
	maxText = 4 << 10
	// maxRing is the same for the window of a track, in matches.
	maxRing = 64
)

// store makes copies of events and tracks and takes them back. Events are kept
// by kind, for the struct of one kind is of no use to another.
type store struct {
	free   [256][]*kept
	tracks []*track
}

// copy returns a copy with one holder.
func (s *store) copy(ev *event.Event) *kept {
	if len(ev.Raw) > maxRaw {
		ev = trimmed(ev)
	}
	var k *kept
	if free := s.free[ev.Kind]; len(free) > 0 {
		k = free[len(free)-1]
		s.free[ev.Kind] = free[:len(free)-1]
	} else {
		k = new(kept)
	}
	k.text = ev.CopyTo(&k.Event, k.text)
	k.holders, k.from = 1, nil
	return k
}

// drop takes one holder away.
func (s *store) drop(k *kept) {
	k.holders--
	if k.holders > 0 || k.shown || cap(k.text) > maxText || len(s.free[k.Kind]) == maxFree {
		return
	}
	s.free[k.Kind] = append(s.free[k.Kind], k)
}
