package diag

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestJSON(t *testing.T) {
	list := List{
		New(UnknownKey, Pos{"b.yml", 3, 5, 9}, "unknown key `a<b>`").WithHint("did you mean `c`?").In("storage", "Full"),
		New(Unreachable, Pos{File: "a.yml"}, "quote \" and line\nend"),
	}
	var b bytes.Buffer
	if err := JSON(&b, list); err != nil {
		t.Fatal(err)
	}
	want := `{"file":"a.yml","line":0,"column":0,"severity":"warning","code":"Q201","message":"quote \" and line\nend","hint":"","group":"","rule":""}` + "\n" +
		`{"file":"b.yml","line":3,"column":5,"severity":"error","code":"Q102","message":"unknown key ` + "`a<b>`" + `","hint":"did you mean ` + "`c`?" + `","group":"storage","rule":"Full"}` + "\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestGitHub(t *testing.T) {
	list := List{
		New(UnknownKey, Pos{"rules/a:b,c%.yml", 3, 5, 9}, "50%% of a\n::error::b").WithHint("c").In("g", "R"),
		New(RuleWithoutTest, Pos{File: "z\x1b.yml", Line: 2}, "x"),
		New(Unreachable, Pos{}, "y\x1b[2J"),
	}
	var b bytes.Buffer
	if err := GitHub(&b, list); err != nil {
		t.Fatal(err)
	}
	want := "::warning title=Q201 a threshold that QEMU's throttling makes unreachable::y\\x1b[2J\n" +
		"::error file=rules/a%3Ab%2Cc%25.yml,line=3,col=5,endColumn=9,title=Q102 a key that nobody knows::R: 50%25 of a%0A::error::b%0Ahint: c\n" +
		"::notice file=z\\x1b.yml,line=2,title=Q302 a rule without a test::x\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}
