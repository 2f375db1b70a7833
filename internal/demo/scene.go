package demo

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// Scene is one machine of the show.
type Scene struct {
	VM   string
	UUID string
	// Start is when its first event comes, after the client has connected.
	Start time.Duration
	steps []step
}

// step is one event.
type step struct {
	event event.Event
	after time.Duration // since the step before
}

const (
	// longest bounds a pause between two events of a recording.
	longest = 700 * time.Millisecond
	// encore is the pause before the last event, with which the machine goes
	// away: what went wrong before is to be seen while it is still there.
	encore = 4 * time.Second
)

// NewScene makes a scene of a recording: the events in it in their order, with
// their pauses, the longest of which are shortened. The VM has the name and
// UUID that it had.
func NewScene(recording []byte, start time.Duration) (*Scene, error) {
	s := &Scene{Start: start}
	dec := qmp.NewDecoder(bytes.NewReader(recording), qmp.Options{})
	last := int64(qmp.NoTime)
	var m qmp.Message
	for {
		err := dec.Next(&m)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch m.Type {
		case qmp.TypeReturn:
			s.identify(qmp.ParseValue(m.Return))
		case qmp.TypeEvent:
			next := step{event: event.Event{Event: m.Event.Clone(), Received: qmp.NoTime}}
			if last != qmp.NoTime {
				next.after = min(max(time.Duration(m.Event.Time-last)*time.Microsecond, 0), longest)
			}
			last = m.Event.Time
			s.steps = append(s.steps, next)
		}
	}
	if s.VM == "" || len(s.steps) == 0 {
		return nil, fmt.Errorf("a recording with %d events of the VM %q has nothing to show", len(s.steps), s.VM)
	}
	if last := &s.steps[len(s.steps)-1]; last.after > 0 {
		last.after = encore
	}
	return s, nil
}

// identify reads the answers to query-name and query-uuid.
func (s *Scene) identify(answer qmp.Value) {
	if name, ok := answer.Get("name").AsString(); ok && s.VM == "" {
		s.VM = strings.Clone(name)
	}
	if uuid, ok := answer.Get("UUID").AsString(); ok && s.UUID == "" {
		s.UUID = strings.Clone(uuid)
	}
}

// Events is how many events the scene has.
func (s *Scene) Events() int { return len(s.steps) }
