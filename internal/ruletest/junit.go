package ruletest

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/qmpalert/qmpalert/internal/duration"
)

type junitSuites struct {
	XMLName  xml.Name      `xml:"testsuites"`
	Tests    int           `xml:"tests,attr"`
	Failures int           `xml:"failures,attr"`
	Suites   []*junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the results as XML that continuous integration understands: a
// suite for each file, a case for each test. Times are left out: equal results
// give equal files.
func JUnit(w io.Writer, results []Result) error {
	all := junitSuites{}
	byFile := map[string]*junitSuite{}
	for i := range results {
		r := &results[i]
		pos := r.Case.Test.Pos
		s := byFile[pos.File]
		if s == nil {
			s = &junitSuite{Name: pos.File}
			byFile[pos.File] = s
			all.Suites = append(all.Suites, s)
		}
		c := junitCase{Class: r.Case.Of(), Name: r.Case.Test.Name, File: pos.File, Line: pos.Line}
		if len(r.Failures) > 0 {
			c.Failure = &junitFailure{Message: r.Failures[0].String(), Text: r.text()}
			s.Failures++
			all.Failures++
		}
		s.Tests++
		all.Tests++
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// String says in one line what was expected and what is.
func (f *Failure) String() string {
	return fmt.Sprintf("at %s %s: expected %s, got %s", duration.Format(f.At), f.What, listText(f.Want), listText(f.Got))
}

func listText(all []string) string {
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, " ")
}

// text is everything about a test that failed, without colours.
func (r *Result) text() string {
	var b strings.Builder
	for i := range r.Failures {
		fmt.Fprintf(&b, "%s: %s\n", r.Failures[i].Pos, r.Failures[i].String())
	}
	for _, l := range r.Timeline {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%8s  %s %s  %s", duration.Format(l.At), l.VM, l.Event, l.Text), " ") + "\n")
	}
	return b.String()
}
