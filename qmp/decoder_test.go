package qmp

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestStreams says what a stream gives, a word a value: the event's name, or
// greeting, return, error, other; "bad LINE:COLUMN" for a syntax error.
func TestStreams(t *testing.T) {
	const stop, reset = `{"event": "STOP"}`, `{"event":"RESET"}`
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", ""},
		{"only space", " \r\n\t\n", ""},
		{"several on a line", stop + reset + " " + stop, "STOP RESET STOP"},
		{"no line end", stop, "STOP"},
		{"CR LF", stop + "\r\n" + reset + "\r\n", "STOP RESET"},
		{"one over several lines", "{\n  \"event\"\n:\n\"STOP\"\r\n}" + reset, "STOP RESET"},
		{"talk between events", `{"QMP": {}}{"return": {}}` + stop + `{"error": {}}` + reset, "greeting return STOP error RESET"},
		{"not QMP", `{"a":1} [1] "x" 12 true` + stop, "other other other other other STOP"},
		{"event wins", `{"return": 1, "error": 2, "QMP": 3, "event": "STOP"}`, "STOP"},

		{"a damaged line", "{\"a\":01, \"b\": {}}\n" + stop, "bad 1:7 STOP"},
		{"good behind bad on the line", `{"a":01}` + stop + "\n" + reset, "bad 1:7 STOP RESET"},
		{"bad behind good on the line", stop + "x\n" + reset, "STOP bad 1:18 RESET"},
		{"one error a line", `{"a":01}{"b":01}` + stop + "\n" + reset, "bad 1:7 RESET"},
		{"garbage behind a bad value", `{"a":01} x ` + stop + "\n" + reset, "bad 1:7 RESET"},
		{"line cut in a string", "{\"event\": \"ST\n" + stop, "bad 1:14 STOP"},
		{"line cut between members", "{\"event\": \"STOP\",\n" + stop + "\n" + reset, "bad 2:1 STOP RESET"},
		{"line cut before a value", "{\"data\":\n" + stop + "\n" + reset, "bad 3:1 STOP RESET"},
		{"cut line that would swallow all", "{\"a\": [\n" + stop + "\n", "bad 3:1 STOP"},
		{"bad pretty value", "{\n  \"a\": 01,\n  \"b\": {\n}\n}\n" + stop, "bad 2:9 STOP"},
		{"bad pretty list", "{\n\"a\": x\n]\n}\n" + stop, "bad 2:6 other bad 2:4 STOP"},
		{"indented lines belong to the bad value", "{\"a\":\n x\n " + stop + "\n" + reset, "bad 2:2 RESET"},
		{"stray brackets", "}\n]\n" + stop, "bad 1:1 STOP"},
		{"braces in strings", `{"a": "}\"}", x}` + stop, "bad 1:15 STOP"},
		{"byte order mark", "\ufeff" + stop + "\n" + stop, "bad 1:1 STOP"},
		{"a comment", "# x\n// y\n" + stop, "bad 1:1 bad 2:1 STOP"},
		{"end inside", stop + "\n{\"event\": \"RE", "STOP bad 2:14"},
		{"end inside a number", "-", "bad 1:2"},
		{"number at the end", "12", "other"},
		{"zero bytes", "\x00\x00\n" + stop, "bad 1:1 STOP"},
		{"lines inside values", "{\n\n}\n[\n]  x\n", "other other bad 5:4"},
		{"as deep as allowed", strings.Repeat(`{"a":[`, 256) + strings.Repeat("]}", 256) + stop, "other STOP"},
		{"too deep", strings.Repeat("[", 513) + strings.Repeat("]", 513) + stop, "bad 1:513 STOP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text)), iotest.DataErrReader(strings.NewReader(c.text))} {
				if got := words(t, NewDecoder(r, Options{})); got != c.want {
					t.Errorf("got  %s\nwant %s", got, c.want)
				}
			}
		})
	}
}

func words(t *testing.T, d *Decoder) string {
	t.Helper()
	var words []string
	var m Message
	for {
		err := d.Next(&m)
		var bad *SyntaxError
		var large *TooLargeError
		switch {
		case err == io.EOF:
			if d.Next(&m) != io.EOF {
				t.Error("something follows the end")
			}
			return strings.Join(words, " ")
		case errors.As(err, &bad):
			words = append(words, "bad "+position(bad))
		case errors.As(err, &large):
			words = append(words, "large")
		case err != nil:
			t.Fatal(err)
		case m.Type == TypeEvent:
			words = append(words, m.Event.Name)
		default:
			words = append(words, m.Type.String())
		}
	}
}

func position(e *SyntaxError) string {
	text := strings.ReplaceAll(e.Error(), "line ", "")
	line, rest, _ := strings.Cut(text, ", column ")
	column, _, _ := strings.Cut(rest, ":")
	return line + ":" + column
}

// TestNextWaitsForNoMore reads from a pipe that has exactly one value in it.
func TestNextWaitsForNoMore(t *testing.T) {
	r, w := io.Pipe()
	defer r.Close()
	d := NewDecoder(r, Options{})
	for _, text := range []string{`{"event": "STOP"}`, "\r\n[1]", ` "x"`, `{"a": 01}`, `{"event": "RESET"}`, "\n{\"a\": }", " {}"} {
		wrote := make(chan error, 1)
		go func() {
			_, err := w.Write([]byte(text))
			wrote <- err
		}()
		var m Message
		err := d.Next(&m)
		if bad := strings.Contains(text, "01") || strings.Contains(text, ": }"); bad != (err != nil) {
			t.Fatalf("%q: %v", text, err)
		}
		if err := <-wrote; err != nil {
			t.Fatal(err)
		}
	}
}

// TestReadErrorLosesNothing goes on after an error of the reader, in the middle
// of a value, of space and of damage.
func TestReadErrorLosesNothing(t *testing.T) {
	text := "{\"event\": \"STOP\"}\r\n  {\"a\": 01, \"b\": 2}\n{\"event\": \"RESET\"}"
	broken := errors.New("broken")
	for i := range 2 * len(text) {
		cut := i / 2
		r := io.MultiReader(strings.NewReader(text[:cut]), iotest.ErrReader(broken))
		if i%2 == 1 { // the error comes together with the last bytes
			r = iotest.DataErrReader(r)
		}
		d := NewDecoder(r, Options{})
		var m Message
		for err := error(nil); err != broken; {
			err = d.Next(&m)
			if err == io.EOF {
				t.Fatalf("cut at %d: the reader's error was lost", cut)
			}
		}
		d.r = strings.NewReader(text[cut:])
		words(t, d)
		if s := d.Stats(); s != (Stats{Values: 2, Errors: 1, Bytes: int64(len(text))}) {
			t.Errorf("cut at %d: %+v", cut, s)
		}
	}
}

// TestOffset: what was used ends where a second decoder can begin.
func TestOffset(t *testing.T) {
	text := "{\"event\": \"STOP\"}\r\n  {\"a\": 01}\n{\"event\": \"RESET\"} {\"event\": \"STOP\"}\n"
	d := NewDecoder(iotest.HalfReader(strings.NewReader(text)), Options{Reuse: true})
	var m Message
	var got []string
	for {
		err := d.Next(&m)
		if err == io.EOF {
			break
		}
		if err == nil {
			got = append(got, text[m.Offset:d.Offset()])
		}
	}
	want := []string{`{"event": "STOP"}`, `{"event": "RESET"}`, `{"event": "STOP"}`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q", got)
	}
}

// hiccup gives an error together with data, once.
type hiccup struct {
	r   io.Reader
	err error
}

func (h *hiccup) Read(p []byte) (int, error) {
	n, err := h.r.Read(p)
	if h.err != nil {
		err, h.err = h.err, nil
	}
	return n, err
}

func TestErrorBesideDataIsReturned(t *testing.T) {
	broken := errors.New("broken")
	d := NewDecoder(&hiccup{iotest.OneByteReader(strings.NewReader("{}")), broken}, Options{})
	if err := d.Next(new(Message)); err != broken {
		t.Errorf("%v, want %v", err, broken)
	}
	if got := words(t, d); got != "other" {
		t.Errorf("then %s", got)
	}
}

func TestOversized(t *testing.T) {
	event := func(n int) string { return `{"event": "X", "data": {"x": "` + strings.Repeat("é\\n", n/4) + `"}}` }
	reply := func(n int) string { return `{"return": [` + strings.Repeat("[],", n/3) + `{}]}` }
	opt := Options{MaxEvent: 1000, MaxReply: 5000}
	const stop = "{\"event\": \"STOP\"}\n"
	for _, c := range []struct{ name, text, want string }{
		{"event that fits", event(900) + stop, "X STOP"},
		{"event of just the size", `{"event": "STOP"` + strings.Repeat(" ", 1000-17) + "}" + stop, "STOP STOP"},
		{"event of one byte more", `{"event": "STOP"` + strings.Repeat(" ", 1000-16) + "}" + stop, "large STOP"},
		{"event", event(1100) + stop, "large STOP"},
		{"event larger than a reply may be", event(1<<20) + "\r\n" + stop, "large STOP"},
		{"reply that fits", reply(4900) + stop, "return STOP"},
		{"reply", reply(5100) + stop, "large STOP"},
		{"huge reply", reply(1<<20) + stop, "large STOP"},
		{"pretty reply", strings.ReplaceAll(reply(1<<19), ",", ",\n  ") + "\n" + stop, "large STOP"},
		{"large and bad", event(60000)[:59000] + "\n" + stop + stop, "large STOP STOP"},
		{"large and cut between members", reply(60000)[:59000] + "\n" + stop + stop, "large STOP STOP"},
		{"large and bad in the middle", reply(60000) + "x" + reply(60000) + "\n" + stop, "large bad 1:60017 STOP"},
		{"large to the end", event(1 << 20)[:1<<19], "large"},
		{"large, then another", event(1<<17) + event(1<<17) + stop, "large large STOP"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := NewDecoder(iotest.HalfReader(strings.NewReader(c.text)), opt)
			if got := words(t, d); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if n := len(d.buf.b); n > lastBlock+padding {
				t.Errorf("a buffer of %d bytes", n)
			}
			if s := d.Stats(); s.Oversized != strings.Count(c.want, "large") || s.Bytes != int64(len(c.text)) {
				t.Errorf("stats %+v", s)
			}
		})
	}
}

// TestSkippingAllocatesNothing passes a value of 64 MiB in a buffer of a few KiB.
func TestSkippingAllocatesNothing(t *testing.T) {
	text := []byte(strings.Repeat("[],", 1<<10))
	r := io.MultiReader(strings.NewReader(`{"return": [`), &endless{text, 64 << 20}, strings.NewReader("{}]}\n{\"event\": \"STOP\"}"))
	d := NewDecoder(r, Options{MaxEvent: 1 << 10, MaxReply: 1 << 10})
	allocated := testing.AllocsPerRun(1, func() {
		if got := words(t, d); got != "large STOP" && got != "" {
			t.Error(got)
		}
	})
	if allocated > 100 || len(d.buf.b) > lastBlock+padding {
		t.Errorf("%v allocations, buffer of %d bytes", allocated, len(d.buf.b))
	}
}

// endless reads the same text until left bytes are out.
type endless struct {
	text []byte
	left int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := copy(p, e.text)
	n -= n % 3 // whole items only
	e.left -= n
	return n, nil
}

// TestMessagesStay keeps every event of a long recording and looks at all of
// them again in the end: as they came, and with Reuse cloned.
func TestMessagesStay(t *testing.T) {
	data := benchData(t)
	for _, reuse := range []bool{false, true} {
		d := NewDecoder(iotest.HalfReader(bytes.NewReader(data)), Options{Reuse: reuse})
		var events []Event
		var was []string
		var m Message
		for d.Next(&m) == nil {
			e := m.Event
			if reuse {
				e = e.Clone()
			}
			events = append(events, e)
			was = append(was, e.Name+string(e.Raw)+membersOf(&e))
		}
		if len(events) != 2000 {
			t.Fatalf("%d events", len(events))
		}
		for i, e := range events {
			if is := e.Name + string(e.Raw) + membersOf(&e); is != was[i] {
				t.Fatalf("event %d was %s and is %s", i, was[i], is)
			}
		}
	}
}

// membersOf is what the typed members of e say now.
func membersOf(e *Event) string {
	if e.Data == nil {
		return ""
	}
	return string(e.Data.AppendJSON(nil))
}

func TestErrorTexts(t *testing.T) {
	d := NewDecoder(strings.NewReader("\n{\"a\": tru}\n[1, 2, 3, 4]\n"), Options{MaxReply: 5})
	var m Message
	for _, want := range []string{"line 2, column 10: expected true", "line 3: value is larger than 5 bytes", "EOF"} {
		if err := d.Next(&m); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestReuse(t *testing.T) {
	d := NewDecoder(strings.NewReader(`{"event": "RTC_CHANGE", "data": {"offset": 1, "qom-path": "a"}}{"event": "RTC_CHANGE", "data": {"offset": 2}}`), Options{Reuse: true})
	var a, b Message
	if d.Next(&a) != nil || d.Next(&b) != nil {
		t.Fatal("not decoded")
	}
	if a.Event.Data != b.Event.Data || b.Event.Data.(*RTCChange).QOMPath.Set {
		t.Errorf("%+v", b.Event.Data)
	}
}

// TestDecodeAllocates holds the promise of no allocations an event with Reuse,
// and of one block for many events without, beside the struct of each.
func TestDecodeAllocates(t *testing.T) {
	data := benchData(t)
	for _, c := range []struct {
		reuse bool
		most  float64 // for 2,000 events
	}{{true, 80}, {false, 2000}} {
		per := testing.AllocsPerRun(5, func() {
			d := NewDecoder(bytes.NewReader(data), Options{Reuse: c.reuse})
			var m Message
			for d.Next(&m) == nil {
			}
		})
		if per > c.most {
			t.Errorf("reuse %v: %v allocations for 2,000 events", c.reuse, per)
		}
	}
}

// TestDamagedLines spoils lines of a recording as a bad disk would, and counts.
func TestDamagedLines(t *testing.T) {
	lines := bytes.SplitAfter(benchData(t), []byte("\n"))
	lines = lines[:len(lines)-1]
	var stream []byte
	bad := 0
	for i, line := range lines {
		line = bytes.Clone(line)
		at := 1 + i*7%(len(line)-3)
		switch i % 8 {
		case 0:
			line = append(line[:at], "\r\n"...)
			bad++
		case 3:
			line[at] = byte(1 + i%8)
			bad++
		case 5:
			line[at-1] = 0xff
			if DecodeBytes(line, new(Message)) != nil {
				bad++
			}
		}
		stream = append(stream, line...)
	}
	d := NewDecoder(bytes.NewReader(stream), Options{})
	words(t, d)
	if s := d.Stats(); s.Errors != bad || s.Values != len(lines)-bad {
		t.Errorf("%+v, want %d errors in %d lines", s, bad, len(lines))
	}
}
