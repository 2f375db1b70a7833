package yamldoc

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// complaints renders findings the way people see them, without the hints.
func complaints(l diag.List) string {
	var b strings.Builder
	for _, f := range l {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

func TestParseComplains(t *testing.T) {
	for name, tt := range map[string]struct{ src, want, hint string }{
		"duplicate key": {
			"a: 1\nb: 2\na: 3\n",
			"f.yml:3:1: error: the key `a` stands here for the second time [Q103]\n", "remove one",
		},
		"duplicate key spelled differently": {
			"a: 1\n'a': 2\n",
			"f.yml:2:1: error: the key `a` stands here for the second time [Q103]\n", "remove one",
		},
		"further document": {
			"---\na: 1\n---\nb: 2\n",
			"f.yml:3:1: error: a second YAML document [Q105]\n", "a file of its own",
		},
		"tag": {
			"a: !!str 1\n", "f.yml:1:4: error: a YAML tag, which is not supported [Q106]\n", "quote the value",
		},
		"local tag": {
			"a: ! 1\n", "f.yml:1:4: error: a YAML tag, which is not supported [Q106]\n", "quote the value",
		},
		"anchor and alias": {
			"a: &x 1\nb: *x\n",
			"f.yml:1:4: error: `&x` is a YAML anchor, which is not supported [Q106]\n" +
				"f.yml:2:4: error: `*x` is a YAML alias, which is not supported [Q106]\n", "quote",
		},
		"alias to nothing": {
			"a: *x\n", "f.yml:1:4: error: a value that begins with * is a YAML alias, which is not supported [Q101]\n", "quote the value",
		},
		"merge key": {
			"<<: {a: 1}\n", "f.yml:1:1: error: merge keys are not supported: write the keys out [Q106]\n", "",
		},
		"tab": {
			"a:\n\tb: 1\n", "f.yml:2:1: error: a tab in the indentation [Q101]\n", "spaces",
		},
		"open quote": {
			"a: 'x\nb: 2\n", "f.yml:1:4: error: the quote that begins here is never closed [Q101]\n", "close it",
		},
		"braces as a whole value": {
			"a: {{ vm.name }}\n", "f.yml:1:5: error: a key must be a word, not a mapping [Q104]\n", "quote a text that begins with {{",
		},
		"braces first": {
			"a: {{ vm.name }} is bad\n", "f.yml:1:18: error: text follows what YAML takes for a mapping in { } [Q101]\n", "quote a text",
		},
		"two colons": {
			"a: b: c\n", "f.yml:1:5: error: a `: ` where no key can be, such as a second one in a line [Q101]\n", "quote a value",
		},
		"quoted beginning": {
			"expr: \"a\" == b\n", "f.yml:1:11: error: something follows the closing quote [Q101]\n", "other kind",
		},
		"open bracket": {
			"a: [1, 2\nb: 3\n", "f.yml:1:4: error: while parsing a flow sequence: did not find expected ',' or ']' [Q101]\n", "brackets",
		},
		"indentation": {
			"a:\n  b: 1\n c: 2\n", "f.yml:3:2: error: a line that does not fit to the ones above [Q101]\n", "indentation",
		},
		"missing colon": {
			"a: 1\nb 2\nc: 3\n", "f.yml:2:1: error: a line that is neither `key: value` nor part of the value above [Q101]\n", "indentation",
		},
		"unknown escape": {
			`a: "\d"`, "f.yml:1:5: error: an unknown escape behind a backslash [Q101]\n", "backslash",
		},
		"too deep": {
			strings.Repeat("[", 65), "f.yml:1:65: error: nested deeper than 64 levels [Q111]\n", "",
		},
		"not UTF-8": {
			"a: b\n  \xff\n", "f.yml:2:3: error: a byte that is not UTF-8 [Q101]\n", "UTF-8",
		},
		"UTF-16": {
			"\xff\xfea\x00", "f.yml:1:1: error: the file is UTF-16 [Q101]\n", "UTF-8",
		},
		"control character": {
			"a: \"\x1b[2J\"\n", "f.yml:1:5: error: a control character [Q101]\n", `\x1b`,
		},
		"old line ends": {
			"a: 1\rb: 2\r", "f.yml:1:5: error: a carriage return without a line feed [Q101]\n" +
				"f.yml:1:10: error: a carriage return without a line feed [Q101]\n", "LF",
		},
		"key that is a list": {
			"? [a]\n: b\n", "f.yml:1:3: error: a key must be a word, not a list [Q104]\n", "",
		},
		"no key": {
			": b\n", "f.yml:1:1: error: a key is missing before this `:` [Q104]\n", "",
		},
		"columns count code points": {
			"grün: 漢字\n漢: &x 1\n", "f.yml:2:4: error: `&x` is a YAML anchor, which is not supported [Q106]\n", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, l := Parse("f.yml", []byte(tt.src))
			if diff := cmp.Diff(tt.want, complaints(l)); diff != "" {
				t.Error(diff)
			}
			if len(l) > 0 && !strings.Contains(l[0].Hint, tt.hint) {
				t.Errorf("hint %q lacks %q", l[0].Hint, tt.hint)
			}
		})
	}
}

func TestCutByComment(t *testing.T) {
	for src, want := range map[string]string{
		"channel: #ops\n":                  "f.yml:1:10",
		"a:\n  - #ops\n":                   "f.yml:2:5",
		"expr: reason contains #foo\n":     "f.yml:1:23",
		"vm: db #1\n":                      "f.yml:1:8",
		"expr: name == \"a # b\"\n":        "f.yml:1:18",
		"text: x {{ a # b }}\n":            "f.yml:1:14",
		"text: disk #{{ device }} bad\n":   "f.yml:1:12",
		"expr: any(list, # > 1)\n":         "f.yml:1:17",
		"expr: any(list, #.x > 1)\n":       "f.yml:1:17",
		"expr: a == 1 or #.x > 1\n":        "f.yml:1:17",
		"a: b\n  c #d\n":                   "f.yml:2:5",
		"a: [x, y #z\n  ]\n":               "f.yml:1:10",
		"count: 3   # three\n":             "",
		"count: 3 #three\n":                "",
		"within: 5m #five\n":               "",
		"send_resolved: true #yes\n":       "",
		"expr: a == b  # why\n":            "",
		"expr: a == b  #\n":                "",
		"expr: a == b  ####### x\n":        "",
		"channel: '#ops' #ours\n":          "",
		"channel: a#ops\n":                 "",
		"rules: #all\n  - a\n":             "",
		"labels: #all\n  a: b\n":           "",
		"expr: | #text\n  a\n":             "",
		"#ops\na: b\n#c\n":                 "",
		"a:\n  # the reason\n  b: c\n":     "",
		"summary: it's down # don't ask\n": "",
	} {
		root, l := Parse("f.yml", []byte(src))
		if root == nil {
			t.Errorf("%q was not read: %v", src, l)
			continue
		}
		got := ""
		if len(l) > 0 {
			got = l[0].Pos.String()
			if l[0].Code != diag.CutByComment {
				got += " " + string(l[0].Code)
			}
		}
		if got != want {
			t.Errorf("%q: a finding at %q, want %q", src, got, want)
		}
	}
}

func TestLineEndsAndMarkDoNotCount(t *testing.T) {
	for _, src := range []string{"\ufeffa: 1\nb: x\n", "a: 1\r\nb: x\r\n", "a: 1\nb: x"} {
		root, l := Parse("f.yml", []byte(src))
		if len(l) > 0 || root.Get("a").Value != "1" {
			t.Fatalf("%q: %v", src, l)
		}
		if p := root.Get("b").Pos; p.Line != 2 || p.Column != 4 || p.EndColumn != 5 {
			t.Errorf("%q: b at %+v", src, p)
		}
		if p := root.Key("b").Pos; p.Line != 2 || p.Column != 1 || p.EndColumn != 2 {
			t.Errorf("%q: key b at %+v", src, p)
		}
	}
}

func TestEmptyFile(t *testing.T) {
	for _, src := range []string{"", "\n", "# only a comment\n", "---\n", "null\n"} {
		root, l := Parse("f.yml", []byte(src))
		if len(l) > 0 || !root.IsNull() {
			t.Errorf("%q: %+v, %v", src, root, l)
		}
	}
}

// TestHostileFiles takes what blows up naive readers; BenchmarkParse tells
// whether the cost stays in proportion to the size.
func TestHostileFiles(t *testing.T) {
	fill := func(s string) string { return strings.Repeat(s, (MaxBytes/8)/len(s)) }
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+string(c-1)+", ", 9) + "]\n"
	}
	for name, tt := range map[string]struct {
		src  string
		want diag.Code // of the first finding, "" for none
	}{
		"alias bomb":        {bomb, diag.TagOrAnchor},
		"alias to itself":   {"a: &a [*a]\n", diag.TagOrAnchor},
		"brackets":          {fill("["), diag.TooLarge},
		"braces":            {fill("{"), diag.TooLarge},
		"dashes":            {fill("- "), diag.TooLarge},
		"one long line":     {"[" + fill("{a: 漢},") + "]", ""},
		"too many values":   {"[" + strings.Repeat("a,", maxValues+1) + "]", diag.TooLarge},
		"one long word":     {"a: " + fill("b"), ""},
		"blank lines":       {"a: '" + fill("\n") + "'", ""},
		"folded lines":      {"a: >\n" + fill(" b\n"), ""},
		"comments":          {fill("#\n"), ""},
		"keys without end":  {fill("a: b\n"), diag.DuplicateKey},
		"cuts without end":  {fill("- a #b\n"), diag.CutByComment},
		"a byte too much":   {strings.Repeat("\n", MaxBytes+1), diag.TooLarge},
		"documents":         {fill("---\n"), diag.FurtherDocument},
		"bytes of no sense": {fill("\xff\x00"), diag.YAMLSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			_, l := Parse("f.yml", []byte(tt.src))
			var got diag.Code
			if len(l) > 0 {
				got = l[0].Code
			}
			if got != tt.want {
				t.Errorf("first finding %q, want %q", got, tt.want)
			}
		})
	}
}

// BenchmarkParse reads files of a sixteenth and a quarter of MaxBytes. The
// rates of both sizes must be of the same order.
func BenchmarkParse(b *testing.B) {
	for name, unit := range map[string]string{
		"rules": "- alert: A\n  event: STOP\n  expr: 'a == \"x\" and b'\n  by: [node-name]\n  annotations: {summary: \"{{ vm.name }}\\n\"}\n",
		"line":  "- {a: 漢, b: 'c'}, ",
		"keys":  "- a: b\n  a: c #d\n",
	} {
		for _, size := range []int{MaxBytes / 16, MaxBytes / 4} {
			src := []byte(strings.Repeat(unit, (size-2)/len(unit)))
			if name == "line" {
				src = []byte("[" + strings.ReplaceAll(string(src), "- ", "") + "]")
			}
			b.Run(name+"/"+strconv.Itoa(size>>10)+"KiB", func(b *testing.B) {
				b.SetBytes(int64(len(src)))
				b.ReportAllocs()
				for b.Loop() {
					if root, _ := Parse("f.yml", src); root == nil {
						b.Fatal("not read")
					}
				}
			})
		}
	}
}

func TestKeys(t *testing.T) {
	root, _ := Parse("f.yml", []byte("alert: A\nevnt: STOP\nsequence: []\nzzz: 1\n"))
	var l diag.List
	root.CheckKeys(&l, Keys{Where: "a rule", Known: []string{"alert", "event"}, Unsupported: []string{"sequence"}})
	if root.Require(&l, "a rule", "event") != nil || root.Require(&l, "a rule", "alert") == nil {
		t.Error("Require mixes up what is there")
	}
	var out bytes.Buffer
	if err := diag.Text(&out, l, diag.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	want := "f.yml:1:1: error: a rule needs the key `event` [Q109]\n" +
		"f.yml:2:1: error: unknown key `evnt` in a rule [Q102]\n  hint: did you mean `event`?\n" +
		"f.yml:3:1: error: `sequence` is not supported by this version of qmpalert [Q110]\n" +
		"f.yml:4:1: error: unknown key `zzz` in a rule [Q102]\n  hint: a rule has the keys alert, event\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
