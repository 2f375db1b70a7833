package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/qemutest"
	"github.com/qmpalert/qmpalert/sources/qmpsock"
)

// stuck is an output whose reader has stopped to read.
type stuck struct {
	entered chan struct{}
	release chan struct{}
}

func (s *stuck) Write(b []byte) (int, error) {
	close(s.entered)
	<-s.release
	return 0, context.Canceled
}

func TestRecordEndsWhileNobodyReads(t *testing.T) {
	vm := qemutest.Start(t, qemutest.Plain("db1"))
	s, err := qmpsock.New(qmpsock.Config{Pattern: vm.Socket, Host: "kvm07", Now: clock()})
	if err != nil {
		t.Fatal(err)
	}
	w := &stuck{make(chan struct{}), make(chan struct{})}
	defer close(w.release)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-w.entered
		cancel()
	}()
	if err := record(ctx, []*qmpsock.Source{s}, w); err == nil || !strings.Contains(err.Error(), "does not read") {
		t.Errorf("record ended with %v", err)
	}
}

// What a guest put into an event cannot reach a terminal as more than text.
func TestRecordEscapes(t *testing.T) {
	var out bytes.Buffer
	r := recorder{w: &out}
	ev := parse(t, `{"timestamp":{"seconds":1,"microseconds":0},"event":"STOP","data":{"a":"\u009b31m\u202e"},"host":"h","vm":{"name":"a"}}`)
	if err := r.emit(t.Context(), ev); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); !strings.Contains(got, `"\u009b31m\u202e"`) || !strings.HasSuffix(got, "}\n") {
		t.Errorf("got %q", got)
	}
}
