package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/lang"
)

// tied are n rules, each tied to one node.
func tied(t testing.TB, n int) []*Rule {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "- {alert: A%d, event: BLOCK_IO_ERROR, expr: 'action == \"stop\" and \"n%d\" == node_name and not nospace', resolve: {event: BLOCK_WRITE_THRESHOLD, expr: 'node_name in [\"n%d\", \"x\"]'}}\n", i, i, i)
	}
	return load(t, b.String())
}

// Only the rules of one node are asked, by the name that tells them apart.
func TestIndexIsSelective(t *testing.T) {
	x := NewIndex(tied(t, 1000))
	var scratch []int
	tests := []struct {
		name, data string
		want       []int
	}{
		{"BLOCK_IO_ERROR", `{"action":"stop","node-name":"n17"}`, []int{17}},
		{"BLOCK_IO_ERROR", `{"action":"stop","node-name":"n1000"}`, nil},
		{"BLOCK_IO_ERROR", `{"action":"stop"}`, nil},
		{"BLOCK_IO_ERROR", ``, nil},
		{"BLOCK_WRITE_THRESHOLD", `{"node-name":"n999"}`, []int{999}},
		{"BLOCK_JOB_ERROR", `{"device":"n17"}`, nil},
		{"OF_TOMORROW", `{"node-name":"n17"}`, nil},
	}
	for _, test := range tests {
		var f lang.Frame
		if got := x.Candidates(ev(t, test.name, test.data), &f, &scratch); !slices.Equal(got, test.want) {
			t.Errorf("%s %s: rules %v, want %v", test.name, test.data, got, test.want)
		}
	}
	var f lang.Frame
	if got := x.Candidates(ev(t, "BLOCK_WRITE_THRESHOLD", `{"node-name":"x"}`), &f, &scratch); len(got) != 1000 {
		t.Errorf("%d rules have x in their list", len(got))
	}
	if x.Wanted(ev(t, "STOP", "")) || !x.Wanted(ev(t, "BLOCK_IO_ERROR", `{}`)) {
		t.Error("wanted is about the type of the event alone")
	}
}

// terms have what can be indexed and what only looks like it.
var terms = []string{
	`node_name == "a"`, `"b" == node_name`, `node_name in ["a", "c"]`, `node_name in ["a", nil]`, `node_name in []`,
	`node_name != "a"`, `not (node_name == "a")`, `node_name == device`, `node_name == nil`, `device == ""`,
	`node_name == "a" or device == "a"`, `(node_name == "a" and nospace)`, `nospace`, `vm.name == "db1"`, `vm.name == "x"`,
	`host in ["kvm07", "b"]`, `host == "b"`, `data["node-name"] == "a"`, `(let d = device; d == "a")`, `len(device) == 1`,
	`node_name startsWith "a"`, `(node_name ?? "a") == "a"`, `(nospace ? device : node_name) == "b"`,
}

// Whatever the rules are: those that the index leaves out are nothing to the
// event, and those that it names are in order.
func TestPropertyIndexIsExact(t *testing.T) {
	member := rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`, `""`, `null`, ``})
	rapid.Check(t, func(t *rapid.T) {
		expr := func() string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(terms), 1, 3).Draw(t, "terms"), " and ")
		}
		var b strings.Builder
		b.WriteString("- {record: SICK0, event: BLOCK_IO_ERROR}\n- {record: SICK1, event: BLOCK_IO_ERROR, expr: nospace}\n")
		for i := range rapid.IntRange(1, 30).Draw(t, "rules") {
			rules := b.String()
			fmt.Fprintf(&b, "- alert: A%d\n  event: [BLOCK_IO_ERROR%s]\n", i, rapid.SampledFrom([]string{"", ", STOP"}).Draw(t, "event"))
			if rapid.Bool().Draw(t, "expr") && !strings.Contains(b.String()[strings.LastIndex(b.String(), "alert"):], "STOP") {
				fmt.Fprintf(&b, "  expr: '%s'\n", expr())
			}
			if steps := rapid.SampledFrom([]int{0, 0, 2}).Draw(t, "steps"); steps > 0 {
				b.Reset()
				b.WriteString(rules)
				fmt.Fprintf(&b, "- alert: A%d\n  within: 1m\n  %s:\n", i, rapid.SampledFrom([]string{"sequence", "all_of"}).Draw(t, "form"))
				for j := range steps {
					fmt.Fprintf(&b, "  - {event: [BLOCK_IO_ERROR, SICK%d], expr: '%s'}\n", j, expr())
				}
				if rapid.Bool().Draw(t, "until") {
					fmt.Fprintf(&b, "  until: {event: BLOCK_IO_ERROR, expr: '%s'}\n", expr())
				}
			}
			switch rapid.IntRange(0, 3).Draw(t, "resolve") {
			case 0:
				b.WriteString("  resolve: [RESUME, BLOCK_IO_ERROR]\n")
			case 1, 2:
				fmt.Fprintf(&b, "  resolve: [RESUME, {event: BLOCK_IO_ERROR, expr: '%s'}]\n", expr())
			}
		}
		set, found := Load([]File{{Name: "test.yml", Src: []byte(inGroup(b.String()))}}, Options{})
		if set == nil {
			t.Fatalf("%v\n%s", found, b.String())
		}
		x := NewIndex(set.Rules())
		var scratch []int
		for range 20 {
			var members []string
			for _, name := range []string{"node-name", "device"} {
				if v := member.Draw(t, name); v != "" {
					members = append(members, fmt.Sprintf(`"%s":%s`, name, v))
				}
			}
			if rapid.Bool().Draw(t, "nospace") {
				members = append(members, `"nospace":true`)
			}
			name, data := "BLOCK_IO_ERROR", "{"+strings.Join(members, ",")+"}"
			if rapid.IntRange(0, 4).Draw(t, "other") == 0 {
				name, data = "RESUME", ""
			}
			e := ev(t, name, data)
			checkExact(t, x, e, &scratch)
			if name != "RESUME" {
				n := rapid.IntRange(0, 1).Draw(t, "record")
				checkExact(t, x, x.rules[n].MakeRecord(e, nil, e.Host, e.VM.Name, 1, e.Time), &scratch)
			}
		}
	})
}

func checkExact(t *rapid.T, x *Index, e *event.Event, scratch *[]int) {
	var f lang.Frame
	got := slices.Clone(x.Candidates(e, &f, scratch))
	if !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Fatalf("not in order, or twice: %v", got)
	}
	for i, r := range x.rules {
		if role := r.Role(e, &f); role != RoleNone && !slices.Contains(got, i) {
			t.Fatalf("%s is left out for %s %s", r.Meaning, e.Name, e.Raw)
		}
	}
	if len(got) > 0 && !x.Wanted(e) {
		t.Fatalf("%s has candidates and nobody wants it", e.Name)
	}
}
