package engine_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/engine/oracle"
)

// havingDrawer draws expressions over aggregates of what a rule's events have.
type havingDrawer struct {
	*ruleDrawer
	events  []string
	members []member
}

// having draws an expression of at most so many levels.
func (d havingDrawer) having(depth int) oracle.Having {
	switch op := sample(d.T, "having", "compare", "compare", "compare", "is", "and", "or", "not"); {
	case depth > 0 && (op == "and" || op == "or"):
		return oracle.Having{Op: op, Of: []oracle.Having{d.having(depth - 1), d.having(depth - 1)}}
	case depth > 0 && op == "not":
		return oracle.Having{Op: op, Of: []oracle.Having{d.having(depth - 1)}}
	case op == "is" && len(d.members) > 0:
		a := oracle.Agg{Func: "first_seen", Arg: oracle.Arg{Member: sample(d.T, "of", d.members...).path}}
		return oracle.Having{Op: "is", L: oracle.Operand{Agg: &a}}
	}
	return d.comparison()
}

func (d havingDrawer) comparison() oracle.Having {
	order := []string{">=", ">=", ">", "<", "<=", "==", "!="}
	a := d.any()
	h := oracle.Having{Op: sample(d.T, "op", order...), L: oracle.Operand{Agg: &a}}
	switch a.Func {
	case "count", "countif", "distinct", "changes":
		h.R.Literal = sample[any](d.T, "than", int64(2), int64(1), int64(3), int64(0), int64(4))
		return h
	case "rate":
		h.R.Literal = sample[any](d.T, "than", 1.0, 0.5, 0.3, 2.0)
		return h
	case "first_seen":
		return oracle.Having{Op: "is", L: h.L}
	}
	m := d.member(a.Arg.Member)
	if !isNumber(m) {
		values := d.literals(m)
		if len(values) == 0 {
			a := oracle.Agg{Func: "count"}
			return oracle.Having{Op: ">=", L: oracle.Operand{Agg: &a}, R: oracle.Operand{Literal: int64(2)}}
		}
		h.Op, h.R.Literal = sample(d.T, "op", "==", "!="), sample(d.T, "than", values...)
		return h
	}
	if sample(d.T, "with another", false, false, true) {
		if b := d.number(m.path); b.Func != "first_seen" {
			h.R.Agg = &b
			return h
		}
	}
	h.R.Literal = sample[any](d.T, "than", int64(2), int64(3), int64(13), 1.5, 0.5, int64(1<<53+2), int64(0), 2.5, 0.3)
	return h
}

// any draws an aggregate.
func (d havingDrawer) any() oracle.Agg {
	switch f := sample(d.T, "aggregate", "count", "rate", "countif", "text", "number", "number"); {
	case f == "countif":
		if conds := d.conds2(); len(conds) > 0 {
			return oracle.Agg{Func: f, If: conds}
		}
	case f == "text" && len(d.members) > 0:
		return oracle.Agg{
			Func: sample(d.T, "of text", "distinct", "distinct", "changes", "first", "last", "first_seen"),
			Arg:  oracle.Arg{Member: sample(d.T, "of", d.members...).path},
		}
	case f == "number":
		if numbers := slices.DeleteFunc(slices.Clone(d.members), func(m member) bool { return !isNumber(m) }); len(numbers) > 0 {
			return d.number(sample(d.T, "of", numbers...).path)
		}
	case f == "rate":
		return oracle.Agg{Func: "rate"}
	}
	return oracle.Agg{Func: "count"}
}

func (d havingDrawer) number(path string) oracle.Agg {
	return oracle.Agg{
		Func: sample(d.T, "of number", "sum", "avg", "min", "max", "stddev", "percentile", "first", "last"),
		Arg:  oracle.Arg{Member: path, Times: sample(d.T, "times", 0, 0, 0.1, 1e16)},
		P:    sample(d.T, "p", 50.0, 0, 100, 90, 33),
	}
}

// conds2 draws at least one condition, if there is a member to draw it on.
func (d havingDrawer) conds2() []oracle.Cond {
	for _, m := range d.members {
		values := d.literals(m)
		if len(values) > 0 && sample(d.T, "count if", true, false) {
			return []oracle.Cond{{Member: m.path, Op: sample(d.T, "op", "==", "!="), Value: sample(d.T, "value", values...)}}
		}
	}
	return nil
}

// literals are values of the member that it can be compared with.
func (d havingDrawer) literals(m member) []any {
	return slices.DeleteFunc(slices.Clone(m.values), func(v any) bool {
		return v == nil || v == "" || !d.words.allTake(d.events, m.path, v)
	})
}

func (d havingDrawer) member(path string) member {
	return d.members[slices.IndexFunc(d.members, func(m member) bool { return m.path == path })]
}

// isNumber says that the member has numbers and nothing else.
func isNumber(m member) bool {
	number := false
	for _, v := range m.values {
		_, isInt := v.(int64)
		if v != nil && !isInt {
			return false
		}
		number = number || isInt
	}
	return number
}

// havingText writes an expression as a rule has it.
func havingText(h oracle.Having) string {
	switch h.Op {
	case "and", "or":
		return "(" + havingText(h.Of[0]) + ") " + h.Op + " (" + havingText(h.Of[1]) + ")"
	case "not":
		return "not (" + havingText(h.Of[0]) + ")"
	case "is":
		return operandText(h.L)
	}
	return operandText(h.L) + " " + h.Op + " " + operandText(h.R)
}

func operandText(o oracle.Operand) string {
	if o.Agg != nil {
		return aggText(*o.Agg)
	}
	return literal(o.Literal)
}

func aggText(a oracle.Agg) string {
	arg := identifier(a.Arg.Member)
	if a.Arg.Times != 0 {
		arg += " * " + literal(a.Arg.Times)
	}
	switch a.Func {
	case "count", "rate":
		return a.Func
	case "countif":
		return "countif(" + expression(a.If) + ")"
	case "percentile":
		return fmt.Sprintf("percentile(%s, %s)", arg, strconv.FormatFloat(a.P, 'f', -1, 64))
	}
	return a.Func + "(" + arg + ")"
}

func identifier(path string) string { return strings.ReplaceAll(path, "-", "_") }

func literal(v any) string {
	switch x := v.(type) {
	case string:
		return strconv.Quote(x)
	case float64:
		s := strconv.FormatFloat(x, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
		return s
	}
	return fmt.Sprint(v)
}
