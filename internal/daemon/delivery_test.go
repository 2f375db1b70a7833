package daemon

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/deliver"
)

// A message that was never tried has no error to log.
func TestLogFailure(t *testing.T) {
	var text bytes.Buffer
	log := slog.New(slog.NewTextHandler(&text, nil))
	logFailure(log, deliver.Failure{Receiver: "ops", Endpoint: "webhook", Reason: deliver.Stopped, Count: 1})
	if strings.Contains(text.String(), "err=") {
		t.Errorf("got %s", text.String())
	}
	logFailure(log, deliver.Failure{Receiver: "ops", Err: errors.New("refused")})
	if !strings.Contains(text.String(), "err=refused") {
		t.Errorf("got %s", text.String())
	}
}
