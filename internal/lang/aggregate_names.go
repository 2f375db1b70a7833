package lang

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// aggregateForms are how aggregates are written.
var aggregateForms = [...]string{
	AggCount: "count", AggCountIf: "countif(condition)", AggDistinct: "distinct(x)", AggSum: "sum(x)", AggAvg: "avg(x)",
	AggMin: "min(x)", AggMax: "max(x)", AggFirst: "first(x)", AggLast: "last(x)", AggStddev: "stddev(x)", AggPercentile: "percentile(x, 95)",
	AggChanges: "changes(x)", AggRate: "rate", AggFirstSeen: "first_seen(x)",
}

// bareHint goes on after "write count" and "write rate".
var bareHint = map[AggFunc]string{
	AggCount: ", the number of matches, or countif(condition)",
	AggRate:  ", the matches per second",
}

// otherAggregates are words of other languages for aggregates, in lower case.
var otherAggregates = map[string]string{
	"average": "avg(x)", "mean": "avg(x)", "median": "percentile(x, 50)", "quantile": "percentile(x, 95)", "p95": "percentile(x, 95)",
	"count_distinct": "distinct(x)", "distinct_count": "distinct(x)", "cardinality": "distinct(x)", "dc": "distinct(x)", "count_if": "countif(condition)",
	"std": "stddev(x)", "stdev": "stddev(x)", "stddev_pop": "stddev(x)", "total": "sum(x)", "minimum": "min(x)", "maximum": "max(x)",
	"earliest": "first(x)", "latest": "last(x)", "changed": "changes(x)", "new": "first_seen(x)", "firstseen": "first_seen(x)",
}

// aggregateNamed returns the aggregate of that name.
func aggregateNamed(name string) (AggFunc, bool) {
	i := slices.Index(aggNames[:], name)
	return AggFunc(max(i, 0)), i >= 0
}

// calledAggregate returns the aggregate that a node calls or names, and its
// arguments: nil if it is a bare name. With other numbers of arguments some
// names are those of functions: min(a, b), sum(list, value). Where there are no
// aggregates it says so.
func (c *compiler) calledAggregate(n ast.Node) (f AggFunc, arguments []ast.Node, ok bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		f, ok = aggregateNamed(n.Value)
		bare := ok && !takesArgument(f) && !c.isLet(n.Value) && c.env.Aggregates != nil
		if c.want == AnyValue && c.env.variable(n.Value) != nil {
			bare = false // in a text count is that of the change
		}
		return f, nil, bare
	case *ast.CallNode:
		if id, isName := n.Callee.(*ast.IdentifierNode); isName {
			f, ok = aggregateNamed(id.Value)
			return f, append([]ast.Node{}, n.Arguments...), ok && c.env.Aggregates != nil
		}
	case *ast.BuiltinNode:
		f, ok = aggregateNamed(n.Name)
		isFunction := len(n.Arguments) != 1 && !(f == AggCount && c.want == Having)
		return f, append([]ast.Node{}, n.Arguments...), ok && !isFunction && c.env.Aggregates != nil
	}
	return 0, nil, false
}

// useHaving is the hint where an aggregate has no window.
const useHaving = "an aggregate needs a window: use having: 'count >= 3', with within"

// aggregateHint is the hint for an unknown name or function that is an aggregate.
func (c *compiler) aggregateHint(name string) string {
	f, ok := aggregateNamed(name)
	switch {
	case !ok:
		return ""
	case c.env.Aggregates == nil:
		return useHaving
	case takesArgument(f):
		return fmt.Sprintf("`%s` is an aggregate: write %s", name, aggregateForms[f])
	}
	return ""
}

// bareAggregates are the aggregates that are names, where there are any.
func (c *compiler) bareAggregates() []string {
	if c.env.Aggregates == nil {
		return nil
	}
	return []string{AggCount.String(), AggRate.String()}
}

// outside reports a name of one event where only aggregates have a meaning: in a
// having and not inside of an aggregate.
func (c *compiler) outside(n ast.Node) bool {
	if c.want != Having || c.inside != "" {
		return false
	}
	id := n
	for {
		m, ok := id.(*ast.MemberNode)
		if chain, isChain := id.(*ast.ChainNode); isChain {
			id = chain.Node
		} else if ok {
			id = m.Node
		} else {
			break
		}
	}
	name, ok := id.(*ast.IdentifierNode)
	if !ok || c.isLet(name.Value) || c.isList(name) {
		return false
	}
	known := slices.Contains(fixedNames, name.Value) || c.env.variable(name.Value) != nil || c.member(name) != nil
	if !known && (c.env.Event != nil || c.misspelled(name.Value) || c.aggregateHint(name.Value) != "") {
		return false // inspectName finds better words
	}
	c.names = true
	e := c.written(n)
	written := c.textOf(e)
	hint := fmt.Sprintf("write last(%s), or another aggregate of it", written)
	switch written {
	case "first_time":
		hint = "write first(time)"
	case "last_time", nameTime:
		hint = "write last(time)"
	}
	c.reportAt(e.at, diag.MisusedAggregate, fmt.Sprintf("`%s` is about one match, and having about all those in the window", shortened(written)), hint)
	return true
}

// inspectPointer reports # in an argument of an aggregate that belongs to a list
// outside of it.
func (c *compiler) inspectPointer(n *ast.PointerNode) {
	if c.inside != "" && len(c.predicates) == 0 {
		c.reportNode(n, diag.MisusedAggregate, "# is an item of a list, and the argument of an aggregate is about a match", "name members in an aggregate")
	}
}
