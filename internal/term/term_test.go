package term

import (
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// parse compiles a condition on a BLOCK_IO_ERROR and reads its normal form.
func parse(t testing.TB, src string) *Term {
	t.Helper()
	prog, problems := lang.Compile(src, lang.Env{Event: qmp.Lookup("BLOCK_IO_ERROR")}, lang.Condition)
	if prog == nil {
		t.Fatalf("%s: %v", src, problems)
	}
	parsed := Parse(prog.Canonical())
	if parsed == nil {
		t.Fatalf("%s: cannot read %s", src, prog.Canonical())
	}
	return parsed
}

func TestComparisons(t *testing.T) {
	for src, want := range map[string]string{
		`action == "stop"`:                              "action==stop",
		`"stop" == action`:                              "action==stop",
		`not (action != "stop")`:                        "action!=stop",
		`reason contains "space" or device == "vda"`:    "reason contains space, device==vda",
		`action in ["stop", "report"]`:                  "action in stop|report",
		`action not in ["stop", "report"]`:              "action in stop|report",
		`lower(reason) startsWith "no"`:                 "lower(reason) startsWith no",
		`data["node-name"] == "a"`:                      "node_name==a",
		`(node_name ?? "") == "a"`:                      "==a", // the empty one is none
		`node_name == device`:                           "",
		`reason == ""`:                                  "",
		`reason == nil`:                                 "",
		`nospace`:                                       "",
		`len(reason) > 3 and vm.name matches "^db\\d+"`: `vm.name matches ^db\d+`,
	} {
		var got []string
		for _, c := range parse(t, src).Comparisons() {
			op := c.Op
			if op[0] >= 'a' && op[0] <= 'z' {
				op = " " + op + " "
			}
			name := c.Value.Path()
			if fn, ok := strings.CutPrefix(c.Value.Head, "call "); ok {
				name = fn + "(" + c.Value.Args[0].Path() + ")"
			}
			got = append(got, name+op+strings.Join(c.With, "|"))
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%s: %q, want %q", src, s, want)
		}
	}
}

func TestReadsAndConjuncts(t *testing.T) {
	all := parse(t, `nospace and (action == "stop" or device == "a") and not (operation == "read" and reason == "x")`)
	if n := len(all.Conjuncts()); n != 3 {
		t.Errorf("%d conjuncts", n)
	}
	for member, want := range map[string]bool{"nospace": true, "device": true, "operation": true, "node_name": false, "stop": false} {
		if all.Reads(member) != want {
			t.Errorf("reads %s: %v", member, !want)
		}
	}
	var none *Term
	if none.Reads("a") || none.Path() != "" || none.Conjuncts() != nil || none.Comparisons() != nil {
		t.Error("nothing reads something")
	}
}

func TestAggregates(t *testing.T) {
	prog, problems := lang.Compile("distinct(client.host) >= 3 and percentile(len(client.service), 95) > 2",
		lang.Env{Event: qmp.Lookup("VNC_CONNECTED"), Aggregates: &lang.Aggregates{}}, lang.Having)
	if prog == nil {
		t.Fatal(problems)
	}
	all := Parse(prog.Canonical())
	if all == nil {
		t.Fatalf("cannot read %s", prog.Canonical())
	}
	var heads []string
	all.Walk(func(n *Term) { heads = append(heads, n.Head) })
	if got, want := strings.Join(heads, "|"), "and|>=|distinct|member|client|||>|percentile|call len|member|client|||"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestParseOfWhatIsNone(t *testing.T) {
	for _, s := range []string{"", " ", "(", ")", "(and", "(and (a)", `"a`, "(a) (b)", "(a))", `(== (a) "b)`} {
		if Parse(s) != nil {
			t.Errorf("%q is a term", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`(and (== (action) "stop") (not (nospace)))`)
	f.Fuzz(func(t *testing.T, s string) {
		p := Parse(s)
		p.Comparisons()
		p.Conjuncts()
		p.Reads("a")
	})
}
