package lang

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// maxTextSource bounds the source of a text, in bytes.
const maxTextSource = 16 << 10

// CompileText compiles a text. Offsets of problems are those of src.
func CompileText(src string, env Env) (*Text, []Problem) {
	if len(src) > maxTextSource {
		return nil, []Problem{problemAt(0, len(src), diag.TextError, fmt.Sprintf("the text has %d bytes; at most %d are taken", len(src), maxTextSource), "")}
	}
	t := &Text{}
	var problems []Problem
	for at := 0; at < len(src); {
		open := strings.Index(src[at:], "{{")
		if open < 0 {
			t.literal(src[at:])
			break
		}
		t.literal(src[at : at+open])
		from := at + open + len("{{")
		length, ok := expressionLength(src[from:])
		if !ok {
			problems = append(problems, problemAt(at+open, from, diag.TextError, "`{{` has no `}}`", `for two braces as such write {{ "{{" }}`))
			break
		}
		problems = append(problems, t.expression(src[from:from+length], from, env)...)
		at = from + length + len("}}")
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return t, nil
}

func (t *Text) literal(s string) {
	if s != "" {
		t.pieces = append(t.pieces, piece{literal: s})
	}
}

// expression compiles what stands between {{ and }}, which begins at offset.
func (t *Text) expression(src string, offset int, env Env) []Problem {
	if hint := templateHint(src); hint != "" {
		return []Problem{problemAt(offset, offset+len(src), diag.TextError, fmt.Sprintf("`{{%s}}` is written in another way here", shortened(src)), hint)}
	}
	if strings.TrimSpace(src) == "" {
		return []Problem{problemAt(offset, offset+len(src), diag.TextError, "there is no expression in {{ }}", `write {{ node_name }}, or {{ "{{" }} for two braces`)}
	}
	p, problems := Compile(src, env, AnyValue)
	for i := range problems {
		problems[i].Offset += offset
		problems[i].End += offset
	}
	t.pieces = append(t.pieces, piece{program: p})
	return problems
}

// expressionLength finds the }} that ends an expression: not one inside of a
// string or of brackets.
func expressionLength(s string) (int, bool) {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; ch {
		case '"', '\'', '`':
			end := quotedLength(s[i:])
			if end < 0 {
				return 0, false
			}
			i += end - 1
		case '(', '[', '{':
			depth++
		case ')', ']':
			depth--
		case '}':
			if depth <= 0 && strings.HasPrefix(s[i:], "}}") {
				return i, true
			}
			depth--
		}
	}
	return 0, false
}

// quotedLength is the length of the string that s begins with, or -1. Inside
// of backquotes there are no escapes.
func quotedLength(s string) int {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return i + 1
		case s[i] == '\\' && quote != '`':
			i++
		}
	}
	return -1
}

// templateHints tell people who know the templates of Prometheus and Go how
// the same is written here.
var templateHints = []struct {
	form *regexp.Regexp
	hint string // $1 is the first group
}{
	{regexp.MustCompile(`^\s*(?:\$labels|\.(?:Common|Group)?Labels)\.vm\s*$`), "write {{ vm.name }}"},
	{regexp.MustCompile(`^\s*(?:\$labels|\.(?:Common|Group)?Labels)\.(\w+)\s*$`), "write {{ $1 }}: members, vm.name and host are named directly"},
	{regexp.MustCompile(`^\s*(?:\$value|\.Value)\b`), "write {{ count }} for the number of matches, or name a member"},
	{regexp.MustCompile(`^\s*(?:\$labels|\.(?:Common|Group)?Labels|\.Annotations|\.Alerts)\b`), "members, vm.name and host are named directly: {{ node_name }}"},
	{regexp.MustCompile(`^-?\s*(?:range|end|with|define|template|block|else)\b`), "there are no blocks; lists have functions: {{ join(list, \", \") }}"},
	{regexp.MustCompile(`^-?\s*if\s[^{]*$`), `write {{ condition ? "yes" : "no" }}`},
	{regexp.MustCompile(`^\s*(?:printf|print|println)\s`), "write texts one after the other, or join them with +"},
	{regexp.MustCompile(`\|\s*(?:humanize1024)\s*$`), "write {{ human_bytes(x) }}"},
	{regexp.MustCompile(`\|\s*(?:humanizeDuration)\s*$`), "write {{ human_duration(x) }}"},
	{regexp.MustCompile(`\|\s*(?:humanize|humanizePercentage|humanizeTimestamp)\s*$`), "there are human_bytes(x), human_duration(x) and round(x)"},
	{regexp.MustCompile(`^\s*\.(\w+)\s*$`), "write {{ $1 }}, without the dot"},
	{regexp.MustCompile(`^-\s|\s-$`), "white space is not trimmed here: write {{ x }}"},
}

func templateHint(src string) string {
	for _, t := range templateHints {
		if m := t.form.FindStringSubmatchIndex(src); m != nil {
			return string(t.form.ExpandString(nil, t.hint, src, m))
		}
	}
	return ""
}
