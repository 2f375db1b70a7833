package rules

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// testData makes the data of a test's event: the members that the test names,
// and whatever else QEMU always sends. A member that is written as null is left
// out, as an older QEMU may.
type testData struct {
	found *diag.List
	event string
}

// object appends an object of these members as JSON. given may be nil.
func (d *testData) object(b []byte, members []*qmp.Member, prefix string, given *yamldoc.Node) []byte {
	d.unknown(members, prefix, given)
	branch := d.branch(members, given)
	b = append(b, '{')
	for _, m := range members {
		name, value := written(m, given)
		switch {
		case value == nil && (m.Optional || m.JSON == qmp.JSONAny || m.Branch != "" && !inBranch(m, branch)):
			continue
		case value != nil && value.IsNull():
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(qmp.String(name).AppendJSON(b), ':')
		switch {
		case value == nil && m.Enum != nil && slices.Contains(enumValues(m.Enum), branch):
			b = qmp.String(branch).AppendJSON(b)
		case value == nil:
			b = d.fill(b, m, prefix)
		default:
			b = d.value(b, m, prefix, value)
		}
	}
	return append(b, '}')
}

// written finds a member in what the test gives, under any of its spellings on
// the wire.
func written(m *qmp.Member, given *yamldoc.Node) (name string, value *yamldoc.Node) {
	for _, name := range append([]string{m.Name}, m.Aliases...) {
		if v := given.Get(name); v != nil {
			return name, v
		}
	}
	return m.Name, nil
}

// unknown complains about members that the event does not have.
func (d *testData) unknown(members []*qmp.Member, prefix string, given *yamldoc.Node) {
	var names, idents []string
	for _, m := range members {
		names = append(append(names, m.Name), m.Aliases...)
		idents = append(idents, m.Ident)
	}
	given.Each(func(key, _ *yamldoc.Node) {
		if slices.Contains(names, key.Value) {
			return
		}
		head, _, dotted := strings.Cut(key.Value, ".")
		hint := diag.DidYouMean(key.Value, names)
		switch {
		case dotted && slices.Contains(names, head):
			hint = "a member of a member is nested: `" + head + ": {" + key.Value[len(head)+1:] + ": …}`"
		case slices.Contains(idents, key.Value):
			hint = "data has the names of QMP: `" + names[slices.Index(idents, key.Value)] + "`"
		case hint == "" && len(names) > 0:
			hint = "it has " + listed(slices.Compact(names))
		case hint == "":
			hint = "it has no members: remove `data`"
		}
		d.found.Add(diag.New(diag.TestMember, key.Pos, "%s has no member `%s`", d.event, prefix+key.Value).WithHint("%s", hint))
	})
}

// branch is the value of the discriminator of a union that the given members
// need, "" where they need none.
func (d *testData) branch(members []*qmp.Member, given *yamldoc.Node) string {
	for _, m := range members {
		if m.Enum != nil && m.Branch == "" {
			if _, v := written(m, given); v != nil && slices.ContainsFunc(members, func(o *qmp.Member) bool { return inBranch(o, v.Value) }) {
				return v.Value
			}
		}
	}
	for _, m := range members {
		if _, v := written(m, given); v != nil && m.Branch != "" {
			value, _, _ := strings.Cut(m.Branch, "|")
			return value
		}
	}
	return ""
}

func inBranch(m *qmp.Member, branch string) bool {
	return branch != "" && slices.Contains(strings.Split(m.Branch, "|"), branch)
}

// fill appends a value for a member that QEMU always sends and the test does
// not name: the first value of an enum, else what is nearest to nothing.
func (d *testData) fill(b []byte, m *qmp.Member, prefix string) []byte {
	switch {
	case m.Enum != nil:
		for _, v := range m.Enum.Values {
			if v.NotSent == "" {
				return qmp.String(v.Value).AppendJSON(b)
			}
		}
	case m.JSON == qmp.JSONBool:
		return append(b, "false"...)
	case m.JSON == qmp.JSONInt, m.JSON == qmp.JSONFloat:
		return append(b, '0')
	case m.JSON == qmp.JSONObject:
		return d.object(b, m.Members, prefix+m.Name+".", nil)
	}
	return append(b, `""`...)
}

// value appends what the test gives for a member, as a value of its type.
func (d *testData) value(b []byte, m *qmp.Member, prefix string, n *yamldoc.Node) []byte {
	wrong := func(want string) []byte {
		d.found.Add(diag.New(diag.TestValue, n.Pos, "`%s` of %s is %s", prefix+m.Name, d.event, want))
		return append(b, "null"...)
	}
	scalar := n.Kind == yamldoc.Scalar
	switch {
	case n.Kind == yamldoc.Broken:
		return append(b, "null"...)
	case m.Enum != nil:
		if scalar && m.Enum.Has(n.Value) {
			return qmp.String(n.Value).AppendJSON(b)
		}
		values := enumValues(m.Enum)
		hint := diag.DidYouMean(n.Value, values)
		if hint == "" {
			hint = "it is one of " + strings.Join(values, ", ")
		}
		d.found.Add(diag.New(diag.TestValue, n.Pos, "`%s` is not a value of `%s` of %s", short(n.Value), prefix+m.Name, d.event).WithHint("%s", hint))
		return append(b, "null"...)
	}
	switch m.JSON {
	case qmp.JSONString:
		if scalar {
			return qmp.String(n.Value).AppendJSON(b)
		}
		return wrong("a text")
	case qmp.JSONBool:
		if scalar && n.Style == yamldoc.Plain && (n.Value == "true" || n.Value == "false") {
			return append(b, n.Value...)
		}
		return wrong("true or false")
	case qmp.JSONInt:
		if i, ok := new(big.Int).SetString(n.Value, 10); scalar && n.Style == yamldoc.Plain && ok && (i.IsInt64() || i.IsUint64()) {
			return append(b, i.String()...)
		}
		return wrong("a whole number")
	case qmp.JSONFloat:
		if scalar && n.Style == yamldoc.Plain && isJSONNumber(n.Value) {
			return append(b, n.Value...)
		}
		return wrong("a number")
	case qmp.JSONObject:
		if n.Kind == yamldoc.Mapping {
			return d.object(b, m.Members, prefix+m.Name+".", n)
		}
		return wrong("a mapping")
	}
	return anyJSON(b, n)
}

// anyJSON appends a value of whatever type it looks like.
func anyJSON(b []byte, n *yamldoc.Node) []byte {
	switch n.Kind {
	case yamldoc.Mapping:
		b = append(b, '{')
		for i, pair := range n.Pairs {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(qmp.String(pair.Key.Value).AppendJSON(b), ':')
			b = anyJSON(b, pair.Value)
		}
		return append(b, '}')
	case yamldoc.Sequence:
		b = append(b, '[')
		for i, item := range n.Items {
			if i > 0 {
				b = append(b, ',')
			}
			b = anyJSON(b, item)
		}
		return append(b, ']')
	}
	switch {
	case n.IsNull() || n.Kind != yamldoc.Scalar:
		return append(b, "null"...)
	case n.Style == yamldoc.Plain && (n.Value == "true" || n.Value == "false" || isJSONNumber(n.Value)):
		return append(b, n.Value...)
	}
	return qmp.String(n.Value).AppendJSON(b)
}

func isJSONNumber(s string) bool {
	return s != "" && strings.Trim(s, "+-.eE0123456789") == "" && json.Valid([]byte(s))
}

func enumValues(e *qmp.Enum) []string {
	values := make([]string, len(e.Values))
	for i, v := range e.Values {
		values[i] = v.Value
	}
	return values
}

// short cuts what is shown of a value in a message.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
