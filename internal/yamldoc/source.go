package yamldoc

import (
	"sort"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// source is the text of a file with an index from offsets to positions. Both
// directions cost a binary search, however long a line is.
type source struct {
	file      string
	text      string // without byte order mark
	lines     []int  // byte offset of the beginning of each line
	lineRunes []int  // the same in code points
	marks     []int  // byte offset of every markEvery-th code point
	runes     int    // code points in text
}

const markEvery = 128

func newSource(file, text string) *source {
	s := &source{file: file, text: text, lines: []int{0}, lineRunes: []int{0}}
	for i, r := range text {
		if s.runes%markEvery == 0 {
			s.marks = append(s.marks, i)
		}
		s.runes++
		if r == '\n' {
			s.lines = append(s.lines, i+1)
			s.lineRunes = append(s.lineRunes, s.runes)
		}
	}
	return s
}

// pos is the position of the byte at offset off; an offset beyond the text is
// its end.
func (s *source) pos(off int) diag.Pos {
	off = max(0, min(off, len(s.text)))
	line := sort.SearchInts(s.lines, off+1) - 1
	return diag.Pos{File: s.file, Line: line + 1, Column: s.runeAt(off) - s.lineRunes[line] + 1}
}

// span is the position of what lies between two offsets, cut at the end of
// the first line.
func (s *source) span(from, to int) diag.Pos {
	p := s.pos(from)
	if end := s.pos(to); end.Line == p.Line {
		p.EndColumn = end.Column
	} else {
		p.EndColumn = s.pos(s.lineEnd(from)).Column
	}
	if p.EndColumn <= p.Column {
		p.EndColumn = 0
	}
	return p
}

// lineEnd is the offset of the line break (or the end of the text) of the line
// in which off lies.
func (s *source) lineEnd(off int) int {
	next := sort.SearchInts(s.lines, off+1)
	if next == len(s.lines) {
		return len(s.text)
	}
	end := s.lines[next] - 1
	if end > off && s.text[end-1] == '\r' {
		end--
	}
	return end
}

// runeAt counts the code points before offset off.
func (s *source) runeAt(off int) int {
	mark := sort.SearchInts(s.marks, off+1) - 1
	if mark < 0 {
		return 0
	}
	return mark*markEvery + utf8.RuneCountInString(s.text[s.marks[mark]:off])
}

// offset is the byte offset of a line and column, both from 1, clamped to the
// line and the text.
func (s *source) offset(line, column int) int {
	line = max(1, min(line, len(s.lines)))
	end, runeEnd := len(s.text), s.runes
	if line < len(s.lines) {
		end, runeEnd = s.lines[line], s.lineRunes[line]
	}
	want := s.lineRunes[line-1] + max(column, 1) - 1
	if want >= runeEnd {
		return end
	}
	off := s.marks[want/markEvery]
	for range want % markEvery {
		_, n := utf8.DecodeRuneInString(s.text[off:])
		off += n
	}
	return off
}

// breakLen is the length of the line break at offset i, 0 if there is none.
// Other line breaks than these two do not get past checkBytes.
func breakLen(text string, i int) int {
	switch {
	case i < len(text) && text[i] == '\n':
		return 1
	case i+1 < len(text) && text[i] == '\r' && text[i+1] == '\n':
		return 2
	}
	return 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }
