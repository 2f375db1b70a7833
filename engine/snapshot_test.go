package engine_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/qmpalert/qmpalert/engine"
)

// A snapshot that was damaged is refused or taken, and never stops the machine.
func TestDamagedSnapshots(t *testing.T) {
	set := load(t, `
groups:
- name: g
  rules:
  - {alert: Count, event: STOP, count: 2, within: 1m}
  - {alert: Having, event: STOP, within: 1m, having: 'last(vm.name) == "a"'}
  - {alert: Seq, sequence: [STOP, RESET, RESUME], within: 1m}
  - {alert: All, all_of: [STOP, RESUME], within: 1m, scope: host}
  - {record: STOPPED, event: STOP}
  - {alert: Absent, event: STOPPED, absent_for: 1m, scope: fleet}
  - {alert: Asks, event: STOP, resolve: RESUME, confirm: {query: query-status, expr: running}}
`)
	m := engine.New(set, engine.Options{})
	m.Step(ev(t, 0, "a", "STOP", ""))
	m.Step(ev(t, time.Second, "b", "STOP", ""))
	m.Step(ev(t, time.Second, "a", "RESET", ""))
	text, err := json.Marshal(m.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	sameForm(t, m.Snapshot())
	refused, taken := 0, 0
	try := func(tree any) {
		text, err := json.Marshal(tree)
		if err != nil {
			t.Fatal(err)
		}
		var s engine.Snapshot
		if json.Unmarshal(text, &s) != nil {
			refused++
			return
		}
		back, err := engine.Restore(set, s)
		if err != nil {
			refused++
			return
		}
		taken++
		back.Step(ev(t, 2*time.Second, "a", "RESUME", ""))
		back.Step(ev(t, 3*time.Second, "c", "STOP", ""))
		back.Finish(time.Hour)
	}
	var tree any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // times are exact
	if err := d.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	damage(tree, func() { try(tree) })
	if refused < 50 || taken < 50 {
		t.Errorf("%d refused, %d taken: the damage is not what it was meant to be", refused, taken)
	}
}

// damage calls try with each part of a tree replaced by something else, in turn.
func damage(tree any, try func()) {
	each := func(v any, set func(any)) {
		for _, other := range []any{-1, 7, "x", true, nil, []any{}} {
			set(other)
			try()
		}
		set(v)
		damage(v, try)
	}
	switch tree := tree.(type) {
	case map[string]any:
		for k, v := range tree {
			each(v, func(other any) { tree[k] = other })
		}
	case []any:
		for i, v := range tree {
			each(v, func(other any) { tree[i] = other })
		}
	}
}

// sameForm checks that a snapshot's own form is read as that of encoding/json.
func sameForm(t *testing.T, s engine.Snapshot) {
	t.Helper()
	own, err := s.AppendJSON(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back engine.Snapshot
	if err := json.Unmarshal(own, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, back, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
