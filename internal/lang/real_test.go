package lang

import (
	"slices"
	"testing"

	"github.com/qmpalert/qmpalert/qmp"
)

// Every member of every known event can be named, and means that member. The
// names that are fixed win; who adds an event with such a member learns it here.
func TestEveryMemberHasAName(t *testing.T) {
	shadowed := map[string]bool{"QMPALERT_RESYNC.event": true}
	for _, def := range qmp.Defs() {
		for _, m := range def.Slots {
			if shadowed[def.Name+"."+m.Path] {
				continue
			}
			p, problems := Compile(m.IdentPath, Env{Event: def}, AnyValue)
			if p == nil {
				t.Errorf("%s.%s: %+v", def.Name, m.Path, problems)
				continue
			}
			e := blockIOError()
			e.Kind, e.Data = def.Kind, slotNumbers{def.Kind}
			if got := show(p.Value(&Frame{Event: e})); got != show(qmp.Int(int64(m.Slot))) {
				t.Errorf("%s.%s reads slot %s, want %d", def.Name, m.Path, got, m.Slot)
			}
		}
		checkIdents(t, def.Name, def.Members)
		for _, name := range []string{AggCount.String(), AggRate.String()} {
			if slices.Contains(idents(def.Members), name) {
				t.Errorf("%s.%s is hidden by an aggregate", def.Name, name)
			}
		}
		for _, v := range WindowVars() {
			if slices.Contains(idents(def.Members), v.Name) {
				t.Errorf("%s.%s is hidden by a variable", def.Name, v.Name)
			}
		}
	}
}

// checkIdents reports members of one object that have the same name.
func checkIdents(t *testing.T, path string, members []*qmp.Member) {
	for i, m := range members {
		if slices.Contains(idents(members[:i]), m.Ident) {
			t.Errorf("%s has two members %s", path, m.Ident)
		}
		checkIdents(t, path+"."+m.Name, m.Members)
	}
}

// slotNumbers is an event whose members are the numbers of their slots.
type slotNumbers struct{ kind qmp.Kind }

func (s slotNumbers) Kind() qmp.Kind             { return s.kind }
func (s slotNumbers) Field(slot int) qmp.Value   { return qmp.Int(int64(slot)) }
func (s slotNumbers) AppendJSON(b []byte) []byte { return b }
func (s slotNumbers) Clone() qmp.Data            { return s }

// A full disk, as QEMU tells it.
func TestRealEvent(t *testing.T) {
	for src, want := range map[string]bool{
		`action == "stop" and operation == "write" and nospace`: true, `device == ""`: true, `device != nil and qom_path contains "virtio"`: true,
		`reason startsWith "No space"`: true, `data["node-name"] == node_name`: true, `vm.name == "db1" and host == "kvm07"`: true, `action != "stop"`: false, `event == "BLOCK_IO_ERROR"`: true,
	} {
		if got := mustCompile(t, src, Condition).True(&Frame{Event: blockIOError()}); got != want {
			t.Errorf("%s is %v", src, got)
		}
	}
}
