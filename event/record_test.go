package event

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/qmp"
)

func TestRecords(t *testing.T) {
	for _, test := range []struct{ name, line, want string }{
		{"a QMP line is a record",
			`{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "STOP"}`,
			`{"timestamp":{"seconds":1,"microseconds":2},"event":"STOP"}`},
		{"a record is itself",
			`{"timestamp":{"seconds":1,"microseconds":2},"event":"RESET","data":{"guest":true},"host":"kvm07","vm":{"name":"db1","uuid":"u"},"source":"qmp:/x","received":"2026-03-14T14:02:03.000004Z","seq":18446744073709551615}`,
			`{"timestamp":{"seconds":1,"microseconds":2},"event":"RESET","data":{"guest":true},"host":"kvm07","vm":{"name":"db1","uuid":"u"},"source":"qmp:/x","received":"2026-03-14T14:02:03.000004Z","seq":18446744073709551615}`},
		{"vm may be a plain name", `{"event":"STOP","vm":"db1"}`, `{"event":"STOP","vm":{"name":"db1"}}`},
		{"-1 is no time", `{"event":"STOP","timestamp":{"seconds":-1,"microseconds":-1}}`, `{"event":"STOP"}`},
		{"received in another zone", `{"event":"STOP","received":"2026-03-14T15:02:03+01:00"}`, `{"event":"STOP","received":"2026-03-14T14:02:03.000000Z"}`},
		{"members of ours in another form are somebody else's",
			`{"event":"STOP","host":5,"vm":[1],"received":"yesterday","seq":-1,"source":null}`, `{"event":"STOP"}`},
		{"many lines become one", "{\n \"event\": \"X\",\n \"data\": {\n  \"a b\": [ 1 , \"c \\\" d\" ]\n }\n}", `{"event":"X","data":{"a b":[1,"c \" d"]}}`},
		{"bytes that are not UTF-8", "{\"event\":\"X\",\"data\":{\"a\":\"\xff\"}}", "{\"event\":\"X\",\"data\":{\"a\":\"\uFFFD\"}}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := Parse([]byte(test.line))
			if err != nil {
				t.Fatal(err)
			}
			if got := string(e.AppendJSON(nil)); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	for _, bad := range []string{"", "{", "5", `{"return":{}}`, `{"event":5}`, `{"event":"X"} {}`} {
		if _, err := Parse([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestTimes(t *testing.T) {
	for us, want := range map[int64]string{
		0:                     "1970-01-01T00:00:00.000000Z",
		-1:                    "1969-12-31T23:59:59.999999Z",
		1_800_000_000_000_005: "2027-01-15T08:00:00.000005Z",
		1<<63 - 1:             "9999-12-31T23:59:59.999999Z",
		qmp.NoTime:            "0000-01-01T00:00:00.000000Z",
	} {
		if got := string(AppendTime(nil, us)); got != want {
			t.Errorf("%d: got %s, want %s", us, got, want)
		}
	}
}

// Whatever an event holds, its record is one line of JSON that reads back as
// the same.
func TestRecordReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		e := Event{
			Event:    qmp.Event{Name: text.Draw(t, "name"), Time: rapid.Int64Range(-1<<52, 1<<52).Draw(t, "time")},
			Host:     text.Draw(t, "host"),
			VM:       VM{Name: text.Draw(t, "vm"), UUID: text.Draw(t, "uuid")},
			Source:   text.Draw(t, "source"),
			Received: rapid.Int64Range(firstTime, lastTime).Draw(t, "received"),
			Seq:      rapid.Uint64().Draw(t, "seq"),
		}
		if e.VM.Name == "" {
			e.VM.UUID = "" // nobody's UUID
		}
		if rapid.Bool().Draw(t, "data") {
			raw, err := json.Marshal(map[string]any{text.Draw(t, "member"): text.Draw(t, "value")})
			if err != nil {
				t.Fatal(err)
			}
			e.Raw = raw
		}
		line := e.AppendJSON(nil)
		if bytes.ContainsAny(line, "\n\r") || !json.Valid(line) {
			t.Fatalf("not one line of JSON: %q", line)
		}
		back, err := Parse(line)
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		if again := back.AppendJSON(nil); !bytes.Equal(line, again) {
			t.Fatalf("read back as another\n%s\n%s", line, again)
		}
		if back.Host != e.Host || back.VM != e.VM || back.Seq != e.Seq || back.Received != e.Received || back.Time != e.Time || back.Name != e.Name {
			t.Fatalf("got %+v, want %+v", back, e)
		}
	})
}

// The hand-made form is that of the standard library.
func TestTimesAsTheLibraryWritesThem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		us := rapid.Int64Range(firstTime, lastTime).Draw(t, "us")
		want := time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.000000Z")
		if got := string(AppendTime(nil, us)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func BenchmarkAppendJSON(b *testing.B) {
	e, err := Parse([]byte(`{"timestamp": {"seconds": 1, "microseconds": 2}, "event": "BLOCK_IO_ERROR", "data": {"device": "drive-virtio-disk0", "node-name": "vm0001.vol0", "operation": "write", "action": "report", "nospace": false, "reason": "Input/output error"}, "host": "kvm07", "vm": {"name": "db1"}, "source": "file:/x", "received": "2026-03-14T14:02:03.000004Z"}`))
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	for b.Loop() {
		buf = e.AppendJSON(buf[:0])
	}
}
