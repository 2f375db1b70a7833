package diag

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Sources gives the text of a file that findings are about, so that the line
// can be shown; ok is false for a file it does not have.
type Sources func(file string) (src []byte, ok bool)

// TextOptions steer Text. The zero value prints everything without sources.
type TextOptions struct {
	Sources    Sources // nil: no source lines
	Color      bool    // ANSI colours
	MaxPerFile int     // findings shown per file, the rest is counted; 0: all
}

// Text prints findings for people, in order of position:
//
//	rules/a.yml:4:12: error: unknown event `QUORUM_REPORT` [Q120]
//	        event: QUORUM_REPORT
//	               ^~~~~~~~~~~~~
//	  hint: did you mean `QUORUM_REPORT_BAD`?
func Text(w io.Writer, list List, opts TextOptions) error {
	findings, rest := list.Limit(opts.MaxPerFile)
	p := &printer{w: bufio.NewWriter(w), opts: opts, lines: map[string][][]byte{}}
	for i := range findings {
		p.finding(&findings[i])
	}
	for _, o := range rest {
		noun := "findings"
		if o.Count == 1 {
			noun = "finding"
		}
		fmt.Fprintf(p.w, "%s: %d more %s not shown\n", Printable(Pos{File: o.File}.String()), o.Count, noun)
	}
	return p.w.Flush()
}

type printer struct {
	w     *bufio.Writer
	opts  TextOptions
	lines map[string][][]byte // of the files seen so far; nil for one without source
}

// The colours, as SGR codes.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	cyan   = "1;36"
	green  = "1;32"
)

func (p *printer) paint(sgr, s string) string {
	if !p.opts.Color || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

func (p *printer) finding(f *Finding) {
	sgr := map[Severity]string{Error: red, Warning: yellow, Info: cyan}[f.Severity]
	fmt.Fprintf(p.w, "%s: %s: %s [%s]\n", p.paint(bold, Printable(f.Pos.String())),
		p.paint(sgr, string(f.Severity)), Printable(f.Message), f.Code)
	p.snippet(f.Pos)
	for _, r := range f.Related {
		fmt.Fprintf(p.w, "%s: note: %s\n", p.paint(bold, Printable(r.Pos.String())), Printable(r.Message))
		p.snippet(r.Pos)
	}
	if f.Hint != "" {
		fmt.Fprintf(p.w, "  %s: %s\n", p.paint(cyan, "hint"), Printable(f.Hint))
	}
}

// snippet prints the source line and the caret below it.
func (p *printer) snippet(pos Pos) {
	line, ok := p.line(pos)
	if !ok {
		return
	}
	text, caret := layout(line, pos.Column, pos.EndColumn)
	fmt.Fprintf(p.w, "    %s\n", text)
	if caret != "" {
		indent := len(caret) - len(strings.TrimLeft(caret, " "))
		fmt.Fprintf(p.w, "    %s%s\n", caret[:indent], p.paint(green, caret[indent:]))
	}
}

func (p *printer) line(pos Pos) ([]byte, bool) {
	if pos.Line < 1 || p.opts.Sources == nil {
		return nil, false
	}
	lines, seen := p.lines[pos.File]
	if !seen {
		if src, ok := p.opts.Sources(pos.File); ok {
			src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
			lines = bytes.Split(src, []byte("\n"))
		}
		p.lines[pos.File] = lines
	}
	if pos.Line > len(lines) {
		return nil, false
	}
	return bytes.TrimSuffix(lines[pos.Line-1], []byte("\r")), true
}

const (
	tabStop  = 4   // a tab is shown as spaces up to the next multiple of this
	maxCells = 120 // a longer line is cut on both sides of the caret
)

// cell is one source character as it is shown.
type cell struct {
	text  string
	width int
}

// layout renders a source line and the line of the caret, which starts under
// the character at column and ends before endColumn. The column may be one
// past the end of the line (something is missing there); beyond that, and at
// column 0, there is no caret.
func layout(line []byte, column, endColumn int) (text, caret string) {
	row, total := show(line)
	first, last := column-1, max(endColumn-1, column)-1 // of the caret, as indices
	if column < 1 || first > len(row) {
		first, last = -1, -1
	}
	from, to := 0, len(row)
	if total > maxCells {
		from, to = window(row, max(first, 0))
	}
	var textB, caretB strings.Builder
	if from > 0 {
		textB.WriteString("…")
		caretB.WriteString(" ")
	}
	for i := from; i < to; i++ {
		textB.WriteString(row[i].text)
		switch {
		case i == first:
			caretB.WriteString("^" + strings.Repeat("~", max(row[i].width, 1)-1))
		case i < first:
			caretB.WriteString(strings.Repeat(" ", row[i].width))
		case i <= last:
			caretB.WriteString(strings.Repeat("~", row[i].width))
		}
	}
	if to < len(row) {
		textB.WriteString("…")
	}
	if first < 0 {
		return strings.TrimRight(textB.String(), " "), ""
	}
	if first >= to {
		caretB.WriteString("^")
	}
	return strings.TrimRight(textB.String(), " "), caretB.String()
}

// show turns a line into cells and says how many columns of a terminal it takes.
func show(line []byte) (row []cell, total int) {
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		c := cell{text: string(line[i : i+n]), width: cells(r)}
		if r == '\t' {
			c.width = tabStop - total%tabStop
			c.text = strings.Repeat(" ", c.width)
		} else if esc := escape(r, c.text); esc != "" {
			c = cell{text: esc, width: len(esc)}
		}
		row = append(row, c)
		total += c.width
		i += n
	}
	return row, total
}

// window picks the part of a long line around the cell at index at.
func window(row []cell, at int) (from, to int) {
	from, to = min(at, len(row)), min(at, len(row))
	width := 0
	for width < maxCells/3 && from > 0 {
		from--
		width += row[from].width
	}
	for width < maxCells && to < len(row) {
		width += row[to].width
		to++
	}
	for width < maxCells && from > 0 {
		from--
		width += row[from].width
	}
	return from, to
}
