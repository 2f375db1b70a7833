package core

import (
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/dispatch"
)

// TestRetell: what fires is told once more, but for what people silenced.
func TestRetell(t *testing.T) {
	c := newCore(t)
	at := noon
	for i, line := range []string{
		`{"timestamp":{"seconds":1773489600,"microseconds":0},"event":"STOP","host":"h","vm":"a","received":"2026-03-14T12:00:00.000000Z"}`,
		`{"timestamp":{"seconds":1773489600,"microseconds":0},"event":"STOP","host":"h","vm":"b","received":"2026-03-14T12:00:00.000000Z"}`,
	} {
		step(t, c, line, i)
	}
	silence := func(id, vm string, long time.Duration) {
		t.Helper()
		out := c.Step(Entry{At: at, Silence: &dispatch.Silence{
			ID: id, Matchers: []string{`vm="` + vm + `"`}, StartsAt: at, EndsAt: at + long.Microseconds(), CreatedBy: "me", Comment: "why",
		}})
		if out.Err != nil {
			t.Fatal(out.Err)
		}
	}
	silence("s1", "a", time.Hour)
	silence("s2", "b", time.Second)
	at += time.Minute.Microseconds()
	told := func() (vms []string) {
		at += time.Minute.Microseconds()
		out := c.Step(Entry{At: at})
		for _, n := range out.Notifications {
			for _, a := range n.Alerts {
				vms = append(vms, a.Name+" "+a.Labels.Get("vm"))
			}
		}
		return vms
	}
	if before := told(); len(before) == 0 {
		t.Fatal("nothing was told at first")
	}
	if err := c.Retell(); err != nil {
		t.Fatal(err)
	}
	for _, one := range told() {
		if one != "Paused b" && one != "Stuck b" && one != "Silent b" {
			t.Errorf("told again: %s", one)
		}
	}
	kept := c.Planner().View().Silences
	if len(kept) != 1 || kept[0].ID != "s1" || kept[0].CreatedBy != "me" || kept[0].Comment != "why" {
		t.Errorf("silences: %+v", kept)
	}
}
