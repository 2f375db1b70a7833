package rules

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// FuzzLoad feeds any bytes as a rule file. Whatever they are: no panic, a set or
// an error, findings inside of the file, the same findings again; and what was
// loaded can be asked about events.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/*/*.yml", "../examples/rules/*.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	var sample []*event.Event
	for _, line := range []string{
		`{"event":"STOP"}`, `{"event":"VNC_CONNECTED","data":{"client":{"host":"::1"}}}`,
		`{"event":"BLOCK_IO_ERROR","data":{"device":"","action":"stop","operation":"read"}}`,
		`{"event":"__com.redhat_X","data":{"a":{"b":1}}}`, `{"event":"QMPALERT_GAP","data":{"reason":"queue"}}`,
	} {
		var m qmp.Message
		if err := qmp.DecodeBytes([]byte(line), &m); err != nil {
			f.Fatal(err)
		}
		sample = append(sample, &event.Event{Event: m.Event, Host: "h", VM: event.VM{Name: "v"}})
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		set, found := Load([]File{{Name: "f.yml", Src: src}}, Options{})
		if (set == nil) != found.HasErrors() {
			t.Fatalf("set %v beside %v", set, found)
		}
		for _, x := range found {
			inside(t, x, src)
		}
		again, foundAgain := Load([]File{{Name: "f.yml", Src: src}}, Options{})
		if set.Len() != again.Len() || findingsText(t, found, src) != findingsText(t, foundAgain, src) {
			t.Fatal("the same file was read in two ways")
		}
		for i, r := range set.Rules() {
			if r.Meaning != again.Rules()[i].Meaning {
				t.Fatalf("two meanings: %s and %s", r.Meaning, again.Rules()[i].Meaning)
			}
			ask(t, r, sample)
		}
	})
}

// inside checks that a finding is about a place in the file.
func inside(t *testing.T, f diag.Finding, src []byte) {
	lines := 1
	for _, c := range src {
		if c == '\n' {
			lines++
		}
	}
	if f.Message == "" || f.Code.Meaning() == "" || f.Pos.File != "f.yml" || f.Pos.Line > lines {
		t.Fatalf("finding %+v of a file of %d lines", f, lines)
	}
}

// ask puts events to a rule and checks what does not depend on the rule.
func ask(t *testing.T, r *Rule, sample []*event.Event) {
	var f lang.Frame
	for i := range r.Aggregates() {
		_ = r.Aggregates()[i].Arg(&f) // of nothing
	}
	f.Aggregates = make([]qmp.Value, len(r.Aggregates()))
	if r.Form == FormHaving {
		r.HavingHolds(&f)
	}
	if v := r.View(); len(v.Steps) != r.Steps || r.Steps > MaxSteps || len(v.Until) > 0 != r.HasUntil || len(v.Resolve) > 0 != r.HasResolve {
		t.Fatalf("the view %+v of %s", v, r.Meaning)
	}
	if r.Confirm != nil {
		r.Confirm.Agrees(qmp.ParseValue([]byte(`{"status":"paused"}`)))
	}
	for _, e := range sample {
		role := r.Role(e, &f)
		if role != RoleNone && !r.Wants(e.Kind, e.Name) {
			t.Fatalf("%s has role %d but is not wanted", e.Name, role)
		}
		key := r.AppendKey(nil, e)
		for i := range r.Steps {
			key = r.AppendStepKey(nil, e, i)
		}
		if role == RoleMatch && r.Steps > 0 && r.Hit(e, &f) == (Hit{}) {
			t.Fatalf("%s is a match of no step", e.Name)
		}
		if name, yes := r.Excepted(e, &f); yes && role == RoleMatch && (r.Steps == 0 || r.Hit(e, &f).Steps != 0) {
			t.Fatalf("%s is a match and excepted by %s", e.Name, name)
		}
		if r.Record != "" {
			made := r.MakeRecord(e, key, e.Host, e.VM.Name, 1, 1)
			if !json.Valid(made.Raw) || made.Name != r.Record {
				t.Fatalf("made %s of %s", made.Raw, e.Raw)
			}
		}
		if len(key) != len(r.By) || len(r.ResolveKey(nil, e)) != len(r.By) || len(r.UntilKey(nil, e)) != len(r.By) {
			t.Fatalf("a key of %d for by %q", len(key), r.By)
		}
		labels := r.Labels(e, e.Host, e.VM.Name, key)
		for i := 1; i < len(labels); i++ {
			if labels[i-1].Name >= labels[i].Name {
				t.Fatalf("labels are not sorted or not unique: %v", labels)
			}
		}
		if r.Annotations(&f, key).Get("summary") == "" {
			t.Fatal("no summary")
		}
	}
}
