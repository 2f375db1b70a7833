package diag

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"strings"
)

// JSON prints one object a line, sorted by position, always with exactly these
// members: file, line, column, severity, code, message, hint, group, rule.
// What is not known is 0 or "". See JSONLine for strings that would disturb a
// terminal.
func JSON(w io.Writer, list List) error {
	findings, _ := list.Limit(0)
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	for _, f := range findings {
		err := enc.Encode(struct {
			File     string   `json:"file"`
			Line     int      `json:"line"`
			Column   int      `json:"column"`
			Severity Severity `json:"severity"`
			Code     Code     `json:"code"`
			Message  string   `json:"message"`
			Hint     string   `json:"hint"`
			Group    string   `json:"group"`
			Rule     string   `json:"rule"`
		}{f.Pos.File, f.Pos.Line, f.Pos.Column, f.Severity, f.Code, f.Message, f.Hint, f.Group, f.Rule})
		if err == nil {
			_, err = w.Write(JSONLine(nil, bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
		}
		if err != nil {
			return err
		}
		text.Reset()
	}
	return nil
}

// GitHub prints the workflow commands that make annotations in a pull request:
//
//	::error file=rules/a.yml,line=4,col=12,title=Q120 unknown event::…
//
// Files are named as they were given: run it from the root of the repository.
func GitHub(w io.Writer, list List) error {
	findings, _ := list.Limit(0)
	out := bufio.NewWriter(w)
	for i := range findings {
		out.WriteString(annotation(&findings[i]))
	}
	return out.Flush()
}

func annotation(f *Finding) string {
	command := map[Severity]string{Error: "error", Warning: "warning", Info: "notice"}[f.Severity]
	var props []string
	add := func(name, value string) {
		props = append(props, name+"="+githubProperty.Replace(value))
	}
	if f.Pos.File != "" {
		add("file", Printable(f.Pos.File))
	}
	if f.Pos.Line > 0 {
		add("line", strconv.Itoa(f.Pos.Line))
		if f.Pos.Column > 0 {
			add("col", strconv.Itoa(f.Pos.Column))
		}
		if f.Pos.EndColumn > f.Pos.Column {
			add("endColumn", strconv.Itoa(f.Pos.EndColumn))
		}
	}
	add("title", string(f.Code)+" "+f.Code.Meaning())
	text := f.Message
	if f.Rule != "" {
		text = f.Rule + ": " + text
	}
	if f.Hint != "" {
		text += "\nhint: " + f.Hint
	}
	return "::" + command + " " + strings.Join(props, ",") + "::" + githubData.Replace(printableLines(text)) + "\n"
}

// printableLines is Printable for text whose line ends are meant. A build log
// is read on terminals too.
func printableLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = Printable(lines[i])
	}
	return strings.Join(lines, "\n")
}

// The escapes of GitHub's workflow commands (actions/toolkit, command.ts): a
// line end would end the command and let the text begin another one.
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
