package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestLogWriterWaitsForNobody: a reader that is stopped holds up neither those
// who log nor the end of the program, and what did not fit is counted.
func TestLogWriterWaitsForNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		l := newLogWriter(w, func(lines int) { fmt.Fprintf(w, "missing %d\n", lines) })
		const size = 1 << 10
		line := []byte(strings.Repeat("x", size-1) + "\n")
		l.Write(line)
		synctest.Wait() // it hangs in the pipe, the queue is empty
		for range logRoom/size + 7 {
			if n, err := l.Write(line); n != size || err != nil {
				t.Fatal(n, err)
			}
		}
		began := time.Now()
		l.close(logPatience)
		if waited := time.Since(began); waited != logPatience {
			t.Errorf("the end waited %v", waited)
		}
		go func() { <-l.done; w.Close() }()
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(text, line); n != logRoom/size+1 {
			t.Errorf("%d lines were written", n)
		}
		if !bytes.HasSuffix(text, []byte("\nmissing 7\n")) {
			t.Errorf("ends with %q", text[max(0, len(text)-40):])
		}
	})
}

// TestLogWriterKeepsAll: what fits is written, in order, before close returns.
func TestLogWriterKeepsAll(t *testing.T) {
	var got, want bytes.Buffer
	l := newLogWriter(&got, func(lines int) { t.Errorf("%d missing", lines) })
	for i := range 1000 {
		fmt.Fprintf(&want, "line %d\n", i)
		fmt.Fprintf(l, "line %d\n", i)
	}
	l.close(time.Hour)
	if got.String() != want.String() {
		t.Errorf("got %q", got.String())
	}
}
