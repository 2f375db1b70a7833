package console

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen is a terminal that can fail or hang.
type screen struct {
	mu    sync.Mutex
	wrote []notifiertest.Message
	err   error
	hang  *io.PipeWriter
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hang != nil {
		return s.hang.Write(p)
	}
	if s.err != nil {
		return 0, s.err
	}
	s.wrote = append(s.wrote, notifiertest.Message{Raw: string(p), Text: string(p)})
	return len(p), nil
}

func TestContract(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		s := &screen{}
		return &notifiertest.Harness{
			Notifier: New(s, Options{}),
			Accepted: func() []notifiertest.Message {
				s.mu.Lock()
				defer s.mu.Unlock()
				return append([]notifiertest.Message(nil), s.wrote...)
			},
			MaxSize: 40_000,
			Answers: []notifiertest.Answer{
				{Name: "closed", Arrange: func() { s.err = errors.New("write: broken pipe\x1b[31m") }, Want: notifiers.Retry},
			},
			Hang: func() {
				r, w := io.Pipe()
				s.hang = w
				t.Cleanup(func() { r.Close() })
			},
			Harmless: func(t *testing.T, m notifiertest.Message) {
				for _, line := range strings.Split(strings.TrimSuffix(m.Text, "\n"), "\n") {
					if strings.ContainsAny(line, "\x1b\u009b\u202e\r\b") {
						t.Errorf("%q", line)
					}
				}
			},
		}
	})
}

// TestHungWriterHoldsNobody: while one Write hangs, the next notification waits
// for its turn, and no longer than its context.
func TestHungWriterHoldsNobody(t *testing.T) {
	r, w := io.Pipe()
	c := New(w, Options{})
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Notify(ctx, notifiertest.Firing(), ""); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	r.Close()
}

func TestGoldens(t *testing.T) {
	for name, n := range map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(), "empty": notifiertest.Empty(),
		"hostile": notifiertest.Hostile(alert.Firing, strings.Join(notifiertest.Payloads, "\n")),
	} {
		for suffix, o := range map[string]Options{"": {}, ".colour": {Color: true}} {
			var b bytes.Buffer
			if _, err := New(&b, o).Notify(t.Context(), n, ""); err != nil {
				t.Fatal(err)
			}
			notifiertest.Golden(t, name+suffix+".txt", b.String())
		}
	}
}
