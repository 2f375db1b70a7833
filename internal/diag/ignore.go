package diag

import (
	"slices"
	"strings"
	"unicode"
)

// IgnoreWord begins a comment that silences findings:
//
//	resolve: RESUME  # qmpalert:ignore Q301 every disk of the VM goes on
//
// Behind the word stand the codes, separated by commas, and the reason. The
// comment is about the line that it is on; one that has a line for itself is
// about the next line that is no comment. Only warnings and information can be
// silenced, and only with a reason.
const IgnoreWord = "qmpalert:ignore"

// Ignore is one such comment.
type Ignore struct {
	Pos   Pos   // of the word
	Lines []int // that it is about
	Codes []Code
	// Bad says why the comment is not obeyed, nil if it is.
	Bad *Finding
}

// NewIgnore reads the text of a comment from IgnoreWord on, up to its end.
func NewIgnore(pos Pos, text string, lines ...int) Ignore {
	ig := Ignore{Pos: pos, Lines: lines}
	codes, reason := splitIgnore(strings.TrimPrefix(text, IgnoreWord))
	bad := func(hint, format string, args ...any) Ignore {
		f := New(BadIgnore, pos, format, args...).WithHint("%s", hint)
		ig.Bad = &f
		return ig
	}
	const form = "write `# " + IgnoreWord + " Q204 why it is meant so`"
	if len(codes) == 0 {
		return bad(form, "the comment does not say which code to ignore")
	}
	for _, word := range codes {
		c := Code(strings.ToUpper(word))
		switch {
		case c.Meaning() == "":
			return bad("`qmpalert check` prints the code behind each finding", "there is no code `%s`", word)
		case c.Severity() == Error:
			return bad("mend it: the file is not taken as it is", "%s is an error and cannot be ignored", c)
		case c == BadIgnore || c == UselessIgnore:
			return bad("remove or mend the comment it is about", "%s is about comments like this one and cannot be ignored", c)
		}
		ig.Codes = append(ig.Codes, c)
	}
	if !strings.ContainsFunc(reason, unicode.IsLetter) {
		return bad(form, "the comment does not say why %s is to be ignored", strings.Join(codes, ", "))
	}
	return ig
}

// splitIgnore cuts the codes from the reason.
func splitIgnore(text string) (codes []string, reason string) {
	text = strings.TrimLeft(text, " \t:")
	for {
		end := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(text)
		}
		if !looksLikeCode(text[:end]) {
			return codes, text
		}
		codes = append(codes, text[:end])
		rest := strings.TrimLeft(text[end:], " \t")
		next, comma := strings.CutPrefix(rest, ",")
		if !comma {
			return codes, strings.TrimLeft(rest, ":-–—")
		}
		text = strings.TrimLeft(next, " \t")
	}
}

// looksLikeCode takes Q9999 and q2 for codes, so that a slip is told.
func looksLikeCode(word string) bool {
	return len(word) > 1 && (word[0] == 'Q' || word[0] == 'q') && strings.Trim(word[1:], "0123456789") == ""
}

// Without returns the findings of l that none of the comments silences, and
// complains about comments that cannot be obeyed or silence nothing. lines
// gives the lines on which a comment about the finding may stand: its own, and
// that on which the value begins that it is in. Codes of which asked is false
// were not looked for: ignoring them is no mistake. All are about one file.
func (l List) Without(ignores []Ignore, lines func(Pos) []int, asked func(Code) bool) List {
	used := make([]map[Code]bool, len(ignores))
	silenced := func(f *Finding) bool {
		hit := false
		at := lines(f.Pos)
		for i := range ignores {
			ig := &ignores[i]
			if ig.Bad != nil || !slices.Contains(ig.Codes, f.Code) || !meet(ig.Lines, at) {
				continue
			}
			if used[i] == nil {
				used[i] = map[Code]bool{}
			}
			used[i][f.Code], hit = true, true
		}
		return hit
	}
	kept := l[:0:0]
	for i := range l {
		if l[i].Severity == Error || !silenced(&l[i]) {
			kept = append(kept, l[i])
		}
	}
	for i := range ignores {
		if ig := &ignores[i]; ig.Bad != nil {
			kept = append(kept, *ig.Bad)
			continue
		}
		for _, c := range ignores[i].Codes {
			if !used[i][c] && asked(c) {
				kept = append(kept, New(UselessIgnore, ignores[i].Pos, "%s is not found here: there is nothing to ignore", c).
					WithHint("remove the comment, or put it on the line of the finding or right above"))
			}
		}
	}
	return kept
}

func meet(a, b []int) bool {
	return slices.ContainsFunc(a, func(n int) bool { return slices.Contains(b, n) })
}
