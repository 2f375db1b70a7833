package body

import (
	"regexp"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// maxNodes bounds the values of a body, all levels together.
const maxNodes = 2000

// Body is a compiled tree. It is immutable and safe for concurrent use.
type Body struct {
	root  node
	fixed []string // texts of one word that are in it as they are: maybe keys
	uses  []bool   // by the index in names; true also for a name that only looks used
	keyed bool
}

// Keyed reports whether the far end is told which group or alert a message is
// about, by a key: it then keeps something for each of them, such as an incident
// that a later message ends, and a message that stands for several groups would
// leave that as it is. The caller sends each message by itself.
func (b *Body) Keyed() bool { return b.keyed }

// node is a value of the tree; exactly one of its fields is set. Objects and
// lists have their parts in order.
type node struct {
	raw    []byte // JSON of what is always the same
	text   *lang.Text
	secret func() (string, error)
	list   []node
	object []member
	isList bool // also of an empty one
}

type member struct {
	name  []byte // JSON
	value node
}

// Compile checks the value of `body` and compiles its texts. What is wrong is
// added to list, with its place; the Body is nil if something is.
func Compile(v *config.Value, list *diag.List) *Body {
	c := &compiler{list: list, body: &Body{uses: make([]bool, len(names))}}
	if v.Kind != config.ObjectValue && v.Kind != config.ListValue {
		c.complain(diag.New(diag.WrongType, v.Pos, "`body` must be a mapping or a list").
			WithHint("write the JSON that the service wants, as YAML"))
		return nil
	}
	c.body.root = c.node(v)
	if c.bad {
		return nil
	}
	return c.body
}

type compiler struct {
	list  *diag.List
	body  *Body
	nodes int
	bad   bool
}

func (c *compiler) complain(f diag.Finding) {
	c.bad = true
	c.list.Add(f)
}

func (c *compiler) node(v *config.Value) node {
	if c.nodes++; c.nodes == maxNodes+1 {
		c.complain(diag.New(diag.TooLarge, v.Pos, "`body` has more than %d values", maxNodes))
	}
	if c.nodes > maxNodes {
		return node{}
	}
	switch v.Kind {
	case config.ObjectValue:
		out := node{object: []member{}}
		for i := range v.Members {
			m := &v.Members[i]
			if strings.Contains(m.Name, "{{") {
				c.complain(diag.New(diag.TextError, m.Pos, "a key is not a text with expressions").WithHint("only values can have {{ }}"))
			}
			out.object = append(out.object, member{qmp.String(m.Name).AppendJSON(nil), c.node(&m.Value)})
		}
		return out
	case config.ListValue:
		out := node{isList: true}
		for i := range v.Items {
			out.list = append(out.list, c.node(&v.Items[i]))
		}
		return out
	case config.TextValue:
		return c.text(v)
	case config.SecretValue:
		return node{secret: v.Secret.Read}
	case config.NullValue:
		return node{raw: []byte("null")}
	}
	return node{raw: []byte(v.Text)}
}

// text compiles a string. One without expressions is JSON from now on.
func (c *compiler) text(v *config.Value) node {
	t, problems := lang.CompileText(v.Text, env)
	for _, p := range problems {
		c.complain(diag.New(p.Code, v.Range(p.Offset, p.End), "%s", p.Message).WithHint("%s", hint(v.Text, p)))
	}
	if len(problems) > 0 {
		return node{}
	}
	if !strings.Contains(v.Text, "{{") {
		if likeAKey(v.Text) {
			c.body.fixed = append(c.body.fixed, v.Text)
		}
		return node{raw: qmp.String(v.Text).AppendJSON(nil)}
	}
	for _, word := range words.FindAllString(v.Text, -1) {
		c.body.keyed = c.body.keyed || slices.Contains(keys, word)
		if i := slices.IndexFunc(names, func(n Name) bool { return n.Name == word }); i >= 0 {
			c.body.uses[i] = true
		}
	}
	if whole(v.Text) == "vm" {
		c.complain(diag.New(diag.ExprType, v.Pos, "`vm` is an object").WithHint("write {{ vm.name }}"))
	}
	return node{text: t}
}

// keys are the names that tell groups or alerts apart.
var keys = []string{"group_id", "group_key", "fingerprint"}

var words = regexp.MustCompile(`[a-z_]+`)

// likeAKey says that a text could be a secret that somebody wrote down: it is
// then kept out of errors.
func likeAKey(s string) bool { return len(s) >= 16 && !strings.ContainsAny(s, " \n/.") }

// whole is the expression of a text that is nothing else, or "".
func whole(s string) string {
	inner, opened := strings.CutPrefix(s, "{{")
	inner, closed := strings.CutSuffix(inner, "}}")
	if !opened || !closed {
		return ""
	}
	return strings.TrimSpace(inner)
}

var (
	ofSet   = regexp.MustCompile(`\.(Common|Group)?(Labels|Annotations)\.(\w+)|\$(labels)\.(\w+)`)
	ofField = regexp.MustCompile(`^\s*\.(\w+)\s*$`)
	humps   = regexp.MustCompile(`([a-z])([A-Z])`)
)

// hint is what helps with a problem. Texts of Alertmanager's templates get the
// name that the same has here.
func hint(src string, p lang.Problem) string {
	for _, m := range ofSet.FindAllStringSubmatchIndex(src, -1) {
		if m[0] <= p.End && p.Offset <= m[1] {
			return "write {{ " + snake(string(ofSet.ExpandString(nil, "${1}${2}${4}", src, m))) + "." + string(ofSet.ExpandString(nil, "${3}${5}", src, m)) + " }}"
		}
	}
	switch {
	case p.Code == diag.UnknownMember && strings.HasPrefix(p.Hint, "an aggregate "):
		return "aggregates are for rules: here `count` and `total` are numbers, and lists have functions"
	case p.Code != diag.TextError:
		return p.Hint
	}
	if m := ofField.FindStringSubmatch(src[p.Offset:p.End]); m != nil {
		return "write {{ " + snake(m[1]) + " }}"
	}
	return p.Hint
}

// snake spells CommonLabels as common_labels.
func snake(s string) string { return strings.ToLower(humps.ReplaceAllString(s, "${1}_${2}")) }
