package yamldoc

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/diag"
)

func TestAccessors(t *testing.T) {
	type read func(*Node, *diag.List) (any, bool)
	text := func(n *Node, l *diag.List) (any, bool) { return pack(n.AsString(l)) }
	number := func(n *Node, l *diag.List) (any, bool) { return pack(n.AsInt(l)) }
	boolean := func(n *Node, l *diag.List) (any, bool) { return pack(n.AsBool(l)) }
	span := func(n *Node, l *diag.List) (any, bool) { return pack(n.AsDuration(l)) }
	list := func(n *Node, l *diag.List) (any, bool) { return pack(n.AsStringList(l)) }
	for _, tt := range []struct {
		src  string
		as   read
		want any    // nil if refused
		say  string // part of the finding
	}{
		{"x", text, "x", ""},
		{"12", text, "12", ""},
		{"'null'", text, "null", ""},
		{"''", text, "", ""},
		{"", text, nil, "`k` must be a text, but is empty [Q104]"},
		{"~", text, nil, "`k` must be a text, but is empty"},
		{"[a]", text, nil, "`k` must be a text, but is a list"},
		{"{a: b}", text, nil, "`k` must be a text, but is a mapping"},
		{"3", number, 3, ""},
		{"-3", number, -3, ""},
		{"'3'", number, nil, "`k` must be a whole number, not \"3\""},
		{"010", number, nil, "must be a whole number"},
		{"0x10", number, nil, "must be a whole number"},
		{"1_000", number, nil, "must be a whole number"},
		{"3.5", number, nil, "must be a whole number"},
		{"99999999999999999999", number, nil, "too large a number [Q113]"},
		{"true", boolean, true, ""},
		{"False", boolean, false, ""},
		{"yes", boolean, nil, "`k` must be true or false, not \"yes\""},
		{"'true'", boolean, nil, "must be true or false"},
		{"5m", span, 5 * time.Minute, ""},
		{"'1h30m'", span, 90 * time.Minute, ""},
		{"5", span, nil, "`k`: \"5\" is not a duration [Q108]"},
		{"-5m", span, nil, "is negative [Q108]"},
		{"", span, nil, "must be a duration such as 5m, but is empty"},
		{"a", list, []string{"a"}, ""},
		{"[a, 'b', 3]", list, []string{"a", "b", "3"}, ""},
		{"[]", list, []string{}, ""},
		{"[a, [b], ~]", list, nil, "an entry of `k` must be a text, but is a list"},
		{"{a: b}", list, nil, "must be a text or a list of texts, but is a mapping"},
	} {
		root, l := Parse("f.yml", []byte("k: "+tt.src+"\n"))
		if len(l) > 0 {
			t.Fatalf("%q: %v", tt.src, l)
		}
		got, ok := tt.as(root.Get("k"), &l)
		if !ok {
			got = nil
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%q: %s", tt.src, diff)
		}
		if (tt.say == "") != (len(l) == 0) || !strings.Contains(complaints(l), tt.say) {
			t.Errorf("%q: findings %q, want one with %q", tt.src, complaints(l), tt.say)
		}
	}
}

func pack[T any](v T, ok bool) (any, bool) { return v, ok }

// TestBrokenIsSilent: what was refused already must not be complained about
// again by whoever reads the key.
func TestBrokenIsSilent(t *testing.T) {
	root, l := Parse("f.yml", []byte("k: !x 1\n"))
	n, before := root.Get("k"), len(l)
	_, a := n.AsString(&l)
	_, b := n.AsInt(&l)
	_, c := n.AsBool(&l)
	_, d := n.AsDuration(&l)
	_, e := n.AsStringList(&l)
	_, f := n.AsSequence(&l)
	if a || b || c || d || e || f || n.AsMapping(&l) {
		t.Error("an accessor took a broken node")
	}
	if before != 1 || len(l) != before {
		t.Errorf("%d findings before, %d after", before, len(l))
	}
}

func TestRangeInsideValues(t *testing.T) {
	src := "expr: >-\n  action == \"stop\"\n  and operaton == \"write\"\ntext: \"a\\tb {{ \\\"x\\\" }}\"\n"
	root, _ := Parse("f.yml", []byte(src))
	for _, tt := range []struct{ key, word, want string }{
		{"expr", "operaton", "3:7-15"},
		{"expr", `"stop" and`, "2:13-19"}, // cut at the end of its line
		{"text", `"x"`, "4:16-21"},
		{"text", "\t", "4:9-11"},
	} {
		n := root.Get(tt.key)
		at := strings.Index(n.Value, tt.word)
		p := n.Range(at, at+len(tt.word))
		got := strings.TrimPrefix(p.String(), "f.yml:") + "-" + itoa(p.EndColumn)
		if got != tt.want {
			t.Errorf("%q of %s is at %s, want %s", tt.word, tt.key, got, tt.want)
		}
	}
}

func itoa(n int) string { return strings.TrimPrefix(diag.Pos{File: "x", Line: n}.String(), "x:") }
