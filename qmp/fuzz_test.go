package qmp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// tricky are beginnings for the fuzzers and cases of every ordinary test run.
var tricky = []string{
	`{"event": "STOP"}`, `{}`, `[]`, `null`, `12`, `-`, `-0`, `01`, `1.`, `1e5`, `1E+`, `"a"`, `tru`, `nulll`, ``, ` `,
	"\ufeff{}", `{"a":1,}`, `[1,]`, `{"a" 1}`, `{"a":}`, `{a:1}`, `{"a":1 /* no */}`, `NaN`, `{"a":Infinity}`, `[1 2]`, `{]`, `{"a":1]`,
	`{"event": "STOP", "timestamp": {"seconds": 1, "microseconds": 2}}`,
	`{"timestamp": {"seconds": 1700000000, "microseconds": 87}, "event": "BALLOON_CHANGE", "data": {"actual": 22728083964}}`,
	`{"timestamp": {"seconds": 1700000000, "microseconds": 87}, "data": {"actual": -5}, "event": "BALLOON_CHANGE"}`,
	`{"timestamp": {"seconds": -1, "microseconds": -1}, "event": "RESET", "data": {"guest": true, "reason": "guest-reset"}}`,
	`{"timestamp": {"seconds": 00, "microseconds": 1}, "event": "RESET"}`,
	`{"timestamp": {"seconds": 1, "microseconds": 1000000}, "event": "RESET"}`,
	`{"timestamp": {"seconds": 9223372036854775807, "microseconds": 1}, "event": "RESET", "timestamp": null}`,
	`{"timestamp": {"seconds": 1.0, "microseconds": 1, "x": [{}]}, "event": "RESET"}`,
	`{"event": "QUORUM_FAILURE", "data": {"reference": "a", "sector-count": 5, "sector-num": 1e3}, "vm": "db1", "vm": {"name": "db2"}}`,
	`{"event": "ACPI_DEVICE_OST", "data": {"device": "d1", "slot": "0", "slot-type": "DIMM", "source": 1, "status": 2147483648}}`,
	`{"event": "ACPI_DEVICE_OST", "data": {"info": {"slot": "0", "slot-type": null, "status": true}}}`,
	`{"event": "VNC_CONNECTED", "data": {"server": {"auth": "sasl", "websocket": false}, "client": {"host": "\ud83d\ude00\ud800x"}, "server": 5}}`,
	`{"event": "COMMAND_DROPPED", "data": {"id": {"a": [1, 18446744073709551615, -9223372036854775808, 1e999, null]}, "reason": "queue-full"}}`,
	`{"event": "GUEST_PANICKED", "data": {"info": {"arg1": -1, "core": 4294967296, "type": "hyper-v", "error-code": -0}, "action": "pause"}}`,
	`{"event": "STOP", "data": {"x": {"y": []}}}`, `{"event": "NEW_ONE", "data": {"x": 1}, "id": 5, "return": {}}`,
	`{"\u0065vent": "ST\u004fP", "\u0064ata": {}}`, `{"event": 5}`, `{"event": "STOP", "event": null}`, `{"event": "STOP", "event": "RTC_CHANGE", "data": {"offset": 1}}`,
	`{"data": {"offset": 1}, "event": "STOP", "data": {"offset": 2}, "event": "RTC_CHANGE"}`,
	`{"event": "QMPALERT_CLOCK_STEP", "data": {"seconds": -3600.25}}`, `{"event": "QMPALERT_CLOCK_STEP", "data": {"seconds": 1e400}}`,
	`{"QMP": {"version": {"qemu": {"micro": 22, "minor": 2, "major": 7}, "package": "Debian"}, "capabilities": ["oob"]}}`,
	`{"return": {"a": [1, 2, {"b": "c"}]}, "id": "x-1"}`, `{"error": {"class": "GenericError", "desc": "no"}, "id": [1]}`,
	`{"a": "\"\\\/\b\f\n\r\t\u00fF"}`, `{"a": "\v"}`, `{"a": "\U00000041"}`, `{"event":  "STOP", "data":  {"a":  1} , "vm":  "x"}`,
	`{"timestamp": {"seconds": 9223372036854, "microseconds": 1}, "event": "STOP"}`, `{"timestamp": {"seconds": 12345678901234567890, "microseconds": 1}, "event": "STOP"}`,
	"{\"a\": \"\xff\xc3\x28\"}", "{\"event\": \"A\xffB\"}", "{\"a\": \"\x01\"}", "{\"a\": \"\\x\"}", "{\"a\": \"\\u12g4\"}", "{\"a\": \"\x7f é ☃ 😀\"}", "{\"a\": 1}\x00", "{\"a\x00\": 1}",
	strings.Repeat("[", 512) + strings.Repeat("]", 512), strings.Repeat("[", 513) + strings.Repeat("]", 513),
	`{"event": "RTC_CHANGE", "data": {"qom-path": "` + strings.Repeat("é", 3000) + `"}}`,
	"{\r\n  \"event\": \"STOP\",\r\n\t\"data\" : { }\r\n}\r\n",
}

func checkDecode(t *testing.T, text []byte) {
	t.Helper()
	var m Message
	err := DecodeBytes(bytes.Clone(text), &m)
	if err != nil && strings.Contains(err.Error(), tooDeep) {
		return
	}
	if valid := json.Valid(text); valid != (err == nil) {
		t.Fatalf("%v for %q, encoding/json says %v", err, text, valid)
	}
	if err != nil {
		return
	}
	checkAgainstOracle(t, text, &m)
	if m.Event.Data == nil {
		return
	}
	again := Event{Kind: m.Event.Kind, Data: m.Event.Data.Clone()}
	for _, x := range again.Def().Slots {
		if a, b := m.Event.Field(x.Slot), again.Field(x.Slot); !Equal(a, b) && a.Kind() != FloatValue {
			t.Fatalf("clone: %s is %s, was %s", x.Path, b.Text(), a.Text())
		}
		if s, ok := m.Event.Field(x.Slot).AsString(); ok && (!utf8.ValidString(s) || len(s) > maxText+len(cutMark)) {
			t.Fatalf("%s is %q", x.Path, s)
		}
	}
}

func TestDecodeTricky(t *testing.T) {
	for _, s := range tricky {
		checkDecode(t, []byte(s))
	}
}

// FuzzDecode compares the decoder with encoding/json: what is valid, and what
// each member of an event is.
func FuzzDecode(f *testing.F) {
	for _, s := range tricky {
		f.Add([]byte(s))
	}
	for i, line := range slices.Collect(bytes.Lines(benchData(f))) {
		if i%40 == 0 {
			f.Add(line)
		}
	}
	f.Fuzz(checkDecode)
}

// chopped hands out its text in pieces of random size.
type chopped struct {
	text []byte
	rng  *rand.Rand
	most int

	given, before int // bytes handed out, and without the last piece
}

func (c *chopped) Read(p []byte) (int, error) {
	if len(c.text) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.text[:min(len(c.text), 1+c.rng.IntN(c.most))])
	c.text = c.text[n:]
	c.before = c.given
	c.given += n
	return n, nil
}

// story tells what a decoder made of a stream, one line a value or error.
func story(t *testing.T, r io.Reader, opt Options) ([]string, Stats) {
	t.Helper()
	d := NewDecoder(r, opt)
	var lines []string
	var m Message
	for {
		err := d.Next(&m)
		var bad *SyntaxError
		var large *TooLargeError
		switch {
		case err == io.EOF:
			return lines, d.Stats()
		case errors.As(err, &bad):
			lines = append(lines, fmt.Sprintf("%d: %v", bad.Offset, err))
		case errors.As(err, &large):
			lines = append(lines, fmt.Sprintf("%d: %v", large.Offset, err))
		case err != nil:
			t.Fatal(err)
		default:
			lines = append(lines, fmt.Sprintf("%d %d %v %s %d %q", m.Offset, m.Line, m.Type, m.Event.Name, m.Event.Time, m.Text))
		}
		if len(lines) > 1<<20 {
			t.Fatal("no end")
		}
	}
}

const goodLine = `{"timestamp": {"seconds": 7, "microseconds": 8}, "event": "GUEST_PVSHUTDOWN"}`

// checkStream puts two good lines behind each line of text, and wants them all,
// one error for each line that is not JSON, and the same however the stream is
// cut in pieces.
func checkStream(t *testing.T, text []byte, seed uint64) {
	t.Helper()
	var stream []byte
	good, bad := 0, 0
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		if bytes.Contains(line, []byte("GUEST_PVSHUTDOWN")) || tooDeepOrLarge(line) {
			return
		}
		if !validSequence(line) {
			bad++
		}
		stream = append(append(stream, line...), '\n')
		for range 2 {
			stream = append(append(stream, goodLine...), "\r\n"...)
			good++
		}
	}
	whole, stats := story(t, bytes.NewReader(stream), Options{})
	got := 0
	for _, s := range whole {
		if strings.Contains(s, " GUEST_PVSHUTDOWN 7000008 ") {
			got++
		}
	}
	if got != good || stats.Errors != bad || stats.Values+stats.Errors != len(whole) {
		t.Fatalf("%d good lines of %d, %d errors for %d bad lines in %.3000q:\n%.3000s", got, good, stats.Errors, bad, text, strings.Join(whole, "\n"))
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, most := range []int{1, 7, 300} {
		pieces, _ := story(t, &chopped{text: bytes.Clone(stream), rng: rng, most: most}, Options{Reuse: true})
		if !slices.Equal(pieces, whole) {
			t.Fatalf("in pieces of up to %d bytes %.3000q is\n%.3000s\nand whole\n%.3000s", most, text, strings.Join(pieces, "\n"), strings.Join(whole, "\n"))
		}
	}
}

func tooDeepOrLarge(line []byte) bool {
	return bytes.Count(line, []byte("[")) > 500 || bytes.Count(line, []byte("{")) > 500 || len(line) > 1<<16
}

// validSequence reports whether a line is JSON values, one after another.
// encoding/json reads 01 as two of them, we do not.
func validSequence(line []byte) bool {
	d := json.NewDecoder(bytes.NewReader(line))
	for {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err == io.EOF
		}
		rest := line[d.InputOffset():]
		if s := string(raw); (s == "0" || s == "-0") && len(rest) > 0 && rest[0]-'0' <= 9 {
			return false
		}
	}
}

func TestStreamTricky(t *testing.T) {
	all := strings.Join(tricky, "\n")
	checkStream(t, []byte(all[:strings.Index(all, strings.Repeat("[", 512))]), 1)
	for i, s := range tricky {
		checkStream(t, []byte(s), uint64(i))
	}
}

// TestRecordingInPieces cuts a long recording at random, across the blocks of the
// buffer too. Each value must come out as soon as its last byte is in.
func TestRecordingInPieces(t *testing.T) {
	data := benchData(t)
	lines := bytes.SplitAfter(data, []byte("\n"))
	for _, reuse := range []bool{false, true} {
		for _, most := range []int{50, 3000} {
			r := &chopped{text: data, rng: rand.New(rand.NewPCG(1, 1)), most: most}
			d := NewDecoder(r, Options{Reuse: reuse})
			var m Message
			for i := range 2000 {
				if err := d.Next(&m); err != nil {
					t.Fatal(err)
				}
				if want := bytes.TrimSpace(lines[i]); !bytes.Equal(m.Text, want) {
					t.Fatalf("reuse %v, value %d is %s, want %s", reuse, i, m.Text, want)
				}
				if end := int(m.Offset) + len(m.Text); end <= r.before {
					t.Fatalf("reuse %v, value %d was held back: it ends at %d, %d bytes were there", reuse, i, end, r.before)
				}
			}
		}
	}
}

// FuzzStream looks for damage that costs more than its own line, or that shows
// only when the bytes come in pieces.
func FuzzStream(f *testing.F) {
	for i, s := range tricky {
		f.Add([]byte(s), uint64(i))
	}
	f.Add([]byte("{\"a\": [\n\n{\"b\":01}{\"c\": 2}\n}]\n \"x\" {\n"), uint64(3))
	f.Fuzz(checkStream)
}
