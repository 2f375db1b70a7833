package email

import (
	"strings"
	"unicode"

	"github.com/qmpalert/qmpalert/notifiers/story"
)

// columns is how wide the text is: mail for terminals stays below 80, with room
// for the mark of a quotation.
const columns = 76

// wrap writes text as lines of at most columns. The first begins with head,
// further ones with as much white space as indent says. A word that fits on no
// line is cut in pieces, unless it is an address, which has to stay whole to be
// followed.
func wrap(b *strings.Builder, head, text string, indent int) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			head = strings.Repeat(" ", indent)
		}
		wrapLine(b, head, line, indent)
	}
}

func wrapLine(b *strings.Builder, head, line string, indent int) {
	// What a line is already indented by, its continuations are as well.
	lead := line[:len(line)-len(strings.TrimLeft(line, " "))]
	margin := strings.Repeat(" ", indent) + lead
	at, empty := width(head)+len(lead), true
	out := head + lead
	end := func() {
		b.WriteString(strings.TrimRight(out, " ") + "\n")
		out, at, empty = margin, len(margin), true
	}
	for _, word := range strings.Fields(line) {
		if !empty && at+1+width(word) > columns {
			end()
		}
		if !empty {
			out += " "
			at++
		}
		for at+width(word) > columns && !strings.Contains(word, "://") {
			piece := fit(word, max(columns-at, 8))
			out += piece
			word = word[len(piece):]
			end()
		}
		out += word
		at += width(word)
		empty = false
	}
	end()
}

// fit is the longest beginning of a word that is not wider than limit.
func fit(word string, limit int) string {
	w := 0
	for i, r := range word {
		if w += runeWidth(r); w > limit && i > 0 {
			return word[:i]
		}
	}
	return word
}

// width is how many columns of a terminal a text takes.
func width(s string) int {
	w := 0
	for _, r := range s {
		w += runeWidth(r)
	}
	return w
}

// runeWidth knows the scripts that take two columns a character, and marks that
// take none. That is near enough for lines to look straight.
func runeWidth(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		r >= 0x1f300 && r <= 0x1faff, r >= 0xff01 && r <= 0xff60:
		return 2
	}
	return 1
}

// table writes facts in two columns.
func table(b *strings.Builder, facts []story.Fact) {
	most := 0
	for _, f := range facts {
		most = max(most, min(width(f.Name), maxNameColumn))
	}
	for _, f := range facts {
		entry(b, f.Name, f.Value, most)
	}
}

// maxNameColumn bounds the first column of a table; a longer name has a line
// of its own.
const maxNameColumn = 20

// entry writes one line of a table whose first column is so wide.
func entry(b *strings.Builder, name, value string, most int) {
	head := "  " + name
	if w := width(name); w <= most {
		head += strings.Repeat(" ", most-w)
	} else {
		wrap(b, "  ", name, 2)
		head = strings.Repeat(" ", most+2)
	}
	wrap(b, head+"  ", value, most+4)
}
