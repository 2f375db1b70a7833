package diag

import (
	"strconv"
)

// Pos is a place in a file.
type Pos struct {
	// File is the name as the user gave it; it may be empty for text that has
	// no file (an expression on the command line).
	File string
	// Line counts from 1; 0 means the file as a whole.
	Line int
	// Column counts Unicode code points from 1; 0 means the line as a whole.
	Column int
	// EndColumn is the column behind the last character meant, on the same
	// line; 0 means one character.
	EndColumn int
}

// String gives file:line:column, without the parts that are not known.
func (p Pos) String() string {
	s := p.File
	if s == "" {
		s = "<input>"
	}
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			s += ":" + strconv.Itoa(p.Column)
		}
	}
	return s
}

// compare orders positions by file, line and column.
func (p Pos) compare(q Pos) int {
	switch {
	case p.File != q.File:
		if p.File < q.File {
			return -1
		}
		return 1
	case p.Line != q.Line:
		return p.Line - q.Line
	default:
		return p.Column - q.Column
	}
}
