package yamldoc

import (
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
)

// The accessors return ok = false after they added a finding (or without one
// for a Broken node), so a caller goes on with the next key.

// AsString returns a scalar as text. Numbers and true/false are taken as they
// are written; a missing value is not.
func (n *Node) AsString(l *diag.List) (string, bool) {
	if n.Kind == Broken {
		return "", false
	}
	if n.Kind != Scalar || n.IsNull() {
		n.wrongType(l, "a text")
		return "", false
	}
	return n.Value, true
}

// AsInt returns a whole number written in decimal digits without quotes.
func (n *Node) AsInt(l *diag.List) (int, bool) {
	if n.Kind == Broken {
		return 0, false
	}
	if n.Kind != Scalar || n.Style != Plain || !isDecimal(n.Value) {
		n.wrongType(l, "a whole number")
		return 0, false
	}
	i, err := strconv.Atoi(n.Value)
	if err != nil {
		l.Errorf(diag.BadValue, n.Pos, "%s is too large a number", n.what())
		return 0, false
	}
	return i, true
}

// isDecimal excludes what YAML readers disagree about: 010, 0x10, 1_000.
func isDecimal(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || digits[0] == '0' && len(s) > 1 {
		return false
	}
	return strings.Trim(digits, "0123456789") == ""
}

// AsBool returns true or false, written so and without quotes: yes, on and
// their like mean different things to different readers of YAML.
func (n *Node) AsBool(l *diag.List) (value, ok bool) {
	if n.Kind == Broken {
		return false, false
	}
	if n.Kind == Scalar && n.Style == Plain {
		switch n.Value {
		case "true", "True", "TRUE":
			return true, true
		case "false", "False", "FALSE":
			return false, true
		}
	}
	n.wrongType(l, "true or false")
	return false, false
}

// AsDuration returns a duration such as 5m or 1h30m.
func (n *Node) AsDuration(l *diag.List) (time.Duration, bool) {
	if n.Kind == Broken {
		return 0, false
	}
	if n.Kind != Scalar || n.IsNull() {
		n.wrongType(l, "a duration such as 5m")
		return 0, false
	}
	d, err := duration.Parse(n.Value)
	if err != nil {
		message, hint, _ := strings.Cut(err.Error(), ": ")
		f := diag.New(diag.BadDuration, n.Pos, "%s: %s", n.what(), message).WithHint("%s", hint)
		if isDecimal(n.Value) && n.Value[0] != '-' {
			f = f.WithHint("did you mean `%ss`?", n.Value)
		}
		l.Add(f)
		return 0, false
	}
	return d, true
}

// AsStringList returns the texts of a list; a single value is a list of one.
func (n *Node) AsStringList(l *diag.List) ([]string, bool) {
	nodes, ok := n.AsScalarList(l)
	if !ok {
		return nil, false
	}
	texts := make([]string, len(nodes))
	for i, item := range nodes {
		texts[i] = item.Value
	}
	return texts, true
}

// AsScalarList is AsStringList with the nodes, for their positions. Entries
// that are no texts are findings, and then ok is false.
func (n *Node) AsScalarList(l *diag.List) ([]*Node, bool) {
	switch {
	case n.Kind == Broken:
		return nil, false
	case n.Kind == Mapping || n.IsNull():
		n.wrongType(l, "a text or a list of texts")
		return nil, false
	case n.Kind == Scalar:
		return []*Node{n}, true
	}
	ok := true
	for _, item := range n.Items {
		if _, good := item.AsString(l); !good {
			ok = false
		}
	}
	return n.Items, ok
}

// AsSequence returns the entries of a list.
func (n *Node) AsSequence(l *diag.List) ([]*Node, bool) {
	if n.Kind == Sequence {
		return n.Items, true
	}
	if n.Kind != Broken {
		n.wrongType(l, "a list")
	}
	return nil, false
}

// AsMapping reports whether the node is a mapping.
func (n *Node) AsMapping(l *diag.List) bool {
	if n.Kind == Mapping {
		return true
	}
	if n.Kind != Broken {
		n.wrongType(l, "a mapping")
	}
	return false
}

// wrongType says what was wanted and what is there.
func (n *Node) wrongType(l *diag.List, want string) {
	f := diag.New(diag.WrongType, n.Pos, "%s must be %s, but is %s", n.what(), want, n.kind())
	if n.Kind == Scalar && !n.IsNull() {
		f.Message = n.what() + " must be " + want + ", not " + quoted(n.Value)
	}
	switch {
	case n.Kind == Scalar && n.Style != Plain && (want == "a whole number" && isDecimal(n.Value) ||
		want == "true or false" && (n.Value == "true" || n.Value == "false")):
		f.Hint = "write it without quotes"
	case n.Kind == Sequence && len(n.Items) == 1 && n.Items[0].Kind == Scalar && want != "a mapping":
		f.Hint = "one value is enough here: remove the list"
	case n.Kind == Mapping && want == "a list":
		f.Hint = "begin each entry with `- `"
	}
	l.Add(f)
}

// quoted shows a value from the file, cut to what fits into a message.
func quoted(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.Quote(s)
}
