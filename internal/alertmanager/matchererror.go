package alertmanager

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MatcherError says what is wrong with a text that is no matcher.
type MatcherError struct {
	Index  int    // which text of a list; 0 for a single one
	Text   string // the whole of it
	Column int    // of the fault in Text, in characters from 1; behind the end when something is missing there
	Width  int    // characters that are at fault, at least 1
	What   string // for people, without a position
	Hint   string // how to mend it
}

func (e *MatcherError) Error() string {
	return "bad matcher " + strconv.Quote(e.Text) + ", column " + strconv.Itoa(e.Column) + ": " + e.What
}

// columns is how Alertmanager's parser says where: first and last column,
// counted in characters from 0, before the sentence.
var columns = regexp.MustCompile(`^(\d+):(\d+): `)

const matcherHint = `write label="value", or with != (is not), =~ (matches) or !~ (does not match the whole of)`

func matcherError(text string, err error) *MatcherError {
	e := &MatcherError{Text: text, What: err.Error(), Hint: matcherHint}
	var re *syntax.Error
	switch at := columns.FindStringSubmatch(e.What); {
	case errors.As(err, &re):
		part := strings.TrimSuffix(strings.TrimPrefix(re.Expr, "^(?:"), ")$") // what Alertmanager puts around it
		e.What = "bad regular expression: " + re.Code.String() + ": " + part
		e.Hint = "regular expressions are those of RE2"
		e.place(strings.Index(text, part), utf8.RuneCountInString(part))
	case at != nil:
		from, _ := strconv.Atoi(at[1])
		to, _ := strconv.Atoi(at[2])
		e.What = e.What[len(at[0]):]
		if from == 0 && strings.HasPrefix(e.What, "end of input") {
			from = to // the parser says only the end of what it had read
		}
		e.Column, e.Width = from+1, max(1, to-from)
	default: // the input ended too early
		e.Column, e.Width = utf8.RuneCountInString(text)+1, 1
	}
	return e
}

// place is given an offset in bytes, negative when it is not known.
func (e *MatcherError) place(offset, width int) {
	if offset < 0 {
		offset, width = 0, utf8.RuneCountInString(e.Text)
	}
	e.Column, e.Width = utf8.RuneCountInString(e.Text[:offset])+1, max(1, width)
}
