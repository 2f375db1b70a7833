package rules

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

// Confirm is the question that must be answered with yes before an alert fires.
type Confirm struct {
	Query string // of qmp.Queries
	prog  *lang.Program
}

// Agrees reports whether the answer (the return member of a reply) makes the
// expression true. Its names are the members of the answer, and `answer` is the
// answer itself, which may be a list.
func (c *Confirm) Agrees(answer qmp.Value) bool {
	f := lang.Frame{Event: &event.Event{Event: qmp.Event{Raw: answer.AppendJSON(nil)}}}
	return c.prog.True(&f)
}

// wholeAnswer is the value of the name `answer`.
func wholeAnswer(f *lang.Frame) qmp.Value {
	if f.Event == nil {
		return qmp.Value{}
	}
	return qmp.ParseValue(f.Event.Raw)
}

// confirm compiles `confirm`. What a query answers is not in the table: the
// names are not checked.
func (c *compiler) confirm(r *Rule) {
	s := c.spec.Confirm
	if s == nil {
		return
	}
	c.queryName(s.Query)
	c.somebodyToAsk("confirm")
	r.Confirm = &Confirm{Query: s.Query.Value}
	if s.Expr == nil {
		return
	}
	c.eachTarget(s.Expr, []target{{name: s.Query.Value}}, asAnswer, func(_ target, out compiled) {
		r.Confirm.prog = out.prog
	})
}

// queryName checks that qmpalert asks such a query.
func (c *compiler) queryName(n *yamldoc.Node) bool {
	if _, ok := qmp.ParseQuery(n.Value); ok {
		return true
	}
	var known []string
	for _, q := range qmp.Queries() {
		known = append(known, q.String())
	}
	hint := diag.DidYouMean(n.Value, known)
	if hint == "" {
		hint = "qmpalert asks only what changes nothing: " + listed(known)
	}
	c.add(diag.New(diag.UnknownQuery, n.Pos, "`%s` is not a query that qmpalert asks", n.Value).WithHint("%s", hint))
	return false
}

// screendump is the one entry of `attach` that is no query.
const screendump = "screendump"

// attach takes over what is added to the evidence.
func (c *compiler) attach(r *Rule) {
	for _, n := range c.distinct(c.spec.Attach, "`%s` stands twice in `attach`") {
		if n.Value == screendump {
			if !c.opts.Screendump {
				c.add(diag.New(diag.AttachRefused, n.Pos, "`screendump` is refused: the configuration has no key that allows it").
					WithHint("leave it out: a picture of the screen shows what the guest shows, also to those who read alerts"))
			}
		} else if !c.queryName(n) {
			continue
		}
		r.Attach = append(r.Attach, n.Value)
	}
	if len(c.spec.Attach) > 0 {
		c.somebodyToAsk("attach")
	}
}

// somebodyToAsk complains about a question that no VM can be asked.
func (c *compiler) somebodyToAsk(key string) {
	if c.spec.Scope == ScopeVM || !c.spec.wrote("absent_for") {
		return
	}
	c.add(diag.New(diag.KeyCombination, c.keyPos(key), "`%s` has no VM to ask: the rule is about a %s where nothing happened", key, scopeWord[c.spec.Scope]).
		WithHint("write `scope: vm`, or leave out `%s`", key))
}
