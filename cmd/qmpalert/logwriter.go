package main

import (
	"io"
	"sync"
	"time"
)

const (
	// logRoom bounds the log lines, in bytes, that wait for a reader who is
	// slow or stopped.
	logRoom = 1 << 20
	// logPatience is how long the end of the program waits for that reader.
	logPatience = time.Second
)

// logWriter stands between those who log and a stderr that may be a full pipe
// or a stopped terminal: nobody who reads a monitor, decides or delivers waits
// for the reader of the log. Lines beyond logRoom are dropped, and their number
// is said once there is room again.
type logWriter struct {
	w       io.Writer
	missing func(lines int) // says on w that lines were dropped
	done    chan struct{}   // closed when the last line was written

	mu      sync.Mutex
	lines   []byte
	dropped int
	closed  bool
	wake    chan struct{} // a token: lines or closed changed
}

// newLogWriter returns a writer to w. close must be called.
func newLogWriter(w io.Writer, missing func(lines int)) *logWriter {
	l := &logWriter{w: w, missing: missing, done: make(chan struct{}), wake: make(chan struct{}, 1)}
	go l.run()
	return l
}

// Write takes a line, or drops it. It never waits and never fails.
func (l *logWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.lines)+len(line) > logRoom {
		l.dropped++
	} else {
		l.lines = append(l.lines, line...)
	}
	l.signal()
	return len(line), nil
}

func (l *logWriter) signal() {
	select {
	case l.wake <- struct{}{}:
	default: // the token that lies there says the same
	}
}

// run writes what waits until it is closed and nothing is left.
func (l *logWriter) run() {
	defer close(l.done)
	for {
		text, dropped, end := l.take()
		if len(text) > 0 {
			_, _ = l.w.Write(text) // there is nowhere else to say that this failed
		}
		if dropped > 0 {
			l.missing(dropped)
		}
		switch {
		case len(text) > 0 || dropped > 0:
		case end:
			return
		default:
			<-l.wake
		}
	}
}

func (l *logWriter) take() (lines []byte, dropped int, end bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines, dropped, end = l.lines, l.dropped, l.closed
	l.lines, l.dropped = nil, 0
	return lines, dropped, end
}

// close takes no more lines and waits until the last one was written, but not
// for longer than patience: a Write that hangs cannot be taken back.
func (l *logWriter) close(patience time.Duration) {
	l.mu.Lock()
	l.closed = true
	l.signal()
	l.mu.Unlock()
	t := time.NewTimer(patience)
	defer t.Stop()
	select {
	case <-l.done:
	case <-t.C:
	}
}
