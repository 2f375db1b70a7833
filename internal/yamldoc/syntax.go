package yamldoc

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// syntaxError turns an error of the library into a finding with a position
// inside the file and, for the usual slips, a hint.
func (p *parser) syntaxError(err error) {
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		p.list.Errorf(diag.YAMLSyntax, p.src.pos(0), "%s", err.Error())
		return
	}
	if le.Message == errTooDeep.Error() {
		p.list.Errorf(diag.TooLarge, p.at(le.Mark.Line, le.Mark.Column), "%s", le.Message)
		return
	}
	mark := le.Mark
	// What is never closed is best shown where it was opened, and a line that
	// is no "key: value" at its beginning.
	if le.ContextMark.Line > 0 && (strings.Contains(le.Message, "end of stream") ||
		strings.Contains(le.Message, "document indicator") ||
		strings.Contains(le.Message, "could not find expected ':'") ||
		strings.Contains(le.ContextMsg, "flow") && le.ContextMark.Line < le.Mark.Line) {
		mark = le.ContextMark
	}
	message := le.Message
	if le.ContextMsg != "" {
		message = le.ContextMsg + ": " + message
	}
	f := diag.New(diag.YAMLSyntax, p.at(mark.Line, mark.Column), "%s", strings.TrimPrefix(message, "yaml: "))
	if sentence, hint := p.explain(le, f.Pos); hint != "" {
		if sentence != "" {
			f.Message = sentence
		}
		f.Hint = hint
	}
	p.list.Add(f)
}

// at is the position of a mark; the end of the text lies behind its last
// visible character, so that there is a line to show.
func (p *parser) at(line, column int) diag.Pos {
	off := p.src.offset(line, column)
	if off >= len(p.src.text) {
		off = len(strings.TrimRight(p.src.text, " \t\r\n"))
	}
	return p.src.pos(off)
}

// explain translates the messages that people meet. An empty sentence keeps
// the library's.
func (p *parser) explain(le *yaml.LoadError, pos diag.Pos) (sentence, hint string) {
	line := p.src.text[p.src.lines[pos.Line-1]:p.src.lineEnd(p.src.lines[pos.Line-1])]
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	_, value, hasValue := strings.Cut(line, ": ")
	value = strings.TrimSpace(value)
	is := func(s string) bool { return strings.Contains(le.Message, s) }
	within := func(s string) bool { return strings.Contains(le.ContextMsg, s) }
	switch {
	case strings.Contains(indent, "\t"), is("tab character"):
		return "a tab in the indentation", "indent with spaces"
	case is("end of stream") && within("quoted scalar"):
		return "the quote that begins here is never closed", "close it, or double a ' inside '…'"
	case is("unknown escape character"):
		return "an unknown escape behind a backslash", `write \\ for a backslash inside "…", or use '…', where a backslash is nothing special`
	case is("unknown anchor"):
		return "a value that begins with * is a YAML alias, which is not supported", "quote the value"
	case hasValue && strings.HasPrefix(value, "{{"):
		return "text follows what YAML takes for a mapping in { }", "quote a text that begins with {{: '{{ … }}'"
	case is("did not find expected ',' or"), is("expected node content") && within("flow"):
		return "", "check the brackets, and the commas between what stands in them"
	case is("mapping values are not allowed"):
		return "a `: ` where no key can be, such as a second one in a line", "quote a value that contains `: `, or check the indentation"
	case is("found character that cannot start any token"):
		return "a plain value cannot begin with this character", "quote the value"
	case hasValue && value != "" && (value[0] == '"' || value[0] == '\''):
		return "something follows the closing quote", "put quotes of the other kind around the whole value, or write it below `|-`"
	case is("could not find expected ':'"):
		return "a line that is neither `key: value` nor part of the value above", "check the indentation, or the `:` behind the key"
	case is("did not find expected key"), within("block mapping"), within("block collection"):
		return "a line that does not fit to the ones above", "check the indentation: it must be that of the lines it belongs to"
	}
	return "", ""
}
