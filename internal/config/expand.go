package config

import (
	"regexp"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// alone is a value that is one variable and nothing else.
var alone = regexp.MustCompile(`^\$\{[A-Za-z_][A-Za-z0-9_]*\}$`)

// expand replaces ${NAME} in every value of the tree. What comes out is not
// looked at again.
func expand(n *yamldoc.Node, env func(string) (string, bool), r *reader) {
	for _, p := range n.Pairs {
		expand(p.Value, env, r)
	}
	for _, item := range n.Items {
		expand(item, env, r)
	}
	if n.Kind != yamldoc.Scalar || !strings.Contains(n.Value, "${") {
		return
	}
	r.expanded[n] = alone.MatchString(n.Value)
	value, ok := expandText(n, env, r.list)
	if !ok {
		n.Kind = yamldoc.Broken // reported; nobody complains about it again
		return
	}
	n.Value = value
	// What a variable holds is a text even if it looks like YAML's null.
	if n.IsNull() {
		n.Style = yamldoc.DoubleQuoted
	}
}

func expandText(n *yamldoc.Node, env func(string) (string, bool), list *diag.List) (string, bool) {
	var b strings.Builder
	text, ok := n.Value, true
	for at := 0; ; {
		i := strings.Index(text[at:], "${")
		if i < 0 {
			b.WriteString(text[at:])
			return b.String(), ok
		}
		i += at
		if i > at && text[i-1] == '$' { // $${
			b.WriteString(text[at:i-1] + "${")
			at = i + 2
			continue
		}
		b.WriteString(text[at:i])
		end := strings.IndexByte(text[i:], '}')
		if end < 0 {
			list.Add(diag.New(diag.UnsetVariable, n.Range(i, i+2), "a ${ without }").WithHint("write $${ for the characters ${"))
			return "", false
		}
		name := text[i+2 : i+end]
		value, set := env(name)
		switch pos := n.Range(i, i+end+1); {
		case !variableName.MatchString(name):
			list.Add(diag.New(diag.UnsetVariable, pos, "%q is not the name of a variable", name).
				WithHint("write ${NAME}; defaults and other forms are not known. For the characters ${ write $${"))
			ok = false
		case !set:
			list.Add(diag.New(diag.UnsetVariable, pos, "the environment variable %s is not set", name).
				WithHint("set it, or write $${ for the characters ${"))
			ok = false
		}
		b.WriteString(value)
		at = i + end + 1
	}
}
