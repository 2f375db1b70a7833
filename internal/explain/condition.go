package explain

import (
	"fmt"
	"strings"

	"github.com/qmpalert/qmpalert/internal/term"
)

// condition says what an expression in its normal form asks for.
func condition(normal string) string {
	t := term.Parse(normal)
	if t == nil {
		return "`" + safe(normal) + "`"
	}
	return holds(t, true)
}

// holds says that a condition is true, or (if not yes) that it is not.
func holds(t *term.Term, yes bool) string {
	switch {
	case t.Head == "and" || t.Head == "or":
		return several(t, yes)
	case t.Head == "not" && len(t.Args) == 1:
		return holds(t.Args[0], !yes)
	case t.Lit != "":
		if yes {
			return t.Lit
		}
		return "not " + t.Lit
	case t.Head == "if" && len(t.Args) == 3 && yes:
		return fmt.Sprintf("(%s if %s, else %s)", holds(t.Args[1], true), holds(t.Args[0], true), holds(t.Args[2], true))
	case t.Head == "first_seen" && len(t.Args) == 1:
		if yes {
			return "the newest " + thing(t.Args[0]) + " was not seen before"
		}
		return "the newest " + thing(t.Args[0]) + " was seen before"
	case len(t.Args) == 2:
		if text := compared(t, yes); text != "" {
			return text
		}
	case t.Path() != "":
		if yes {
			return thing(t) + " is true"
		}
		return thing(t) + " is not true"
	}
	if yes {
		return "`" + source(t) + "` is true"
	}
	return "`" + source(t) + "` is not true"
}

// several joins what and or or joins. The negation of one is the other.
func several(t *term.Term, yes bool) string {
	word := joins(t, yes)
	var parts []string
	var collect func(*term.Term, bool)
	collect = func(u *term.Term, yes bool) {
		for u.Head == "not" && len(u.Args) == 1 {
			u, yes = u.Args[0], !yes
		}
		switch joins(u, yes) {
		case word:
			for _, a := range u.Args {
				collect(a, yes)
			}
		case "":
			parts = append(parts, holds(u, yes))
		default:
			parts = append(parts, "("+holds(u, yes)+")")
		}
	}
	collect(t, yes)
	return enumerate(parts, word)
}

// joins is the word between the parts of t, "" if it has none.
func joins(t *term.Term, yes bool) string {
	switch {
	case t.Head != "and" && t.Head != "or":
		return ""
	case yes:
		return t.Head
	case t.Head == "and":
		return "or"
	}
	return "and"
}

// verbs of comparisons, and of their opposites. An ordering of nil is false, so
// its opposite is said as such.
var verbs = map[string][2]string{
	"<":          {"is less than", "is not less than"},
	"<=":         {"is at most", "is not at most"},
	">":          {"is more than", "is not more than"},
	">=":         {"is at least", "is not at least"},
	"contains":   {"contains", "does not contain"},
	"startsWith": {"begins with", "does not begin with"},
	"endsWith":   {"ends with", "does not end with"},
	"matches":    {"matches", "does not match"},
}

func compared(t *term.Term, yes bool) string {
	a, b := t.Args[0], t.Args[1]
	pick := func(both [2]string) string {
		if yes {
			return both[0]
		}
		return both[1]
	}
	switch op := t.Head; op {
	case "==", "!=":
		if literal(a) && !literal(b) {
			a, b = b, a
		}
		return thing(a) + " " + equals(b, yes == (op == "=="))
	case "in":
		if b.Head != "list" {
			return thing(a) + " " + pick([2]string{"is in ", "is not in "}) + thing(b)
		}
		var values []string
		for _, v := range b.Args {
			values = append(values, thing(v))
		}
		return thing(a) + " " + pick([2]string{"is ", "is neither "}) + enumerate(values, pick([2]string{"or", "nor"}))
	default:
		if both, ok := verbs[op]; ok {
			return thing(a) + " " + pick(both) + " " + thing(b)
		}
	}
	return ""
}

func equals(b *term.Term, yes bool) string {
	switch {
	case b.Lit == "null" && yes:
		return "is missing"
	case b.Lit == "null":
		return "is there"
	case b.Str && b.Text == "" && yes:
		return "is empty"
	case b.Str && b.Text == "":
		return "is not empty"
	case yes:
		return "is " + thing(b)
	default:
		return "is not " + thing(b)
	}
}

func literal(t *term.Term) bool { return t.Str || t.Lit != "" }

// aggregates and functions in words; %s is the argument.
var aggregates = map[string]string{
	"distinct": "the number of different %s",
	"sum":      "the sum of %s",
	"avg":      "the average of %s",
	"min":      "the smallest %s",
	"max":      "the greatest %s",
	"first":    "the first %s",
	"last":     "the last %s",
	"stddev":   "the standard deviation of %s",
	"changes":  "the number of changes of %s",
	"len":      "the length of %s",
	"lower":    "%s in lower case",
	"upper":    "%s in upper case",
	"abs":      "the size of %s",
}

// thing names a value.
func thing(t *term.Term) string {
	switch {
	case t.Str:
		return word(safe(t.Text))
	case t.Lit != "":
		return strings.TrimSuffix(t.Lit, "f")
	case t.Path() == "count":
		return "the number of times"
	case t.Path() == "rate":
		return "the number of times per second"
	case t.Path() == "event":
		return "the event"
	case t.Path() != "":
		return safe(t.Path())
	}
	if len(t.Args) > 0 {
		fn := strings.TrimPrefix(t.Head, "call ")
		switch form := aggregates[fn]; {
		case fn == "countif":
			return "the number of those where " + holds(t.Args[0], true)
		case fn == "percentile" && len(t.Args) == 2:
			return "the " + thing(t.Args[1]) + "th percentile of " + thing(t.Args[0])
		case form != "" && len(t.Args) == 1:
			return fmt.Sprintf(form, thing(t.Args[0]))
		}
	}
	switch t.Head {
	case "??":
		if len(t.Args) == 2 {
			return thing(t.Args[0]) + " (" + thing(t.Args[1]) + " if it is missing)"
		}
	case "+", "-", "*", "/", "%", "**":
		if len(t.Args) == 2 {
			return operand(t.Args[0]) + " " + t.Head + " " + operand(t.Args[1])
		}
	}
	return "`" + source(t) + "`"
}

// operand is a part of a calculation.
func operand(t *term.Term) string {
	if len(t.Args) == 2 && strings.Contains("+-*/%**", t.Head) {
		return "(" + thing(t) + ")"
	}
	return thing(t)
}

// source writes a term about as it is written in a rule.
func source(t *term.Term) string {
	if t.Str {
		return fmt.Sprintf("%q", safe(t.Text))
	}
	if t.Lit != "" {
		return strings.TrimSuffix(t.Lit, "f")
	}
	if p := t.Path(); p != "" {
		return safe(p)
	}
	var args []string
	for _, a := range t.Args {
		args = append(args, source(a))
	}
	if fn, ok := strings.CutPrefix(t.Head, "call "); ok {
		return fn + "(" + strings.Join(args, ", ") + ")"
	}
	switch {
	case t.Head == "list":
		return "[" + strings.Join(args, ", ") + "]"
	case t.Head == "member" && len(args) == 2:
		return args[0] + "[" + args[1] + "]"
	case t.Head == "if" && len(args) == 3:
		return args[0] + " ? " + args[1] + " : " + args[2]
	case strings.HasPrefix(t.Head, "#"):
		return t.Head
	case len(args) == 1:
		return t.Head + " " + args[0]
	case len(args) == 2:
		return "(" + args[0] + " " + t.Head + " " + args[1] + ")"
	}
	return t.Head + "(" + strings.Join(args, ", ") + ")"
}
