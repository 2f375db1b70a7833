package lang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/types"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// The names that every expression has. They win over variables and members.
const (
	nameEvent = "event"
	nameHost  = "host"
	nameTime  = "time"
	nameVM    = "vm"
	nameData  = "data"
)

var fixedNames = []string{nameEvent, nameHost, nameTime, nameVM, nameData}

var vmMembers = []string{"name", "uuid"}

// letName is a name made by let, and the place of its value in the Frame.
type letName struct {
	name string
	slot int
}

// name is the name of the event in messages.
func (e *Env) name() string {
	if e.Name == "" && e.Event != nil {
		return e.Event.Name
	}
	return e.Name
}

// variable returns the variable of that name, or nil.
func (e *Env) variable(name string) *Var {
	for i := range e.Vars {
		if e.Vars[i].Name == name {
			return &e.Vars[i]
		}
	}
	return nil
}

// named returns the member that ident means among all, or nil.
func named(all []*qmp.Member, ident string) *qmp.Member {
	for _, m := range all {
		if m.Ident == ident || m.Name == ident {
			return m
		}
	}
	return nil
}

// member returns the member of the event that a path of names (client.host)
// means, nil if n is something else.
func (c *compiler) member(n ast.Node) *qmp.Member {
	switch n := n.(type) {
	case *ast.ChainNode:
		return c.member(n.Node)
	case *ast.IdentifierNode:
		if c.env.Event == nil || c.isLet(n.Value) || slices.Contains(fixedNames, n.Value) || c.env.variable(n.Value) != nil {
			return nil
		}
		return named(c.env.Event.Members, n.Value)
	case *ast.MemberNode:
		property, ok := n.Property.(*ast.StringNode)
		if object := c.member(n.Node); ok && object != nil {
			return named(object.Members, property.Value)
		}
	}
	return nil
}

// isFixed reports whether n is the fixed name.
func (c *compiler) isFixed(n ast.Node, name string) bool {
	if chain, ok := n.(*ast.ChainNode); ok {
		return c.isFixed(chain.Node, name)
	}
	id, ok := n.(*ast.IdentifierNode)
	return ok && id.Value == name
}

func (c *compiler) isLet(name string) bool {
	return slices.ContainsFunc(c.lets, func(l letName) bool { return l.name == name })
}

// types is the environment for the type checker.
func (c *compiler) types() types.Map {
	all := c.env.types()
	for i := range c.aggregates {
		all[aggregateName(i)] = c.aggregates[i].gives
	}
	return all
}

func (e *Env) types() types.Map {
	all := types.Map{}
	if e.Event != nil {
		addMembers(all, e.Event.Members)
	} else {
		all[types.Extra] = types.Any
	}
	for _, v := range e.Vars {
		all[v.Name] = v.Type.checked()
	}
	for _, name := range e.Defs.listNames() {
		all[name] = e.Defs.list(name).checked
	}
	all[nameEvent] = types.String
	all[nameHost] = types.String
	all[nameTime] = TimeType.checked()
	all[nameVM] = types.Map{"name": types.String, "uuid": types.String}
	all[nameData] = types.Map{types.Extra: types.Any}
	return all
}

func addMembers(to types.Map, members []*qmp.Member) {
	for _, m := range members {
		t := memberType(m)
		to[m.Ident], to[m.Name] = t, t
	}
}

func memberType(m *qmp.Member) types.Type {
	switch m.JSON {
	case qmp.JSONString:
		return types.String
	case qmp.JSONBool:
		return types.Bool
	case qmp.JSONInt:
		return types.Int
	case qmp.JSONFloat:
		return types.Float64
	case qmp.JSONObject:
		if len(m.Members) > 0 {
			object := types.Map{}
			addMembers(object, m.Members)
			return object
		}
	}
	return types.Any
}

// checked is the type as the type checker knows it.
func (t Type) checked() types.Type {
	switch t {
	case BoolType:
		return types.Bool
	case IntType:
		return types.Int
	case FloatType:
		return types.Float64
	case StringType:
		return types.String
	case TimeType:
		return types.TypeOf(time.Time{})
	case DurationType:
		return types.TypeOf(time.Duration(0))
	}
	return types.Any
}

// inspectName reports a name that means nothing. Of an untyped event every name
// may be a member, but for those that are surely meant otherwise.
func (c *compiler) inspectName(n *ast.IdentifierNode) {
	if c.isLet(n.Value) || c.isDefined(n) || c.outside(n) {
		return
	}
	c.names = true
	if slices.ContainsFunc(c.hidden, func(l letName) bool { return l.name == n.Value }) {
		c.reportNode(n, diag.MisusedAggregate, fmt.Sprintf("`%s` is a name that let made, and the argument of an aggregate is about a match", shortened(n.Value)), "name members in an aggregate")
		return
	}
	if slices.Contains(fixedNames, n.Value) || c.env.variable(n.Value) != nil || c.member(n) != nil {
		return
	}
	if c.env.Event == nil && !c.misspelled(n.Value) {
		return
	}
	message, hint := c.unknownName(n.Value)
	c.reportNode(n, diag.UnknownMember, message, hint)
}

// misspelled says that a name is a word of another language. That of a function
// is none: where it is not called it is the member, and `type` is a likely one.
func (c *compiler) misspelled(name string) bool {
	return strings.HasPrefix(name, "$") ||
		slices.Contains([]string{"null", "none", "undefined", "true", "false"}, strings.ToLower(name))
}

// unknownName words the complaint about a name that means nothing.
func (c *compiler) unknownName(name string) (message, hint string) {
	quoted := shortened(name)
	message = fmt.Sprintf("`%s` is not a name that is known here", quoted)
	event := c.env.name()
	if event != "" {
		message = fmt.Sprintf("`%s` is not a member of %s", quoted, event)
	}
	if strings.HasPrefix(name, "$") {
		return fmt.Sprintf("`%s` does not exist here", quoted), "members are named directly, without $: node_name"
	}
	switch strings.ToLower(name) {
	case "null", "none", "undefined":
		return message, "write nil"
	case "true", "false":
		return message, "write " + strings.ToLower(name)
	}
	if hint := c.aggregateHint(name); hint != "" {
		return message, hint
	}
	if _, ok := builtin.Index[name]; ok || customFunction(name) {
		return message, fmt.Sprintf("`%s` is a function: write %s(…)", name, name)
	}
	return message, c.suggestMember(name)
}

// suggestMember is the hint for an unknown name: a similar one, a nested
// member of that name, or what there is.
func (c *compiler) suggestMember(name string) string {
	var nested []string
	for _, m := range c.env.Event.Slots {
		if m.Ident == name && m.IdentPath != name {
			nested = append(nested, m.IdentPath)
		}
	}
	if len(nested) > 0 {
		return "did you mean `" + strings.Join(nested, "` or `") + "`?"
	}
	if best := diag.DidYouMean(name, slices.Concat(c.topNames(), c.env.Defs.names(), c.bareAggregates())); best != "" {
		return best
	}
	if len(c.env.Event.Members) == 0 && len(c.env.Vars) > len(WindowVars()) {
		return c.listNames()
	}
	return c.listMembers(c.env.name(), c.env.Event.Members)
}

// listNames is listMembers for what is told in variables alone.
func (c *compiler) listNames() string {
	var all []string
	for _, v := range c.env.Vars {
		all = append(all, v.Name)
	}
	return "the names are " + strings.Join(all, ", ")
}

func (c *compiler) topNames() []string {
	all := idents(c.env.Event.Members)
	for _, v := range c.env.Vars {
		all = append(all, v.Name)
	}
	return append(all, fixedNames...)
}

func idents(members []*qmp.Member) []string {
	all := make([]string, len(members))
	for i, m := range members {
		all[i] = m.Ident
	}
	return all
}

// maxListed bounds how many names a hint lists.
const maxListed = 16

func (c *compiler) listMembers(of string, members []*qmp.Member) string {
	all := idents(members)
	if len(all) == 0 {
		return of + ` has no members; a newer one is data["name"]`
	}
	more := ""
	if len(all) > maxListed {
		all, more = all[:maxListed], ", …"
	}
	return of + " has " + strings.Join(all, ", ") + more
}
