package lang

import (
	"testing"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// blockIOError is an event as a full disk causes it.
func blockIOError() *event.Event {
	e := &event.Event{
		Event: qmp.MakeEvent(&qmp.BlockIOError{
			QOMPath:   qmp.Some("/machine/peripheral/virtio0/virtio-backend"),
			Device:    qmp.Some(""),
			NodeName:  qmp.Some("disk0"),
			Operation: qmp.Some("write"),
			Action:    qmp.Some("stop"),
			Nospace:   qmp.Some(true),
			Reason:    qmp.Some("No space left on device"),
		}, 1_700_000_000_000_000),
		Host: "kvm07",
		VM:   event.VM{Name: "db1", UUID: "6f6a1f0e-5c1b-4a0e-9d4e-0a1b2c3d4e5f"},
	}
	return e
}

func mustCompile(t testing.TB, src string, want Want) *Program {
	t.Helper()
	defs := define(t, []NamedList{{"disks", texts("disk0", "disk1", "disk2")}}, []Macro{{"failed", `action == "stop" and operation == "write"`}})
	p, problems := Compile(src, Env{Event: qmp.Lookup("BLOCK_IO_ERROR"), Vars: WindowVars(), Defs: defs}, want)
	if len(problems) > 0 {
		t.Fatalf("%s: %+v", src, problems)
	}
	return p
}

// BenchmarkPredicate is what a rule does with each event that it looks at.
func BenchmarkPredicate(b *testing.B) {
	for _, bench := range []struct{ name, src string }{
		{"four terms", `action == "stop" and operation == "write" and nospace and node_name != "scratch"`},
		{"one term", `action == "stop"`},
		{"in", `node_name in ["disk0", "disk1", "disk2"]`},
		{"in a list", `node_name in disks`},
		{"macro", `failed and nospace and node_name != "scratch"`},
		{"contains", `reason contains "space"`},
		{"matches", `reason matches "^No space"`},
		{"host", `host == "kvm07" and vm.name startsWith "db"`},
		{"data", `data["node-name"] == "disk0"`},
		{"function", `len(node_name) > 3`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p := mustCompile(b, bench.src, Condition)
			f := &Frame{Event: blockIOError()}
			b.ReportAllocs()
			for b.Loop() {
				if !p.True(f) {
					b.Fatal("false")
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	env := Env{Event: qmp.Lookup("BLOCK_IO_ERROR")}
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Compile(`action == "stop" and operation == "write" and nospace and node_name != "scratch"`, env, Condition); problems != nil {
			b.Fatal(problems)
		}
	}
}

// BenchmarkHaving is a match in a window: the arguments, and the condition.
func BenchmarkHaving(b *testing.B) {
	table := new(Aggregates)
	p, problems := Compile(`distinct(node_name) > 1 and countif(nospace) >= 3 and count < 100`, Env{Event: qmp.Lookup("BLOCK_IO_ERROR"), Aggregates: table}, Having)
	if problems != nil {
		b.Fatal(problems)
	}
	f := &Frame{Event: blockIOError(), Aggregates: []qmp.Value{qmp.Int(2), qmp.Int(3), qmp.Int(7)}}
	list := table.List()
	b.ReportAllocs()
	for b.Loop() {
		for i := range list {
			list[i].Arg(f)
		}
		if !p.True(f) {
			b.Fatal("false")
		}
	}
}

func BenchmarkText(b *testing.B) {
	text, problems := CompileText(`{{ vm.name }}: {{ operation }} on {{ node_name }} failed {{ count }} times`, Env{Event: qmp.Lookup("BLOCK_IO_ERROR"), Vars: WindowVars()})
	if problems != nil {
		b.Fatal(problems)
	}
	f := &Frame{Event: blockIOError(), Count: 3}
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buf = text.Append(buf[:0], f)
	}
}
