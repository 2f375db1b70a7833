package lang

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// maxProblems bounds the complaints about one source: nobody reads more.
const maxProblems = 20

// report adds a problem about the bytes [from, to) of the source.
func (c *compiler) report(from, to int, code diag.Code, message, hint string) {
	c.add(problemAt(from, max(from, to), code, message, hint))
}

func (c *compiler) add(p Problem) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, p)
	}
}

// problemAt is a problem that is in no macro.
func problemAt(from, to int, code diag.Code, message, hint string) Problem {
	return Problem{Offset: from, End: to, Code: code, Message: message, Hint: hint}
}

// shortened is how messages quote what was written.
func shortened(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// reportAt is report for a place as expr gives it: in code points, and maybe
// inside of a macro.
func (c *compiler) reportAt(at file.Location, code diag.Code, message, hint string) {
	use, m := c.unexpanded(at)
	from := byteOffset(c.src, use.From)
	p := problemAt(from, max(from, byteOffset(c.src, use.To)), code, message, hint)
	if m != nil {
		from := byteOffset(m.src, at.From&maxLocation)
		p.Macro, p.MacroOffset, p.MacroEnd = m.name, from, max(from, byteOffset(m.src, at.To&maxLocation))
	}
	c.add(p)
}

// reportNode is report for a node.
func (c *compiler) reportNode(n ast.Node, code diag.Code, message, hint string) {
	c.reportAt(n.Location(), code, message, hint)
}

// byteOffset turns a number of code points of src into one of bytes.
func byteOffset(src string, runes int) int {
	at := 0
	for ; runes > 0 && at < len(src); runes-- {
		_, n := utf8.DecodeRuneInString(src[at:])
		at += n
	}
	return at
}

// located returns what expr said and where, without its own drawing.
func (c *compiler) located(err error) (at file.Location, message string) {
	var e *file.Error
	if !errors.As(err, &e) {
		return file.Location{To: utf8.RuneCountInString(c.src)}, err.Error()
	}
	return e.Location, e.Message
}

var (
	unexpectedToken = regexp.MustCompile(`^unexpected token (\w+)(?:\((".*")\))?$`)
	coalesceMixed   = regexp.MustCompile(`^Operator \((.+)\) and coalesce`)
	unknownRune     = regexp.MustCompile(`^unrecognized character: U\+\w+ '(.+)'$`)
	tooFewArguments = regexp.MustCompile(`^expected at least \d arguments?$`)
	badNumber       = regexp.MustCompile(`^bad number syntax: (".*")$`)
)

// syntax reports an error of the lexer or parser in our words.
func (c *compiler) syntax(err error) {
	at, message := c.located(err)
	code, hint := diag.ExprSyntax, ""
	if m := unexpectedToken.FindStringSubmatch(message); m != nil {
		if message, hint = unexpected(m[1], m[2]); hint == "" && strings.EqualFold(c.before(at), "not") {
			hint = "write not"
		}
	} else if m := coalesceMixed.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("`%s` beside `??` needs parentheses", m[1]), "write (a ?? b) "+m[1]+" c"
	} else if m := unknownRune.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("the character `%s` has no meaning here", m[1]), strayCharacter(m[1])
	} else if m := badNumber.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("%s is not a number", shortened(m[1])), "numbers have no units; a span is compared in seconds: (last_time - first_time).Seconds() > 300"
	} else if tooFewArguments.MatchString(message) {
		message, hint = "there are no arguments", c.noArguments(at)
	} else if strings.Contains(message, "maximum allowed nodes") {
		code, message = diag.ExprRefused, fmt.Sprintf("the expression has more than %d parts", MaxNodes)
		at, hint = file.Location{To: utf8.RuneCountInString(c.src)}, "split it into several rules"
	} else if strings.Contains(message, "literal not terminated") {
		message = "a string has no closing quote"
	}
	c.reportAt(at, code, message, hint)
}

// before is the token in front of a place.
func (c *compiler) before(at file.Location) string {
	for i, t := range c.tokens {
		if t.From == at.From && i > 0 {
			return c.tokens[i-1].Value
		}
	}
	return ""
}

// unexpected words the complaint about a token that does not fit.
func unexpected(kind, quoted string) (message, hint string) {
	if kind == "EOF" {
		return "the expression ends too early", ""
	}
	value, err := strconv.Unquote(quoted)
	if err != nil {
		value = strings.Trim(quoted, `"`)
	}
	value = shortened(value)
	if kind == "String" {
		value = strconv.Quote(value)
	}
	message = fmt.Sprintf("`%s` is not expected here", value)
	switch {
	case value == "=":
		hint = "write == to compare"
	case value == "&", value == "|":
		hint = "write and, or"
	case strings.EqualFold(value, "and"), strings.EqualFold(value, "or"), strings.EqualFold(value, "in"), strings.EqualFold(value, "not"):
		if lower := strings.ToLower(value); lower != value {
			hint = "write " + lower
		}
	case strings.EqualFold(value, "like"):
		hint = `write contains, startsWith, or matches with a regular expression: name matches "^a"`
	case value == "contains", value == "startsWith", value == "endsWith", value == "matches":
		hint = "it stands between two values: a " + value + " b"
	case strings.EqualFold(value, "is"):
		hint = "write == nil or != nil"
	case value == "#":
		hint = "# stands for the item, inside of all(), any(), filter() and the like"
	}
	return message, hint
}

// noArguments is the hint for a function that is called without arguments; at is
// its closing bracket.
func (c *compiler) noArguments(at file.Location) string {
	for i, t := range c.tokens {
		if t.From == at.From && i >= 2 {
			name := c.tokens[i-2].Value
			if f, ok := aggregateNamed(name); ok && c.env.Aggregates != nil {
				return "it is " + aggregateForms[f]
			}
			return formOf(name)
		}
	}
	return ""
}

// formOf is how a function is written, as a hint.
func formOf(name string) string {
	for _, doc := range Functions() {
		if doc.Name == name {
			return "it is " + doc.Form
		}
	}
	return ""
}

// docOf is what a function gives, as a hint.
func docOf(name string) string {
	for _, doc := range Functions() {
		if doc.Name == name {
			return doc.Form + " is " + doc.Doc
		}
	}
	return ""
}

func strayCharacter(char string) string {
	switch char {
	case "“", "”", "„", "‘", "’", "«", "»":
		return `write strings in straight quotes: "…"`
	case "~":
		return `write matches for regular expressions: name matches "^a"`
	case `\`:
		return "a backslash belongs into a string"
	}
	return ""
}

var (
	mismatchedTypes = regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types? (.+?)(?: and (.+))?\)$`)
	wrongArgument   = regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call (\S+) ?$`)
	argumentCount   = regexp.MustCompile(`^(not enough|too many) arguments to call (\S+)$`)
	wrongElement    = regexp.MustCompile(`^cannot use (.+) as type (.+) in array$`)
	noField         = regexp.MustCompile(`^type (.+) has no (field|method) (.+)$`)
	onlyLists       = regexp.MustCompile(`^builtin (\S+) takes only array \(got (.+)\)$`)
	declaredTwice   = regexp.MustCompile(`^cannot redeclare (?:\S+ )?(\S+)$`)
	badArgument     = regexp.MustCompile(`^invalid argument for (\w+) \(type (.+)\)$`)
	noCondition     = regexp.MustCompile(`^non-bool expression \(type (.+)\) used as condition$`)
	noItems         = regexp.MustCompile(`^type (int|float64|bool|time\.Time|time\.Duration)\[.*\] is undefined$`)
)

// mismatch reports an error of the type checker in our words.
func (c *compiler) mismatch(err error) {
	at, message := c.located(err)
	code, hint := diag.ExprType, ""
	if m := mismatchedTypes.FindStringSubmatch(message); m != nil && m[3] != "" {
		message = fmt.Sprintf("`%s` does not go with %s and %s", m[1], article(typeName(m[2])), article(typeName(m[3])))
		hint = mismatchHint(m[1], typeName(m[2]), typeName(m[3]))
	} else if m != nil {
		message = fmt.Sprintf("`%s` does not go with %s", m[1], article(typeName(m[2])))
	} else if m := wrongArgument.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%s does not take %s, but %s", callName(m[3]), article(typeName(m[1])), article(typeName(m[2])))
	} else if m := argumentCount.FindStringSubmatch(message); m != nil {
		message, hint = argumentsProblem(m[1], m[2])
	} else if m := wrongElement.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%s is never in a list of %ss", article(typeName(m[1])), typeName(m[2]))
	} else if m := noField.FindStringSubmatch(message); m != nil {
		message = fmt.Sprintf("%s has no member `%s`", article(typeName(m[1])), shortened(m[3]))
	} else if m := onlyLists.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("%s takes a list, not %s", callName(m[1]), article(typeName(m[2]))), c.aggregateHint(m[1])
	} else if m := declaredTwice.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("`%s` has a meaning already", shortened(m[1])), "choose another name"
	} else if m := badArgument.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("%s does not take %s", callName(m[1]), article(typeName(m[2]))), docOf(m[1])
	} else if m := noCondition.FindStringSubmatch(message); m != nil {
		message, hint = fmt.Sprintf("a condition must be true or false, but this is %s", article(typeName(m[1]))), "compare it with something"
	} else if m := noItems.FindStringSubmatch(message); m != nil {
		message = article(typeName(m[1])) + " has no items"
	} else if strings.HasPrefix(message, "type string[") {
		message, hint = "a string has no items", "s[0:1] is its first character"
	} else if strings.HasPrefix(message, "unknown field ") {
		code, message = diag.UnknownMember, fmt.Sprintf("there is no member `%s`", shortened(strings.TrimPrefix(message, "unknown field ")))
	} else {
		message = typeNames.Replace(message)
	}
	c.reportAt(at, code, message, hint)
}

func mismatchHint(op, left, right string) string {
	number := left == "int" || left == "float" || right == "int" || right == "float"
	switch text := left == "string" || right == "string"; {
	case text && number && op == "+":
		return "string(x) makes a text of a number"
	case text && number:
		return "a number has no quotes, a string has; int(x) and string(x) convert"
	case (left == "bool" || right == "bool") && text:
		return "true and false have no quotes"
	case left == "function" || right == "function":
		return "a function is called with ()"
	case left == "duration" || right == "duration":
		return "compare seconds: (last_time - first_time).Seconds() > 300"
	case left == "object" || right == "object":
		return "name a member of the object, such as vm.name"
	case op == "and" || op == "&&" || op == "or" || op == "||":
		return "both sides must be conditions"
	}
	return ""
}

// callName is how messages name a function.
func callName(name string) string { return name + "()" }

// argumentsProblem words the complaint about the number of arguments. Of a
// function with several signatures the checker names the last, which need not
// be the one that was meant.
func argumentsProblem(what, name string) (message, hint string) {
	message = fmt.Sprintf("%s arguments for %s", what, callName(name))
	if id, ok := builtin.Index[name]; ok && len(builtin.Builtins[id].Types) > 1 {
		message = fmt.Sprintf("the arguments do not fit %s", callName(name))
	}
	return message, formOf(name)
}

var typeNames = strings.NewReplacer(
	"map[string]interface {}", "object", "map[interface {}]interface {}", "object",
	"[]interface {}", "list", "[]int", "list", "[]string", "list", "interface {}", "any value",
	"time.Time", "time", "time.Duration", "duration", "float64", "float", "unknown", "any value",
)

// typeName is the name that people know a type of expr by.
func typeName(t string) string {
	if strings.HasPrefix(t, "func(") {
		return "function"
	}
	return typeNames.Replace(t)
}

// article puts a or an in front of a noun.
func article(noun string) string {
	switch {
	case noun == "nil" || strings.HasPrefix(noun, "any "):
		return noun
	case noun != "" && strings.Contains("aeiou", noun[:1]):
		return "an " + noun
	}
	return "a " + noun
}
