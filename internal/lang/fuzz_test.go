package lang

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

// seeds are the expressions of the tables of problems.
func seeds(f *testing.F) {
	golden, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(golden)) {
		kind, src, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if kind == "?" || kind == "{" {
			f.Add(src)
		}
	}
	for _, src := range []string{
		`map(filter(1..9, # > a), {let x = #; x * b}) | sum()`, `sortBy([{x: a}, {x: b}], .x, "desc")[0]?.x ?? f`, `if yes { s[1:-1] } else { join(split(s, ""), ",") }`,
		`bitand(big, 0xff) == 255 and time.Hour() in 9..17`, `toPairs(data) | map(#[0] + string(#[1]))`, `human_bytes(a ** 40) + human_duration(last_time - first_time)`,
		`replace(s, "l", s, 1) matches "(?i)^H.*"`, `(last_time - first_time) * 2 > time - first_time`, `uniq(flatten([anything, [anything]]))`, `fromJSON(toJSON(obj)).x_y`, `mode not in ["on"] ?: no`,
		`a - 1 > b - a - 2`, `obj.x-y == node-name`, `a-b - c.d-e`,
	} {
		f.Add(src)
	}
}

// FuzzCompile: whatever is written in a rule, compiling and evaluating it ends,
// without a panic, and problems are inside of the source.
func FuzzCompile(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, src string) {
		for _, env := range []Env{testEnv, untypedEnv} {
			for _, want := range []Want{Condition, AnyValue} {
				checkCompiled(t, src, env, want)
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
	for _, frame := range []*Frame{{}, {Event: eventOf(testData{})}, frameOf(present())} {
		holds := p.True(frame)
		if v := p.Value(frame); isTrue(v) != holds {
			t.Errorf("%q is %v as a condition and %s as a value", src, holds, v.Kind())
		}
		if frame.Faults > 0 {
			t.Errorf("%q met a defect", src)
		}
	}
	if again, _ := Compile(src, env, want); again == nil || again.Canonical() != p.Canonical() {
		t.Errorf("%q has two canonical forms", src)
	}
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
