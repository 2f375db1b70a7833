package lang

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker/nature"
	"github.com/expr-lang/expr/types"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// An aggregate is cut out of the tree: its argument is checked and compiled by
// itself, for the event at hand, and in its place comes a name that nobody can
// write, which has the type of the result.

// aggregateUse is an aggregate in the expression at hand.
type aggregateUse struct {
	Aggregate
	program *Program // of the argument; nil for count and rate
	gives   types.Type
	enum    *qmp.Member // whose values it gives, if these have an enum
	arg     ast.Node
	// percentileAt is where the number of a percentile stands, for Mutants.
	percentileAt int
	index        int // in Env.Aggregates, once the expression was found good
}

const aggregatePrefix = "@"

func aggregateName(i int) string { return aggregatePrefix + strconv.Itoa(i) }

// aggregateOf returns the aggregate that a name stands for, or nil.
func (c *compiler) aggregateOf(n *ast.IdentifierNode) *aggregateUse {
	digits, ok := strings.CutPrefix(n.Value, aggregatePrefix)
	if !ok {
		return nil
	}
	i, _ := strconv.Atoi(digits)
	return &c.aggregates[i]
}

// register takes the aggregates of a good expression up into the table.
func (c *compiler) register() {
	for i := range c.aggregates {
		c.aggregates[i].index = c.env.Aggregates.put(&c.aggregates[i], c.env.Event)
	}
}

// put returns the index of an aggregate, which it takes up if it is new, and
// keeps its argument for events of def.
func (t *Aggregates) put(use *aggregateUse, def *qmp.Def) int {
	i := slices.IndexFunc(t.list, func(a Aggregate) bool { return a.key == use.key })
	if i < 0 {
		i = len(t.list)
		t.list = append(t.list, use.Aggregate)
	}
	arg := argument{program: use.program}
	if def != nil {
		arg.kind, arg.name = def.Kind, def.Name
	}
	a := &t.list[i]
	if use.program != nil && !slices.ContainsFunc(a.args, func(o argument) bool { return o.kind == arg.kind && o.name == arg.name }) {
		a.args = append(a.args, arg)
	}
	return i
}

// checkedType is a type as the checker found it.
type checkedType struct{ of nature.Nature }

func (t checkedType) Nature() nature.Nature   { return t.of }
func (t checkedType) Equal(o types.Type) bool { return t.of.String() == o.String() }
func (t checkedType) String() string          { return t.of.String() }

// aggregate puts a name in the place of an aggregate, and returns false if there
// is none at that place.
func (c *compiler) aggregate(place *ast.Node) bool {
	f, arguments, ok := c.calledAggregate(*place)
	if !ok {
		return false
	}
	n := *place
	if c.inside != "" {
		c.reportNode(n, diag.MisusedAggregate, fmt.Sprintf("the aggregate `%s` stands inside of `%s`", f, c.inside), "an aggregate is about the matches, and its argument about one of them: take the inner one away")
		return true
	}
	use := aggregateUse{Aggregate: Aggregate{Func: f, Source: f.String(), key: f.String()}, gives: types.Any}
	c.names = true
	if arguments != nil || takesArgument(f) {
		use.Source = c.sourceOf(f, arguments)
		if c.argumentsFit(&use, n, arguments) {
			c.compileArgument(&use, arguments[0])
		}
	} else if use.gives = types.Int; f == AggRate {
		use.gives = types.Float64
	}
	id := &ast.IdentifierNode{Value: aggregateName(len(c.aggregates))}
	id.SetLocation(n.Location())
	c.aggregates = append(c.aggregates, use)
	*place = id
	return true
}

func takesArgument(f AggFunc) bool { return f != AggCount && f != AggRate }

// sourceOf writes an aggregate in a normal spelling, in which macros are
// expanded. The tree does not have the numbers of c.big as they are.
func (c *compiler) sourceOf(f AggFunc, arguments []ast.Node) string {
	parts := make([]string, len(arguments))
	for i, a := range arguments {
		if parts[i] = a.String(); len(c.big) > 0 {
			parts[i] = c.textOf(c.written(a))
		}
	}
	return f.String() + "(" + strings.Join(parts, ", ") + ")"
}

// argumentsFit checks how many arguments there are, and the percentile.
func (c *compiler) argumentsFit(use *aggregateUse, n ast.Node, arguments []ast.Node) bool {
	f := use.Func
	want := 1
	if f == AggPercentile {
		want = 2
	}
	switch {
	case !takesArgument(f):
		c.reportNode(n, diag.MisusedAggregate, fmt.Sprintf("`%s` has no argument and no ()", f), "write "+f.String()+bareHint[f])
		return false
	case len(arguments) != want:
		c.reportNode(n, diag.MisusedAggregate, fmt.Sprintf("the aggregate `%s` has %s", f, plural(want, "argument")), "it is "+aggregateForms[f])
		return false
	case f != AggPercentile:
		return true
	}
	v, ok := c.literal(arguments[1])
	p, isNumber := v.AsFloat()
	if !ok || !isNumber || p < 0 || p > 100 {
		c.reportNode(arguments[1], diag.MisusedAggregate, "the percentile must be a number from 0 to 100", "it is "+aggregateForms[f])
		return false
	}
	use.P, use.percentileAt = p, arguments[1].Location().From
	return true
}

func plural(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// compileArgument checks the argument of an aggregate for the event and, if
// nothing is wrong so far, compiles it.
func (c *compiler) compileArgument(use *aggregateUse, arg ast.Node) {
	before := len(c.problems)
	lets, predicates, locals, hidden := c.lets, c.predicates, c.locals, c.hidden
	c.lets, c.predicates, c.locals, c.hidden, c.inside = nil, nil, 0, slices.Concat(hidden, lets), use.Func.String()
	defer func() {
		c.lets, c.predicates, c.locals, c.hidden, c.inside, c.names = lets, predicates, locals, hidden, "", true
	}()
	c.inspect(&arg)
	c.checkEnums(arg)
	if len(c.problems) > before || !c.check(arg, use.Func == AggCountIf) || !c.argumentType(use, arg) {
		return
	}
	c.names = false
	use.arg = arg
	use.program = c.lowered(arg, use.Func == AggCountIf)
	use.program.source = use.Source
	use.enum = nil
	switch use.Func {
	case AggMin, AggMax, AggFirst, AggLast:
		use.enum = c.enumOf(arg)
	}
	use.key = use.Func.String() + "(" + use.program.canonical + ")"
	if use.Func == AggPercentile {
		use.key = fmt.Sprintf("%s(%s %g)", use.Func, use.program.canonical, use.P)
	}
}

// argumentType checks the type of an argument and finds that of the result.
func (c *compiler) argumentType(use *aggregateUse, arg ast.Node) bool {
	t := typeOfNode(arg)
	number := t == "" || t == "int" || t == "float"
	wants := ""
	use.gives = checkedType{*arg.Nature()}
	switch use.Func {
	case AggCountIf, AggDistinct, AggChanges:
		use.gives = types.Int
	case AggFirstSeen:
		use.gives = types.Bool
	case AggSum:
		if !number {
			wants = "a number"
		}
	case AggAvg, AggStddev, AggPercentile:
		use.gives = types.Float64
		if !number {
			wants = "a number"
		}
	case AggMin, AggMax:
		if !number && !slices.Contains([]string{"string", "time", "duration"}, t) {
			wants = "a number, a string or a time"
		}
	}
	if wants == "" {
		return true
	}
	hint := ""
	if t == "bool" {
		hint = "countif(condition) counts the matches for which a condition holds"
	} else if t == "string" {
		hint = "distinct(x) counts different values; int(x) and float(x) read numbers from text"
	}
	c.reportNode(arg, diag.ExprType, fmt.Sprintf("the aggregate `%s` needs %s, but this is %s", use.Func, wants, article(t)), hint)
	return false
}
