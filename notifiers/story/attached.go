package story

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers"
)

// Attached is an attachment for people to read.
type Attached struct {
	Query string
	Text  string // the answer, "" when there is none; may have several lines
	Error string // why there is none, one line
}

// Answers tells what was attached to a notification, each answer on lines of
// its own and indented as JSON is, but at most limit characters of it.
func Answers(n *notifiers.Notification, limit int) []Attached {
	return answers(n, limit, func(raw string) string {
		var b bytes.Buffer
		if json.Indent(&b, []byte(raw), "", "  ") != nil {
			return raw // it was cut off
		}
		return b.String()
	}, Lines)
}

// AnswerLines is Answers with each answer on one line.
func AnswerLines(n *notifiers.Notification, limit int) []Attached {
	return answers(n, limit, func(raw string) string { return raw }, Line)
}

func answers(n *notifiers.Notification, limit int, form func(string) string, bound func(string, int) string) []Attached {
	var out []Attached
	for _, a := range n.Attached {
		one := Attached{Query: Line(a.Query, maxName), Error: Line(a.Error, maxValue)}
		if a.Error == "" {
			one.Text = bound(form(a.JSON), limit)
		}
		if one.Text == "" && one.Error == "" {
			one.Error = "no answer"
		}
		out = append(out, one)
	}
	return out
}

// Lines are the lines of the answer, or the one that says why there is none.
func (a *Attached) Lines() []string {
	if a.Error != "" {
		return []string{a.Error}
	}
	return strings.Split(a.Text, "\n")
}

// String is all of it on one line: "query-status: {...}".
func (a *Attached) String() string {
	if a.Error != "" {
		return a.Query + ": " + a.Error
	}
	return a.Query + ": " + a.Text
}
