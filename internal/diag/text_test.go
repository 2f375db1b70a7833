package diag

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func text(t *testing.T, list List, opts TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, list, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func of(src string) Sources {
	return func(file string) ([]byte, bool) { return []byte(src), file == "a.yml" }
}

func at(line, column, end int) Pos {
	return Pos{File: "a.yml", Line: line, Column: column, EndColumn: end}
}

func TestTextShowsTheLine(t *testing.T) {
	src := "groups:\n  - event: QUORUM_REPORT\r\n    漢字: \t\"ä\x1b\u202e\" x\nlast"
	for name, tt := range map[string]struct {
		f    Finding
		want string
	}{
		"range": {
			New(UnknownEvent, at(2, 12, 25), "unknown event `QUORUM_REPORT`").WithHint("did you mean `QUORUM_REPORT_BAD`?"),
			"a.yml:2:12: error: unknown event `QUORUM_REPORT` [Q120]\n" +
				"      - event: QUORUM_REPORT\n" +
				"               ^~~~~~~~~~~~~\n" +
				"  hint: did you mean `QUORUM_REPORT_BAD`?\n",
		},
		"behind wide characters and a tab": {
			New(Unreachable, at(3, 14, 15), "x"),
			"a.yml:3:14: warning: x [Q201]\n" +
				"        漢字:   \"ä\\x1b\\u202e\" x\n" +
				"                            ^\n",
		},
		"a wide character": {
			New(RuleWithoutTest, at(3, 5, 7), "x"),
			"a.yml:3:5: info: x [Q302]\n" +
				"        漢字:   \"ä\\x1b\\u202e\" x\n" +
				"        ^~~~\n",
		},
		"an escaped character": {
			New(YAMLSyntax, at(3, 12, 0), "x"),
			"a.yml:3:12: error: x [Q101]\n" +
				"        漢字:   \"ä\\x1b\\u202e\" x\n" +
				"                  ^~~~\n",
		},
		"behind the end": {
			New(YAMLSyntax, at(4, 5, 0), "x"),
			"a.yml:4:5: error: x [Q101]\n    last\n        ^\n",
		},
		"far behind the end": {
			New(YAMLSyntax, at(4, 50, 0), "x"), "a.yml:4:50: error: x [Q101]\n    last\n",
		},
		"no such line": {
			New(YAMLSyntax, at(9, 1, 0), "x"), "a.yml:9:1: error: x [Q101]\n",
		},
		"no column": {
			New(YAMLSyntax, at(4, 0, 0), "x"), "a.yml:4: error: x [Q101]\n    last\n",
		},
		"no line": {
			New(YAMLSyntax, at(0, 0, 0), "x"), "a.yml: error: x [Q101]\n",
		},
		"no file": {
			New(YAMLSyntax, Pos{Line: 1, Column: 1}, "x"), "<input>:1:1: error: x [Q101]\n",
		},
		"related": {
			New(DuplicateAlert, at(4, 1, 5), "x").WithRelated(at(1, 1, 7), "first here"),
			"a.yml:4:1: error: x [Q128]\n    last\n    ^~~~\n" +
				"a.yml:1:1: note: first here\n    groups:\n    ^~~~~~\n",
		},
		"text from outside": {
			New(YAMLSyntax, Pos{File: "a\n.yml"}, "%s", "x\x1b[2J\u202e\xff\r\n").WithHint("\u200b"),
			"a\\n.yml: error: x\\x1b[2J\\u202e\\xff\\r\\n [Q101]\n  hint: \\u200b\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, text(t, List{tt.f}, TextOptions{Sources: of(src)})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTextCutsLongLines(t *testing.T) {
	src := strings.Repeat("a", 1000) + "X" + strings.Repeat("b", 1000)
	out := text(t, List{New(YAMLSyntax, at(1, 1001, 0), "x")}, TextOptions{Sources: of(src)})
	lines := strings.Split(out, "\n")
	line, caret := []rune(lines[1]), []rune(lines[2])
	if len(line) > maxCells+10 {
		t.Errorf("the line has %d characters", len(line))
	}
	if i := len(caret) - 1; caret[i] != '^' || line[i] != 'X' {
		t.Errorf("the caret is not under the X:\n%s", out)
	}
	for _, column := range []int{1, 2001, 2002} {
		out := text(t, List{New(YAMLSyntax, at(1, column, 0), "x")}, TextOptions{Sources: of(src)})
		if !strings.HasSuffix(out, "^\n") {
			t.Errorf("no caret for column %d:\n%s", column, out)
		}
	}
}

// TestCaretIsUnderTheCharacter lays out random lines and counts the cells
// before the caret.
func TestCaretIsUnderTheCharacter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := rapid.SliceOfN(rapid.SampledFrom([]rune("ab 漢😀ä\t\x1b\u202e\u0301")), 1, 18).Draw(t, "line") // short enough not to be cut
		column := rapid.IntRange(1, len(line)).Draw(t, "column")
		shown, caret := layout([]byte(string(line)), column, 0)
		want := 0
		before, _ := layout([]byte(string(line[:column-1])+"|"), column, 0)
		for _, r := range strings.TrimSuffix(before, "|") {
			want += cells(r)
		}
		if got := strings.IndexByte(caret, '^'); got != want {
			t.Fatalf("caret at %d, want %d\n%s\n%s", got, want, shown, caret)
		}
	})
}

func TestTextLimitsAndColours(t *testing.T) {
	list := List{
		New(Unreachable, at(1, 1, 0), "w"), New(YAMLSyntax, at(3, 1, 0), "e2"), New(YAMLSyntax, at(2, 1, 0), "e1"),
		New(YAMLSyntax, Pos{File: "b.yml", Line: 1, Column: 1}, "other"),
	}
	want := "a.yml:2:1: error: e1 [Q101]\na.yml:3:1: error: e2 [Q101]\nb.yml:1:1: error: other [Q101]\na.yml: 1 more finding not shown\n"
	if diff := cmp.Diff(want, text(t, list, TextOptions{MaxPerFile: 2})); diff != "" {
		t.Error(diff)
	}
	coloured := text(t, list[1:2], TextOptions{Color: true, Sources: of("1\n2\n3\n")})
	want = "\x1b[1ma.yml:3:1\x1b[0m: \x1b[1;31merror\x1b[0m: e2 [Q101]\n    3\n    \x1b[1;32m^\x1b[0m\n"
	if diff := cmp.Diff(want, coloured); diff != "" {
		t.Error(diff)
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain ä 漢 😀":        "plain ä 漢 😀",
		"a\tb\nc\rd":         `a\tb\nc\rd`,
		"\x00\x1b\x7f\u0085": `\x00\x1b\x7f\u0085`,
		"\u202e\u2066\u200e\u061c\u200b\ufeff\u2028": `\u202e\u2066\u200e\u061c\u200b\ufeff\u2028`,
		"\xff\xc3":     `\xff\xc3`,
		"👩\u200d👩":     "👩\u200d👩",
		"\U000e0041":   `\U000e0041`,
		"back\\slash`": "back\\slash`",
	} {
		if got := Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzText prints anything at any position: no panic, no control character,
// nothing but whole lines.
func FuzzText(f *testing.F) {
	f.Add("a: b\n\t漢", "x\x1b", 2, 2, 3)
	f.Add(strings.Repeat("a\t", 300), "", 1, 599, 601)
	f.Fuzz(func(t *testing.T, src, message string, line, column, end int) {
		finding := New(YAMLSyntax, Pos{"a.yml", line, column, end}, "%s", message).WithHint("%s", message)
		out := text(t, List{finding}, TextOptions{Sources: of(src)})
		if !utf8.ValidString(out) || !strings.HasSuffix(out, "\n") {
			t.Fatalf("%q", out)
		}
		for _, r := range out {
			if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0) {
				t.Fatalf("control character %q in %q", r, out)
			}
		}
	})
}
