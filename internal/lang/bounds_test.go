package lang

import (
	"strings"
	"sync"
	"testing"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// Expressions that stop a program which takes expr as it comes: each one is
// refused before it costs anything.
func TestRefused(t *testing.T) {
	deep := func(open, middle, end string, n int) string {
		return strings.Repeat(open, n) + middle + strings.Repeat(end, n)
	}
	for name, src := range map[string]string{
		"repeat makes 10^15 bytes, in 42 characters":     `repeat(repeat(repeat("aaaaaaaaa",1e5|int()),1e5|int()),1e5|int())`,
		"a range of 10^12":                               `len(1..1000000000000)`,
		"a range with an end that is not written":        `len(1..int("1000000"))`,
		"nested predicates":                              `all(1..1000, all(1..1000, all(1..1000, all(1..1000, true))))`,
		"reduce doubles a list":                          `reduce(1..60, concat(#acc, #acc), [1])`,
		"deep parentheses":                               deep("(", "a", ")", 2000),
		"deep lists":                                     deep("[", "", "]", 2000),
		"deep calls":                                     deep("abs(", "1", ")", 100),
		"signatures: the checker takes 5^n steps":        deep("sort(", "[1]", ")", 40),
		"signatures of another function":                 deep("trim(", "s", ")", 60),
		"a ?: b uses a twice: 2^n steps":                 deep("(", "yes", " ?: yes)", 60),
		"a < b < c uses b twice: 2^n steps":              deep("(a < ", "a", " < a ?? 1) ", 60),
		"more than 500 parts":                            strings.Repeat("a+", 300) + "a",
		"more than 4 KiB":                                "a == 1" + strings.Repeat(" ", MaxSource),
		"a regular expression that is large written out": `s matches "((((a{30}){30}){30}))"`,
		"a long regular expression":                      `s matches "` + strings.Repeat("a", 600) + `"`,
		"a regular expression that is not fixed":         `s matches s`,
		"a constant that costs too much":                 `all(1..1000, all(1..1000, true))`,
	} {
		p, problems := Compile(src, testEnv, AnyValue)
		if p != nil {
			t.Errorf("%s: it was taken", name)
			continue
		}
		if problems[0].Code != diag.ExprRefused {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

// shared makes w, a list of 10^6 numbers that takes no more than 60 values.
const shared = "let p = [1,1,1,1,1,1,1,1,1,1]; let q = [p,p,p,p,p,p,p,p,p,p]; let r = [q,q,q,q,q,q,q,q,q,q]; " +
	"let u = [r,r,r,r,r,r,r,r,r,r]; let v = [u,u,u,u,u,u,u,u,u,u]; let w = [v,v,v,v,v,v,v,v,v,v]; "

// Expressions that are taken and cost too much: they give nil, are counted, and
// the frame goes on to work.
func TestExhausted(t *testing.T) {
	long := strings.Repeat("abcdefgh", 500)
	data := present()
	data["s"] = qmp.String(long)
	for name, src := range map[string]string{
		"nested predicates":            `all(1..1000, all(1..1000, # < a + 1e9))`,
		"even if negated":              `not all(1..1000, all(1..1000, # < a + 1e9))`,
		"even if nil is meant":         `all(1..1000, all(1..1000, # < a + 1e9)) == nil`,
		"nested lists":                 `len(flatten(map(1..1000, 1..1000))) > a`,
		"concatenated lists":           `len(map(1..1000, concat(1..1000, [a]))) > 0`,
		"texts":                        `len(map(1..1000, map(1..100, s + s))) > 0`,
		"a member in a loop":           `any(1..1000, any(1..1000, s contains "x"))`,
		"patterns":                     `any(1..1000, s matches "(a?){20}(b?){20}x")`,
		"sorting":                      `len(map(1..1000, sort(1..1000))) > a`,
		"uniq of many":                 `len(uniq(flatten(map(1..40, map(1..1000, # * #index))))) > a`,
		"splitting":                    `len(map(1..1000, split(s, ""))) > 0`,
		"data in a loop":               `any(1..1000, any(1..1000, data["x"] == 1))`,
		"finding":                      `findIndex(1..1000, findIndex(1..1000, # > 1000 + a) > 0) > 0`,
		"comparing":                    `any(1..1000, any(1..1000, [1..1000] == [1..1000, a] or # > 1000 + a))`,
		"an object in a loop":          `len(map(1..1000, map(1..1000, ({a: 1, b: 2})))) > a`,
		"a list that shares its parts": shared + "w == w or a == 0",
	} {
		f := frameOf(data)
		if holds(t, src, f) {
			t.Errorf("%s: it is true", name)
		}
		if f.Exhausted == 0 || f.Faults != 0 {
			t.Errorf("%s: %d exhausted, %d faults", name, f.Exhausted, f.Faults)
		}
		if !holds(t, `a == 3`, f) {
			t.Errorf("%s: the frame is of no use afterwards", name)
		}
	}
}

// A text that an expression makes is nil when it gets too long, without a
// single large allocation.
func TestLongTexts(t *testing.T) {
	data := present()
	data["s"] = qmp.String(strings.Repeat("a", 4096))
	doubled := func(n int) string {
		src, last := "", "s"
		for i := range n {
			next := "x" + string(rune('a'+i))
			src += "let " + next + " = " + last + " + " + last + "; "
			last = next
		}
		return src + "len(" + last + ")"
	}
	for src, want := range map[string]string{
		doubled(4):                       "65536",
		doubled(5):                       "nil",
		doubled(24):                      "nil",
		`len(replace(s, "a", s))`:        "nil",
		`len(replace(s, "", s))`:         "nil",
		`len(replace(s, "a", "bb"))`:     "8192",
		`len(join(map(1..100, s), ","))`: "nil",
		`len(toJSON(map(1..100, s)))`:    "nil",
		`len(string(map(1..100, s)))`:    "nil",
		`len(toBase64(s))`:               "5464",
		`len(split(s, ""))`:              "4096",
		shared + `string(w)`:             "nil",
	} {
		if got := show(evaluate(t, src, frameOf(data))); got != want {
			t.Errorf("%.60s… is %s, want %s", src, got, want)
		}
	}
}

// A defect in a function costs its result and is counted.
func TestFault(t *testing.T) {
	f := new(Frame)
	broken := &function{call: func(*Frame, []qmp.Value) qmp.Value { panic("defect") }}
	if v := f.guarded(broken, nil); !v.IsNil() || f.Faults != 1 {
		t.Errorf("got %s, %d faults", show(v), f.Faults)
	}
}

// Complaints are bounded too, whatever stands in a rule.
func TestProblemsAreBounded(t *testing.T) {
	for _, src := range []string{
		strings.Repeat("zz == 1 or ", 120) + "yes", strings.Repeat("z", 4000), strings.Repeat("$", 4000), "vm." + strings.Repeat("z", 4000), strings.Repeat("9", 4000), "1" + strings.Repeat("z", 4000),
		strings.Repeat("z", 2000) + "()", `mode == "` + strings.Repeat("z", 2000) + `"`, `yes "` + strings.Repeat("z", 2000) + `"`, "obj." + strings.Repeat("z", 2000), "{a: 1}." + strings.Repeat("z", 2000) + "()",
		`s matches "(` + strings.Repeat("z", 400) + `"`, "let " + strings.Repeat("z", 2000) + " = 1; 2 + time",
	} {
		_, problems := Compile(src, testEnv, Condition)
		if len(problems) == 0 || len(problems) > maxProblems {
			t.Errorf("%.40s…: %d problems", src, len(problems))
		}
		for _, p := range problems {
			if len(p.Message)+len(p.Hint) > 1000 {
				t.Errorf("%.40s…: %d bytes of message", src, len(p.Message)+len(p.Hint))
			}
		}
	}
}

// Rules are compiled side by side: what they share is only read.
func TestCompileConcurrently(t *testing.T) {
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, src := range []string{`human_bytes(a) == "3 B" and time.Hour() == 13`, `all(1..3, # > 0) and s matches "^h"`, `zz == 1`, `sort([a, b])[0] == b and obj.x_y == 7`} {
				p, problems := Compile(src, testEnv, Condition)
				if (p == nil) != (src == `zz == 1`) || p != nil && !p.True(frameOf(present())) {
					t.Errorf("%s: %+v", src, problems)
				}
			}
		})
	}
	all.Wait()
}
