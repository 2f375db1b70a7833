package qmp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"testing"
)

// benchData is 2,000 events as QEMU 7.2 writes them: 27 types, storage errors in
// bursts.
func benchData(tb testing.TB) []byte {
	tb.Helper()
	b, err := os.ReadFile("testdata/bench.ndjson")
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// repeated reads the same bytes n times over, without an end between.
type repeated struct {
	data []byte
	rest []byte
	n    int
}

func (r *repeated) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.n == 0 {
			return 0, io.EOF
		}
		r.n--
		r.rest = r.data
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// perEvent makes ns/op and allocs/op those of one event.
func perEvent(b *testing.B, data []byte) *repeated {
	lines := bytes.Count(data, []byte("\n"))
	b.SetBytes(int64(len(data) / lines))
	b.ReportAllocs()
	return &repeated{data: data, n: b.N/lines + 1}
}

func benchmarkDecode(b *testing.B, opt Options) {
	r := perEvent(b, benchData(b))
	d := NewDecoder(r, opt)
	var m Message
	b.ResetTimer()
	for range b.N {
		if err := d.Next(&m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecode decodes and checks every member, each event into a struct of
// its own.
func BenchmarkDecode(b *testing.B) { benchmarkDecode(b, Options{}) }

// BenchmarkDecodeReuse is what replay does.
func BenchmarkDecodeReuse(b *testing.B) { benchmarkDecode(b, Options{Reuse: true}) }

// BenchmarkDecodeEncodingJSON is the usual Go way: a map for each event.
func BenchmarkDecodeEncodingJSON(b *testing.B) {
	s := bufio.NewScanner(perEvent(b, benchData(b)))
	b.ResetTimer()
	for range b.N {
		if !s.Scan() {
			b.Fatal(s.Err())
		}
		var m map[string]any
		if err := json.Unmarshal(s.Bytes(), &m); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSplitLines is the floor: find the line ends, look at nothing.
func BenchmarkSplitLines(b *testing.B) {
	s := bufio.NewScanner(perEvent(b, benchData(b)))
	b.ResetTimer()
	for range b.N {
		if !s.Scan() {
			b.Fatal(s.Err())
		}
	}
}
