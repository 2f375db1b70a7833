package qmp

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
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

// repeated is a file that begins again at its end, n times.
type repeated struct {
	f *os.File
	n int
}

func (r *repeated) Read(p []byte) (int, error) {
	n, err := r.f.Read(p)
	if err == io.EOF && r.n > 0 {
		r.n--
		if _, err := r.f.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		return r.f.Read(p)
	}
	return n, err
}

// benchFile makes ns/op and allocs/op those of one event out of a file that no
// cache of the processor holds.
func benchFile(b *testing.B) io.Reader {
	const copies = 100
	data := benchData(b)
	f, err := os.Create(filepath.Join(b.TempDir(), "events"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	for range copies {
		if _, err := f.Write(data); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		b.Fatal(err)
	}
	lines := bytes.Count(data, []byte("\n"))
	b.SetBytes(int64(len(data) / lines))
	b.ReportAllocs()
	return &repeated{f: f, n: b.N / lines / copies}
}

func benchmarkDecode(b *testing.B, opt Options) {
	d := NewDecoder(benchFile(b), opt)
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
	s := bufio.NewScanner(benchFile(b))
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
	s := bufio.NewScanner(benchFile(b))
	b.ResetTimer()
	for range b.N {
		if !s.Scan() {
			b.Fatal(s.Err())
		}
	}
}
