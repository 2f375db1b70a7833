package qmp_test

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/qmp"
)

// FuzzClient lets a monitor that greeted properly send any bytes. Every event
// that the decoder finds in them is delivered, in order, up to the end or to
// the third oversized value, and every value is counted once.
func FuzzClient(f *testing.F) {
	for _, seed := range []string{
		event("STOP") + event("RESUME"),
		`{"return": {}, "id": 1}{"error": {"class": "x", "desc": "y"}, "id": 2}`,
		"{\"event\": \"RES\r\n" + event("RESUME"),
		"\x00\xff[1,2", "{", strings.Repeat(`["`+strings.Repeat("x", 300)+`"]`, 4) + event("STOP"),
		`{"QMP": {}}{"id": 3}{"event": 1}`,
	} {
		f.Add([]byte(seed))
	}
	const limit = 256
	f.Fuzz(func(t *testing.T, data []byte) {
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			c := qemutest.NewConn(t, far, 1)
			c.Send(qemutest.Greeting)
			c.Return(c.Expect("qmp_capabilities"), "{}")
			_, _ = far.Write(data) // ends early when the client leaves
		}()
		got := newNames()
		c, err := qmp.NewClient(t.Context(), near, qmp.ClientOptions{MaxEvent: limit, MaxReply: limit, OnEvent: got.add})
		if err != nil {
			t.Fatal(err)
		}
		<-c.Done()
		defer c.Close()

		want, stats := decodeAll(string(data), limit)
		if !slices.Equal(got.get(), want) {
			t.Errorf("events %q, want %q", got.get(), want)
		}
		s := c.Stats()
		s.Mistyped, s.UnknownMembers = 0, 0
		if s.Unmatched+s.Answers != stats.Unmatched+1 { // one is that of the capabilities
			t.Errorf("%d answers, want %d", s.Unmatched+s.Answers, stats.Unmatched+1)
		}
		s.Answers, s.Unmatched, stats.Unmatched = 0, 0, 0
		if s != stats {
			t.Errorf("stats %+v, want %+v", s, stats)
		}
		if (stats.Oversized == 3) != errors.Is(c.Err(), qmp.ErrOversized) {
			t.Errorf("ended with %v after %d oversized values", c.Err(), stats.Oversized)
		}
	})
}

// decodeAll is what a client has to make of data, all answers unmatched.
func decodeAll(data string, limit int) (events []string, s qmp.ClientStats) {
	s.Other = 1 // the greeting
	// The decoder sees what came before, so that both are on the same line.
	const before = `{"return": {}, "id": 1}` + "\r\n"
	dec := qmp.NewDecoder(strings.NewReader(before+data), qmp.Options{MaxEvent: limit, MaxReply: limit})
	var m qmp.Message
	for first := true; ; first = false {
		var damaged *qmp.SyntaxError
		var tooLarge *qmp.TooLargeError
		switch err := dec.Next(&m); {
		case err == io.EOF:
			return events, s
		case errors.As(err, &damaged):
			s.Damaged++
		case errors.As(err, &tooLarge):
			if s.Oversized++; s.Oversized == 3 {
				return events, s
			}
		case first:
		case m.Type == qmp.TypeEvent:
			s.Events++
			events = append(events, strings.Clone(m.Event.Name))
		case m.Type == qmp.TypeReturn, m.Type == qmp.TypeError:
			s.Unmatched++
		default:
			s.Other++
		}
	}
}
