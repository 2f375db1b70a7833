package console

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// screen keeps each write, or refuses it.
type screen struct {
	messages []notifiertest.Message
	err      error
}

func (s *screen) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.messages = append(s.messages, notifiertest.Message{Raw: string(p), Text: string(p)})
	return len(p), nil
}

func TestContract(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		s := &screen{}
		return &notifiertest.Harness{
			Notifier: New(s, Options{}),
			Accepted: func() []notifiertest.Message { return s.messages },
			MaxSize:  256 << 10,
			Answers: []notifiertest.Answer{
				{Name: "broken pipe", Arrange: func() { s.err = errors.New("broken pipe") }, Want: notifiers.Retry},
			},
			Harmless: func(t *testing.T, m notifiertest.Message) {
				if strings.ContainsAny(m.Raw, "\x1b\u009b\u202e") {
					t.Errorf("a control character reached the terminal: %q", m.Raw)
				}
			},
		}
	})
}

func TestWhatAPersonSees(t *testing.T) {
	for _, color := range []bool{false, true} {
		var b bytes.Buffer
		c := New(&b, Options{Color: color})
		for _, n := range []notifiers.Notification{notifiertest.Firing(), notifiertest.Resolved()} {
			if _, err := c.Notify(t.Context(), n, ""); err != nil {
				t.Fatal(err)
			}
		}
		name := "plain.txt"
		if color {
			name = "color.txt"
		}
		notifiertest.Golden(t, name, b.String())
	}
}
