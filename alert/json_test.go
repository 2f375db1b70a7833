package alert

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

func stop(t *testing.T) *event.Event {
	t.Helper()
	e, err := event.Parse([]byte(`{"timestamp":{"seconds":1800000000,"microseconds":5},"event":"STOP","host":"h","vm":{"name":"a"}}`))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The line that replay prints is a contract, byte for byte.
func TestChangeAsJSON(t *testing.T) {
	const begin = 1_800_000_000_000_000
	labels := Labels{{"vm", "a"}, {"alertname", "A"}, {"severity", "warning"}}
	labels.Sort()
	c := Change{
		At: begin + 5, Status: Pending, Name: "A", Labels: labels, Annotations: Labels{{"summary", "a \"b\" <c>\n"}},
		Fingerprint: 0xab, ActiveAt: begin, StartsAt: qmp.NoTime, EndsAt: qmp.NoTime, Count: 12, Reason: ReasonMatch,
		Evidence: Evidence{Events: []*event.Event{stop(t)}, Omitted: 11},
	}
	const head = `{"at":"2027-01-15T08:00:00.000005Z","status":"pending","alertname":"A",` +
		`"labels":{"alertname":"A","severity":"warning","vm":"a"},"annotations":{"summary":"a \"b\" <c>\n"},` +
		`"fingerprint":"00000000000000ab","activeAt":"2027-01-15T08:00:00.000000Z"`
	const tail = `,"count":12,"reason":"match","evidence":{"events":[` +
		`{"timestamp":{"seconds":1800000000,"microseconds":5},"event":"STOP","host":"h","vm":{"name":"a"}}],"omitted":11}}`
	if got := string(c.AppendJSON(nil)); got != head+tail {
		t.Errorf("got  %s\nwant %s", got, head+tail)
	}
	c.StartsAt, c.EndsAt = begin+1, begin+2
	const times = `,"startsAt":"2027-01-15T08:00:00.000001Z","endsAt":"2027-01-15T08:00:00.000002Z"`
	if got := string(c.AppendJSON(nil)); got != head+times+tail {
		t.Errorf("got  %s\nwant %s", got, head+times+tail)
	}
	c.Evidence = Evidence{Bounded: 3, Note: "not confirmed: \"<no>\""}
	const noted = `{"events":[],"omitted":0,"bounded":3,"note":"not confirmed: \"<no>\""}}`
	if got := string(c.AppendJSON(nil)); !strings.HasSuffix(got, `"evidence":`+noted) {
		t.Errorf("got  %s\nwant %s at its end", got, noted)
	}
	c.Labels[2].Value = "\x00\xff\u202e"
	if b := c.AppendJSON(nil); !json.Valid(b) {
		t.Errorf("not JSON: %q", b)
	}
}

// FNV-1a, 64 bit, written out: the fingerprints of other programs must agree.
func TestFingerprint(t *testing.T) {
	want := func(text string) Fingerprint {
		h := uint64(14695981039346656037)
		for i := range len(text) {
			h = (h ^ uint64(text[i])) * 1099511628211
		}
		return Fingerprint(h)
	}
	ls := Labels{{"alertname", "A"}, {"severity", "critical"}, {"vm", "db1"}}
	if got, w := ls.Fingerprint(), want("alertname\xffA\xffvm\xffdb1\xff"); got != w {
		t.Errorf("got %s, want %s", got, w)
	}
	other := Labels{{"alertname", "A"}, {"severity", "info"}, {"vm", "db1"}}
	if ls.Fingerprint() != other.Fingerprint() {
		t.Error("severity is in the fingerprint")
	}
	if got := (Labels{}).Fingerprint().String(); got != "cbf29ce484222325" {
		t.Errorf("of nothing: %s", got)
	}
}

func TestLabelsGet(t *testing.T) {
	ls := Labels{{"b", "2"}, {"a", "1"}, {"c", "3"}}
	ls.Sort()
	for name, want := range map[string]string{"a": "1", "b": "2", "c": "3", "": "", "bb": "", "d": ""} {
		if got := ls.Get(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
