package web

import (
	"fmt"
	"net/http"
	"time"
)

// sendTimeout is how long one write to a stream may take: a client that does
// not read for so long is gone.
const sendTimeout = 10 * time.Second

// events streams alert changes as server-sent events: `change` with the line of
// a change, `gap` when changes since Last-Event-ID are lost, and `end` with the
// reason right before the server hangs up.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	p, err := parameters(r, "filter")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	match, err := filters(p["filter"])
	if err != nil {
		s.fail(w, r, err)
		return
	}
	stream, gap := s.hub.open(match, r.Header.Get("Last-Event-ID"))
	if stream == nil {
		w.Header().Set("Retry-After", "5")
		Unavailable("there are %d streams already, or the daemon is stopping", maxStreams).write(w)
		return
	}
	defer stream.close()
	out := &eventWriter{w: w, c: http.NewResponseController(w)}
	// The time limits of a request are not those of a stream.
	if err := out.c.SetReadDeadline(time.Time{}); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	out.send("retry: 3000\n\n")
	if gap {
		out.send("event: gap\ndata: {}\n\n")
	}
	s.feed(r, stream, out)
}

// feed writes until the client goes, does not read, or the stream ends.
func (s *Server) feed(r *http.Request, from *stream, out *eventWriter) {
	heartbeat := time.NewTicker(s.opts.Heartbeat)
	defer heartbeat.Stop()
	for out.err == nil {
		p, ok, end := from.next()
		switch {
		case ok:
			out.send("id: %s\nevent: change\ndata: %s\n\n", s.hub.id(p.seq), p.text)
			continue
		case end != "":
			out.send("event: end\ndata: {\"reason\":%q}\n\n", end)
			return
		}
		select {
		case <-from.wake:
		case <-heartbeat.C:
			out.send(": all is quiet\n\n")
		case <-r.Context().Done():
			return
		}
	}
}

// eventWriter writes events at once, and remembers the first error.
type eventWriter struct {
	w   http.ResponseWriter
	c   *http.ResponseController
	err error
}

func (o *eventWriter) send(format string, args ...any) {
	if o.err != nil {
		return
	}
	if o.err = o.c.SetWriteDeadline(time.Now().Add(sendTimeout)); o.err != nil {
		return
	}
	if _, o.err = fmt.Fprintf(o.w, format, args...); o.err == nil {
		o.err = o.c.Flush()
	}
}
