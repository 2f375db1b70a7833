package lang

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/qmp"
)

func define(t tester, lists []NamedList, macros []Macro) *Definitions {
	t.Helper()
	d, problems := NewDefinitions(lists, macros)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Name, p.Message)
	}
	return d
}

func texts(all ...string) (items []qmp.Value) {
	for _, s := range all {
		items = append(items, qmp.String(s))
	}
	return items
}

// testDefs are lists and macros over TEST.
func testDefs(t tester) *Definitions {
	return define(t, []NamedList{
		{"disks", texts("disk0", "disk1", "disk0")}, {"numbers", []qmp.Value{qmp.Int(1), qmp.Int(3)}}, {"mixed", []qmp.Value{qmp.Int(3), qmp.String("x"), qmp.Float(2.5), qmp.Bool(true)}}, {"empty", nil},
		{"modes", texts("on", "off")},
	}, []Macro{
		{"is_disk", `node_name in disks`}, {"large", `a > limit`}, {"limit", `2`}, {"either", `no or yes`}, {"prefix", `"^disk"`}, {"biggest", `18446744073709551615`},
		{"squared", "let q = a; q * q"}, {"top", `a ?? b`},
	})
}

// What is defined means what it would mean in brackets in its place.
func TestDefinitions(t *testing.T) {
	defs := testDefs(t)
	env := Env{Event: testDef, Vars: WindowVars(), Defs: defs}
	f := frameOf(present())
	for _, c := range []struct{ src, same, want string }{
		{`node_name in disks`, `node_name in ["disk0", "disk1", "disk0"]`, "true"},
		{`s not in disks`, `s not in ["disk0", "disk1", "disk0"]`, "true"},
		{`a in numbers`, `a in [1, 3]`, "true"},
		{`f in mixed`, `f in [3, "x", 2.5, true]`, "true"},
		{`a in empty`, `a in []`, "false"},
		{`len(disks) + len(empty)`, `len(["disk0", "disk1", "disk0"]) + len([])`, "3"},
		{`any(numbers, # == a)`, `any([1, 3], # == a)`, "true"},
		{`disks[1]`, `["disk0", "disk1", "disk0"][1]`, `"disk1"`},
		{`is_disk and large`, `(node_name in ["disk0", "disk1", "disk0"]) and (a > (2))`, "true"},
		{`not either`, `not (no or yes)`, "false"},
		{`either and no`, `(no or yes) and no`, "false"},
		{`limit * 3 + limit`, `2 * 3 + 2`, "8"},
		{`-limit ** limit`, `-2 ** 2`, "float -4"},
		{`node_name matches prefix`, `node_name matches "^disk"`, "true"},
		{`1..limit`, `1..2`, "[1, 2]"},
		{`big == biggest`, `big == 18446744073709551615`, "true"},
		{`squared + squared`, `(let q = a; q * q) + (let q = a; q * q)`, "18"},
		{`top * 2`, `(a ?? b) * 2`, "6"},
		{`filter([1, 2, 3], # > limit)`, `filter([1, 2, 3], # > 2)`, "[3]"},
		{`mode in modes`, `mode in ["on", "off"]`, "true"},
		{`{limit: limit}`, `{"limit": 2}`, `{"limit": 2}`},
		{`obj.name + (either ? "y" : "n")`, `obj.name + ((no or yes) ? "y" : "n")`, `"ny"`},
		{`either ?: no`, `(no or yes) ?: no`, "true"},
	} {
		p, problems := Compile(c.src, env, AnyValue)
		q, _ := Compile(c.same, env, AnyValue)
		if p == nil || q == nil {
			t.Errorf("%s: %+v", c.src, problems)
			continue
		}
		if got := show(p.Value(f)); got != c.want || show(q.Value(f)) != c.want {
			t.Errorf("%s is %s and %s is %s, want %s", c.src, got, c.same, show(q.Value(f)), c.want)
		}
		if p.Canonical() != q.Canonical() {
			t.Errorf("%s is %s, but written out %s", c.src, p.Canonical(), q.Canonical())
		}
	}
}

// A list is as good for an index as one that is written out, and through a macro.
func TestDefinitionsAreIndexed(t *testing.T) {
	env := Env{Event: testDef, Defs: testDefs(t)}
	for _, src := range []string{`node_name in disks`, `is_disk and large`, `yes and is_disk`} {
		p, problems := Compile(src, env, Condition)
		if p == nil {
			t.Fatal(problems)
		}
		all := p.Equalities()
		if len(all) != 1 || all[0].Name != "(node_name)" || !slices.Equal(all[0].Texts, []string{"disk0", "disk1"}) {
			t.Errorf("%s: %+v", src, all)
		}
	}
	for _, src := range []string{`node_name in empty`, `node_name not in disks`, `is_disk or large`, `a in numbers`} {
		if p, problems := Compile(src, env, Condition); p == nil || p.Equalities() != nil {
			t.Errorf("%s: %v, %v", src, p, problems)
		}
	}
}

// A macro can neither see the names of let around it nor be shadowed.
func TestMacrosAreApart(t *testing.T) {
	defs := define(t, nil, []Macro{{"m", "x == 1"}, {"n", "let x = 2; x == 2 and y == 1"}})
	env := Env{Name: "__com.example_X", Defs: defs}
	for src, fine := range map[string]bool{
		`m`: true, `let x = 1; m`: false, `let z = 1; m and z == 1`: true, `let x = 3; x == 3 and n`: false, `n and n`: true, `let m = 1; m == 1`: false, `any([1], {let x = #; m})`: false,
	} {
		if p, problems := Compile(src, env, Condition); (p != nil) != fine {
			t.Errorf("%s: %+v", src, problems)
		}
	}
}

func TestBrokenDefinitions(t *testing.T) {
	for _, c := range []struct {
		macros []Macro
		want   string
	}{
		{[]Macro{{"m", ""}}, "m: the expression is empty"},
		{[]Macro{{"m", "a =="}}, "m: the expression ends too early"},
		{[]Macro{{"m", "\xff"}}, "m: the expression is not valid UTF-8"},
		{[]Macro{{"m", strings.Repeat("(", 100)}}, "m: brackets are nested more than 64 deep"},
		{[]Macro{{"m", strings.Repeat("a+", 300) + "a"}}, "m: the expression has more than 500 parts"},
		{[]Macro{{"m", "m"}}, "m: the macro `m` uses itself"},
		{[]Macro{{"m", "a"}, {"m", "b"}}, "m: `m` is defined twice"},
		{[]Macro{{"m", "n"}, {"n", "o + m"}, {"o", "a"}}, "m: the macros m → n → m use each other"},
		{[]Macro{{"m", "n or o"}, {"n", "m"}, {"o", "m"}}, "m: the macros m → n → m use each other"},
		{[]Macro{{"in", "a"}}, "in: `in` is a word of the language"},
		{[]Macro{{"sum", "a"}}, "sum: `sum` is a function"},
		{[]Macro{{"distinct", "a"}}, "distinct: `distinct` is an aggregate"},
		{[]Macro{{"now", "a"}}, "now: `now` is a function"},
		{[]Macro{{"ä", "a"}}, "ä: `ä` cannot be used as a name in expressions"},
		{[]Macro{{"# comment", "a"}}, "# comment: `# comment` cannot be used as a name in expressions"},
	} {
		d, problems := NewDefinitions(nil, c.macros)
		var got []string
		for _, p := range problems {
			got = append(got, p.Name+": "+p.Message)
		}
		if strings.Join(got, "; ") != c.want {
			t.Errorf("%v: %q, want %q", c.macros, got, c.want)
		}
		for _, m := range c.macros {
			if d.macro(m.Name) == nil || m.Name == "o" || len(m.Source) == 1 && m.Source != m.Name {
				continue
			}
			if p, problems := Compile(m.Name, Env{Defs: d}, AnyValue); p != nil || len(problems) == 0 {
				t.Errorf("%v was taken", m)
			}
		}
	}
}

// Bombs of macros are refused where they are defined, and before they cost
// anything where only their use is too much.
func TestMacroBombs(t *testing.T) {
	var macros []Macro
	macros = append(macros, Macro{"m0", "a == 1"})
	for i := 1; i < 200; i++ {
		macros = append(macros, Macro{fmt.Sprintf("m%d", i), fmt.Sprintf("m%d and m%d", i-1, i-1)})
	}
	d, problems := NewDefinitions(nil, macros)
	if len(problems) != 1 || problems[0].Name != "m7" {
		t.Fatalf("got %+v", problems)
	}
	env := Env{Event: testDef, Defs: d}
	if p, problems := Compile("m6", env, Condition); p == nil {
		t.Errorf("m6: %+v", problems)
	}
	for src, code := range map[string]string{"m6 and m6": "Q125", "m7": "Q139", "m199": "Q139", "m5 ?: m5 ?: m5 ?: m5": "Q125"} {
		if p, problems := Compile(src, env, Condition); p != nil || len(problems) != 1 || string(problems[0].Code) != code {
			t.Errorf("%s: %+v", src, problems)
		}
	}
	nested := define(t, nil, []Macro{{"p", `all(1..1000, all(1..1000, # > a))`}, {"q", `m1 ?: m1`}, {"m1", `yes ?: yes`}})
	if p, problems := Compile(`all(1..1000, p)`, Env{Event: testDef, Defs: nested}, Condition); p != nil {
		t.Errorf("predicates are nested by a macro: %v", problems)
	}
	if p, problems := Compile(strings.Repeat("(", 30)+"q"+strings.Repeat(" ?: q)", 30), Env{Event: testDef, Defs: nested}, Condition); p != nil || problems[0].Code != "Q125" {
		t.Errorf("doubled: %v", problems)
	}
}

// A problem inside of macros names the place of its use and its own.
func TestProblemsInMacros(t *testing.T) {
	defs := define(t, nil, []Macro{{"outer", `yes and inner`}, {"inner", `"ä" != s and zzz`}})
	_, problems := CompileText(`{{ s }} ä {{ outer }}`, Env{Event: testDef, Defs: defs})
	want := Problem{Offset: 14, End: 19, Code: "Q121", Message: "`zzz` is not a member of TEST", Macro: "inner", MacroOffset: 14, MacroEnd: 17}
	if len(problems) != 1 {
		t.Fatalf("got %+v", problems)
	}
	if problems[0].Hint = ""; problems[0] != want {
		t.Errorf("got %+v", problems[0])
	}
}
