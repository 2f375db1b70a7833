package diag

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCodes(t *testing.T) {
	form := regexp.MustCompile(`^Q[123][0-9][0-9]$`)
	all := Codes()
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("the codes are not sorted, or one stands twice")
	}
	for _, c := range all {
		want := map[byte]Severity{'1': Error, '2': Warning, '3': Info}[c[1]]
		if !form.MatchString(string(c)) || c.Meaning() == "" || c.Severity() != want {
			t.Errorf("%s: %q, %s", c, c.Meaning(), c.Severity())
		}
	}
	if Code("Q999").Meaning() != "" {
		t.Error("a code that nobody declared has a meaning")
	}
}

func TestSortDoesNotDependOnTheOrderFound(t *testing.T) {
	list := List{
		New(YAMLSyntax, Pos{File: "a"}, "x"), New(YAMLSyntax, Pos{File: "a", Line: 1, Column: 2}, "x"),
		New(YAMLSyntax, Pos{File: "a", Line: 2, Column: 1}, "x"), New(UnknownKey, Pos{File: "a", Line: 2, Column: 1}, "x"),
		New(UnknownKey, Pos{File: "a", Line: 2, Column: 1}, "y"), New(YAMLSyntax, Pos{File: "b"}, "x"),
	}
	rapid.Check(t, func(t *rapid.T) {
		mixed := List(rapid.Permutation(list).Draw(t, "order"))
		mixed.Sort()
		for i := range list {
			if mixed[i].String() != list[i].String() {
				t.Fatalf("%d is %v", i, mixed[i])
			}
		}
	})
}

func TestLimitKeepsErrorsAndCountsTheRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list List
		for i := range rapid.IntRange(0, 30).Draw(t, "findings") {
			code := rapid.SampledFrom([]Code{YAMLSyntax, Unreachable, RuleWithoutTest}).Draw(t, "code")
			file := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "file")
			list.Errorf(code, Pos{File: file, Line: i}, "x")
		}
		limit := rapid.IntRange(1, 10).Draw(t, "limit")
		kept, omitted := list.Limit(limit)
		for _, file := range []string{"a", "b"} {
			in := func(l List, worst Severity) (n int) {
				for _, f := range l {
					if f.Pos.File == file && (worst == "" || f.Severity == worst) {
						n++
					}
				}
				return n
			}
			left := 0
			for _, o := range omitted {
				if o.File == file {
					left += o.Count
				}
			}
			if in(kept, "") != min(limit, in(list, "")) || in(kept, "")+left != in(list, "") {
				t.Fatalf("%s: %d of %d kept, %d left out", file, in(kept, ""), in(list, ""), left)
			}
			if in(kept, Error) != min(limit, in(list, Error)) {
				t.Fatalf("%s: %d of %d errors kept", file, in(kept, Error), in(list, Error))
			}
		}
	})
}

func TestErr(t *testing.T) {
	warning := New(Unreachable, Pos{File: "a"}, "w")
	if err := (List{warning}).Err(); err != nil {
		t.Errorf("a warning is an error: %v", err)
	}
	list := List{New(YAMLSyntax, Pos{File: "b", Line: 2, Column: 1}, "x"), warning}
	for more, want := range map[int]string{
		0: "b:2:1: error: x [Q101]",
		1: "b:1:1: error: first [Q101] (mend it) and 1 more error",
		2: "b:1:1: error: first [Q101] (mend it) and 2 more errors",
	} {
		l := slices.Clone(list)
		for i := range more {
			f := New(YAMLSyntax, Pos{File: "b", Line: 1, Column: 1 + i}, "first").WithHint("mend it")
			l.Add(f)
		}
		err := l.Err()
		var le *ListError
		if !errors.As(err, &le) || err.Error() != want {
			t.Errorf("%d more: %v, want %q", more, err, want)
		}
	}
}
