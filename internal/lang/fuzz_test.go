package lang

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/qmp"
)

// seeds are the expressions of the tables of problems.
func seeds(f *testing.F) {
	golden, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		kind, src, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if kind == "?" || kind == "{" || kind == "=" || kind == "+" {
			f.Add(src)
		}
	}
	for _, src := range []string{
		`map(filter(1..9, # > a), {let x = #; x * b}) | sum()`, `sortBy([{x: a}, {x: b}], .x, "desc")[0]?.x ?? f`, `if yes { s[1:-1] } else { join(split(s, ""), ",") }`,
		`bitand(big, 0xff) == 255 and time.Hour() in 9..17`, `toPairs(data) | map(#[0] + string(#[1]))`, `human_bytes(a ** 40) + human_duration(last_time - first_time)`,
		`replace(s, "l", s, 1) matches "(?i)^H.*"`, `(last_time - first_time) * 2 > time - first_time`, `uniq(flatten([anything, [anything]]))`, `fromJSON(toJSON(obj)).x_y`, `mode not in ["on"] ?: no`,
		`count >= 3 and distinct(node_name) > countif(mode == "on")`, `percentile(a, 95) > avg(f) or max(sum(a), 3) == stddev(b) ?: first_seen(s)`, `last(obj.x_y) in numbers and rate > limit`, `is_disk and (either ?: large)`,
		`squared + squared == biggest`, `let x = last(a); sum(let y = a; y * 2) > x`, `changes(s) > 1 < count`, `any(disks, # == first(s))`, `loop or is_disk`, `min(a < 1 ? a : nil) ?? max(1, 2)`,
		`a - 1 > b - a - 2`, `client.host`, `obj.x-y == node-name`, `a-b - c.d-e`,
	} {
		f.Add(src)
	}
}

// FuzzCompile: whatever is written in a rule, compiling and evaluating it ends,
// without a panic, and problems are inside of the source.
func FuzzCompile(f *testing.F) {
	seeds(f)
	defs := testDefs(f)
	f.Fuzz(func(t *testing.T, src string) {
		for _, env := range []Env{testEnv, untypedEnv, {Event: testRecord}} {
			for _, want := range []Want{Condition, AnyValue, Having} {
				checkCompiled(t, src, env, want)
				env.Defs = defs
				checkCompiled(t, src, env, want)
				env.Aggregates = new(Aggregates)
				checkCompiled(t, src, env, want)
				for _, a := range env.Aggregates.List() {
					a.Arg(frameOf(present()))
				}
			}
		}
	})
}

// untypedEnv is that of an event which the table does not have.
var untypedEnv = Env{Name: "__com.example_TEST", Vars: WindowVars()}

func checkCompiled(t *testing.T, src string, env Env, want Want) {
	t.Helper()
	p, problems := Compile(src, env, want)
	checkProblems(t, src, p == nil, problems)
	if p == nil {
		return
	}
	aggregates := []qmp.Value{qmp.Int(3), qmp.Float(0.5), qmp.String("on")}
	for _, frame := range []*Frame{{}, {Event: eventOf(testData{})}, frameOf(present()), {Aggregates: aggregates}} {
		holds := p.True(frame)
		if v := p.Value(frame); isTrue(v) != holds {
			t.Errorf("%q is %v as a condition and %s as a value", src, holds, v.Kind())
		}
		if frame.Faults > 0 {
			t.Errorf("%q met a defect", src)
		}
	}
	if want != AnyValue {
		checkCoverage(t, src, p)
	}
	if text := Describe(p); text == "" {
		t.Errorf("%q has no description", src)
	}
	if again, _ := Compile(src, env, want); again == nil || again.Canonical() != p.Canonical() {
		t.Errorf("%q has two canonical forms", src)
	}
}

// checkCoverage: a probe is the program, and its branches are in the source.
func checkCoverage(t *testing.T, src string, p *Program) {
	v := p.Coverage()
	all := v.Branches()
	for _, b := range all {
		if b.Offset < 0 || b.Offset >= b.End || b.End > len(src) || b.Source == "" {
			t.Errorf("%q has the branch %+v", src, b)
		}
	}
	for _, frame := range []*Frame{{}, frameOf(present())} {
		holds := p.True(frame)
		if got := v.Probe(frame, func(i int, _ bool) { _ = all[i] }); got != holds {
			t.Errorf("%q is %v, and %v when probed", src, holds, got)
		}
	}
}

// FuzzMutants: each mutant compiles and is another expression.
func FuzzMutants(f *testing.F) {
	seeds(f)
	defs := testDefs(f)
	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 200 {
			return
		}
		env := Env{Event: testDef, Vars: WindowVars(), Defs: defs, Aggregates: new(Aggregates)}
		for _, want := range []Want{Condition, Having} {
			p, _ := Compile(src, env, want)
			edits := Mutants(src, env, want)
			if p == nil && edits != nil {
				t.Fatalf("%q does not compile, and has mutants", src)
			}
			for _, e := range edits {
				changed := src[:e.Offset] + e.Text + src[e.End:]
				if q, problems := Compile(changed, env, want); q == nil || q.Canonical() == p.Canonical() {
					t.Errorf("%q as a mutant of %q: %+v", changed, src, problems)
				}
			}
		}
	})
}

// FuzzDefinitions: a macro is refused, or taken and of use somewhere.
func FuzzDefinitions(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		defs, problems := NewDefinitions([]NamedList{{"disks", texts("a")}}, []Macro{{"m", src}, {"n", "m == " + src}, {"o", "n and o_"}, {"o_", src + " or o_"}})
		for _, p := range problems {
			if p.Message == "" || p.Code == "" || p.Offset > p.End {
				t.Errorf("%q: %+v", src, p)
			}
		}
		for _, use := range []string{"m", "not m", "n or m", "countif(m) > 1", "let x = m; x == m", "o_"} {
			env := Env{Event: testDef, Defs: defs, Aggregates: new(Aggregates)}
			p, problems := Compile(use, env, AnyValue)
			checkProblems(t, use, p == nil, problems)
			for _, problem := range problems {
				if problem.Macro != "" && (problem.MacroOffset < 0 || problem.MacroOffset > problem.MacroEnd) {
					t.Errorf("%q: %+v", src, problem)
				}
			}
			if p != nil {
				p.Value(frameOf(present()))
			}
		}
	})
}

// FuzzText is the same for texts; what is printed is bounded, and UTF-8 if the
// source is.
func FuzzText(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		text, problems := CompileText(src, untypedEnv)
		checkProblems(t, src, text == nil, problems)
		text, problems = CompileText(src, testEnv)
		checkProblems(t, src, text == nil, problems)
		if text == nil {
			return
		}
		for _, frame := range []*Frame{{}, frameOf(present())} {
			b := text.Append(nil, frame)
			if len(b) > MaxText {
				t.Errorf("%q gives %d bytes", src, len(b))
			}
			if utf8.ValidString(src) && !strings.Contains(src, "fromBase64") && !utf8.Valid(b) {
				t.Errorf("%q gives %q", src, b)
			}
			if text.IsConstant() && string(b) != string(text.Append(nil, new(Frame))) {
				t.Errorf("%q is said to be constant", src)
			}
		}
	})
}

func checkProblems(t *testing.T, src string, failed bool, problems []Problem) {
	t.Helper()
	if failed != (len(problems) > 0) {
		t.Fatalf("%q: failed is %v, problems are %+v", src, failed, problems)
	}
	for _, p := range problems {
		if p.Offset < 0 || p.Offset > p.End || p.End > len(src) || p.Code == "" || p.Message == "" {
			t.Errorf("%q: %+v", src, p)
		}
	}
}
