package web_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
	"github.com/qmpalert/qmpalert/qmp"
)

// TestChangeIsTheLineOfReplay: the API's form of a change is that of a line of
// replay, member for member, and is read back whole.
func TestChangeIsTheLineOfReplay(t *testing.T) {
	for _, status := range []alert.Status{alert.Pending, alert.Firing, alert.Resolved} {
		c := webtest.Paused(status)
		ours, err := json.Marshal(web.ChangeOf(c, true))
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal(ours, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(c.AppendJSON(nil), &want); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", status, d)
		}
		var read web.Change
		if err := json.Unmarshal(ours, &read); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(read)
		if err != nil || string(again) != string(ours) {
			t.Errorf("%s: read back as %s, %v", status, again, err)
		}
	}
	if c := web.ChangeOf(webtest.Paused(alert.Firing), false); c.Evidence != nil {
		t.Error("evidence that nobody asked for")
	}
}

func TestTimes(t *testing.T) {
	type holder struct {
		A web.Time `json:"a,omitzero"`
	}
	for text, want := range map[string]string{
		`{"a":"2026-11-21T14:00:00+01:00"}`: `{"a":"2026-11-21T13:00:00.000000Z"}`,
		`{"a":""}`:                          `{}`,
		`{}`:                                `{}`,
	} {
		var h holder
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(h); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if got, err := json.Marshal(holder{web.Time(qmp.NoTime)}); err != nil || string(got) != `{}` {
		t.Errorf("no time: %s, %v", got, err)
	}
}

func TestAlertIDReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := web.AlertID{Fingerprint: alert.Fingerprint(rapid.Uint64().Draw(t, "f")), StartsAt: rapid.Int64().Draw(t, "at")}
		if rapid.Bool().Draw(t, "newest") {
			id.StartsAt = qmp.NoTime
		}
		if got, err := web.ParseAlertID(id.String()); err != nil || got != id {
			t.Fatalf("%s is read as %v, %v", id, got, err)
		}
	})
	for _, bad := range []string{"", "-", "0", "00000000000000000", "000000000000000g", "0000000000000000-", "0000000000000000-x", "0000000000000000-11111111111111111", "+000000000000001", "0000000000000000--1"} {
		if id, err := web.ParseAlertID(bad); err == nil {
			t.Errorf("%q is read as %v", bad, id)
		}
	}
}
