package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// matchers reads a list of matchers; a single text is a list of one. What comes
// out has one condition a text, as Alertmanager prints it.
func (r *reader) matchers(n *yamldoc.Node, key string) []string {
	v := n.Get(key)
	if v == nil {
		return nil
	}
	if v.Kind == yamldoc.Mapping {
		r.list.Add(diag.New(diag.WrongType, v.Pos, "`%s` must be a list of texts, but is a mapping", key).
			WithHint("write %s: %s", key, asMatchers(v, "=")))
		return nil
	}
	nodes, _ := v.AsScalarList(r.list)
	var out []string
	for _, node := range nodes {
		if node.Kind != yamldoc.Scalar || node.IsNull() {
			continue // reported
		}
		m, err := alertmanager.ParseMatchers(node.Value)
		if err == nil && m.Len() == 0 {
			err = &alertmanager.MatcherError{Column: 1, Width: 1, What: "there is no condition in it", Hint: `write label="value"`}
		}
		if err != nil {
			r.badMatcher(node, err)
			continue
		}
		if name, exact := m.Equals("alertname"); exact {
			r.wanted = append(r.wanted, wantedAlert{name, node.Pos})
		}
		out = append(out, m.List()...)
	}
	if len(nodes) == 0 && v.Kind == yamldoc.Sequence {
		r.list.Add(diag.New(diag.BadValue, v.Pos, "`%s` is empty", key).WithHint("remove the key, or write at least one matcher"))
	}
	return out
}

func (r *reader) badMatcher(n *yamldoc.Node, err error) {
	f := diag.New(diag.BadMatcher, n.Pos, "%v", err)
	var bad *alertmanager.MatcherError
	if errors.As(err, &bad) {
		f.Message, f.Hint = bad.What, bad.Hint
		f.Pos = n.Range(byteOffset(n.Value, bad.Column-1), byteOffset(n.Value, bad.Column-1+bad.Width))
	}
	r.list.Add(f)
}

// byteOffset is where the character of that number, from 0, begins.
func byteOffset(s string, chars int) int {
	off := 0
	for ; chars > 0 && off < len(s); chars-- {
		_, n := utf8.DecodeRuneInString(s[off:])
		off += n
	}
	return off
}

// asMatchers writes a mapping of labels to values as a list of matchers.
func asMatchers(v *yamldoc.Node, operator string) string {
	var out []string
	v.Each(func(key, value *yamldoc.Node) {
		if value.Kind == yamldoc.Scalar {
			out = append(out, "'"+key.Value+operator+strings.ReplaceAll(strconv.Quote(value.Value), "'", "''")+"'")
		}
	})
	return "[" + strings.Join(out, ", ") + "]"
}

// oldMatchers tells how to write what Alertmanager once called match, match_re,
// source_match and so on.
func oldMatchers(key string, value *yamldoc.Node) string {
	prefix, _, _ := strings.Cut(key, "match")
	operator := "="
	if strings.HasSuffix(key, "_re") {
		operator = "=~"
	}
	if value.Kind != yamldoc.Mapping {
		return fmt.Sprintf("write %smatchers: ['label%s\"value\"']", prefix, operator)
	}
	return fmt.Sprintf("write %smatchers: %s", prefix, asMatchers(value, operator))
}

// labelName is what the labels of rules look like.
var labelName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// labelNames reads a list of names of labels, each once. wildcard is a name that
// is allowed beside them, or "".
func (r *reader) labelNames(v *yamldoc.Node, wildcard string) []string {
	nodes, _ := v.AsScalarList(r.list)
	out := make([]string, 0, len(nodes))
	for _, node := range nodes {
		name := node.Value
		switch {
		case node.Kind != yamldoc.Scalar || node.IsNull():
			continue // reported
		case name == wildcard && name != "":
		case !labelName.MatchString(name):
			f := diag.New(diag.BadValue, node.Pos, "%q is not the name of a label", name)
			if under := strings.NewReplacer("-", "_", ".", "_").Replace(name); labelName.MatchString(under) && name != "..." {
				f = f.WithHint("labels have underscores: `%s`", under)
			}
			r.list.Add(f)
		case slices.Contains(out, name):
			r.list.Errorf(diag.BadValue, node.Pos, "`%s` stands here for the second time", name)
		}
		out = append(out, name)
	}
	return out
}
