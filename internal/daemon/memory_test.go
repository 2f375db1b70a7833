package daemon

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
)

// TestTroubleIsSaidOnce: that one of the two finds room on a full disk is no news.
func TestTroubleIsSaidOnce(t *testing.T) {
	var log bytes.Buffer
	m := &memory{log: slog.New(slog.NewTextHandler(&log, nil))}
	full := errors.New("full")
	for range 3 { // entries find room, what they decide does not
		m.trouble(&m.journalErr, nil)
		m.trouble(&m.stateErr, full)
	}
	if strings.Count(log.String(), "nothing can be kept") != 1 || strings.Contains(log.String(), "everything again") || m.broken == nil {
		t.Errorf("broken %v, said\n%s", m.broken, &log)
	}
	m.trouble(&m.journalErr, full)
	m.trouble(&m.stateErr, nil)
	if m.broken == nil {
		t.Error("all is well while the journal takes nothing")
	}
	m.trouble(&m.journalErr, nil)
	if strings.Count(log.String(), "everything again") != 1 || m.broken != nil {
		t.Errorf("broken %v, said\n%s", m.broken, &log)
	}
}
