package web

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"strings"
	"sync"

	"github.com/qmpalert/qmpalert/alert"
)

// The bounds of what waits for one stream, and of what is kept for clients that
// come back.
const (
	maxWaiting      = 256 // changes
	maxWaitingBytes = 4 << 20
)

// published is a change, written once for all streams.
type published struct {
	seq    uint64
	text   []byte
	labels alert.Labels
}

// hub hands changes to streams. Its methods do not block.
type hub struct {
	run string // of this process, in every id: a number of an earlier one says nothing

	mu      sync.Mutex
	seq     uint64
	recent  backlog
	streams map[*stream]bool
	closed  bool
}

// backlog is a bounded queue of changes.
type backlog struct {
	list  []published
	bytes int
}

func (b *backlog) add(p published) {
	b.list = append(b.list, p)
	b.bytes += len(p.text)
}

// full says that one more of so many bytes is too much.
func (b *backlog) full(more int) bool {
	return len(b.list) >= maxWaiting || b.bytes+more > maxWaitingBytes
}

func (b *backlog) pop() published {
	p := b.list[0]
	b.list[0] = published{}
	b.list = b.list[1:]
	b.bytes -= len(p.text)
	return p
}

func newHub() *hub {
	var run [4]byte
	rand.Read(run[:]) // never fails
	return &hub{run: hex.EncodeToString(run[:]), streams: make(map[*stream]bool)}
}

// publish hands a change to everybody who wants it.
func (h *hub) publish(c *alert.Change) {
	text := c.AppendJSON(nil)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.seq++
	p := published{h.seq, text, c.Labels}
	for len(h.recent.list) > 0 && h.recent.full(len(text)) {
		h.recent.pop()
	}
	h.recent.add(p)
	for s := range h.streams {
		s.offer(p)
	}
}

// id is what a client may send back as Last-Event-ID.
func (h *hub) id(seq uint64) string { return h.run + "-" + strconv.FormatUint(seq, 10) }

// after reads an id; ok is false when changes behind it are gone.
func (h *hub) after(id string) (seq uint64, ok bool) {
	run, n, _ := strings.Cut(id, "-")
	seq, err := strconv.ParseUint(n, 10, 64)
	if err != nil || run != h.run || seq > h.seq {
		return 0, false
	}
	return seq, seq == h.seq || len(h.recent.list) > 0 && h.recent.list[0].seq <= seq+1
}

// Why a stream ended, for the last event of it.
const (
	endSlow     = "slow"
	endShutdown = "shutdown"
)

// stream is what waits for one client. Its members are guarded by the hub.
type stream struct {
	hub   *hub
	match func(alert.Labels) bool // nil: all
	wait  backlog
	end   string        // why nothing more comes
	wake  chan struct{} // has room for one
}

// open begins a stream; nil when there are too many. lastID is where an earlier
// one of this client ended, "" for none. gap says that changes are missing since
// then.
func (h *hub) open(match func(alert.Labels) bool, lastID string) (s *stream, gap bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.streams) >= maxStreams || h.closed {
		return nil, false
	}
	s = &stream{hub: h, match: match, wake: make(chan struct{}, 1)}
	h.streams[s] = true
	if lastID == "" {
		return s, false
	}
	seq, ok := h.after(lastID)
	if !ok {
		return s, true
	}
	for _, p := range h.recent.list {
		if p.seq > seq {
			s.offer(p)
		}
	}
	return s, false
}

// offer queues a change. A client that has too much waiting gets nothing more:
// memory is bounded, and half of the changes would be worse than none.
func (s *stream) offer(p published) {
	if s.end != "" || s.match != nil && !s.match(p.labels) {
		return
	}
	if len(s.wait.list) > 0 && s.wait.full(len(p.text)) {
		s.finish(endSlow)
		return
	}
	s.wait.add(p)
	s.nudge()
}

func (s *stream) finish(why string) {
	if s.end == "" {
		s.end = why
	}
	s.nudge()
}

func (s *stream) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// next takes what waits first. Without anything, end says whether more can come.
func (s *stream) next() (p published, ok bool, end string) {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	if s.end != endSlow && len(s.wait.list) > 0 {
		return s.wait.pop(), true, ""
	}
	return published{}, false, s.end
}

// close ends a stream from the client's side.
func (s *stream) close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.streams, s)
}

// close ends all streams; what waits is still sent.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.streams {
		s.finish(endShutdown)
	}
}
