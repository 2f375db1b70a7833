package engine

import "github.com/qmpalert/qmpalert/event"

// match is an event in a window. Its time is the one it was evaluated at.
type match struct {
	time  int64
	event *kept
}

// window holds matches, oldest first, in a ring that grows to what it needs.
type window struct {
	ring  []match // as many as a power of two
	first int
	n     int
}

func (w *window) len() int { return w.n }

// at returns the i-th match, 0 being the oldest.
func (w *window) at(i int) match { return w.ring[(w.first+i)&(len(w.ring)-1)] }

// newest returns the event of the newest match, or nil.
func (w *window) newest() *event.Event {
	if w.n == 0 {
		return nil
	}
	return &w.at(w.n - 1).event.Event
}

// push adds the newest match; the window is a holder of its event from now on.
func (w *window) push(t int64, k *kept) {
	if w.n == len(w.ring) {
		w.grow()
	}
	w.ring[(w.first+w.n)&(len(w.ring)-1)] = match{t, k}
	w.n++
}

// pop drops the oldest match.
func (w *window) pop(s *store) {
	m := &w.ring[w.first]
	s.drop(m.event)
	*m = match{}
	w.first = (w.first + 1) & (len(w.ring) - 1)
	w.n--
}

// empty drops all.
func (w *window) empty(s *store) {
	for w.n > 0 {
		w.pop(s)
	}
}

func (w *window) grow() {
	ring := make([]match, max(1, 2*len(w.ring)))
	for i := range w.n {
		ring[i] = w.at(i)
	}
	w.ring, w.first = ring, 0
}
