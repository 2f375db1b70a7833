package exec

import (
	"bytes"
	"io"
	"testing"
)

// TestWholeInput: the message is in the pipe before anybody feeds it, so that a
// program whose qmpalert is killed reads all of it.
func TestWholeInput(t *testing.T) {
	for _, size := range []int{0, 1, 200_000} {
		message := bytes.Repeat([]byte("x"), size)
		in, err := newInput(message)
		if err != nil {
			t.Fatal(err)
		}
		in.close()
		got, err := io.ReadAll(in.read)
		if err != nil || !bytes.Equal(got, message) {
			t.Errorf("%d bytes of %d, %v", len(got), size, err)
		}
		if err := in.read.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLongInput: what is longer than a pipe is fed while the program reads.
func TestLongInput(t *testing.T) {
	message := bytes.Repeat([]byte("long"), maxPipe)
	n, dir := script(t, `cat > "$1/stdin"`)
	if _, err := n.run(t.Context(), message, nil); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "stdin"); got != string(message) {
		t.Errorf("%d bytes of %d", len(got), len(message))
	}
}
