package main

import (
	"io"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/ruletest"
)

// The objects that test prints, one a line; type tells them apart.
type (
	testPlace struct {
		File   string `json:"file"`
		Line   int    `json:"line"`
		Column int    `json:"column"`
	}
	testLine struct {
		Type string `json:"type"` // test
		testPlace
		Rule     string        `json:"rule,omitempty"`
		Name     string        `json:"name"`
		Status   string        `json:"status"` // passed, failed
		Failures []failureJSON `json:"failures,omitempty"`
		Timeline []momentJSON  `json:"timeline,omitempty"`
	}
	failureJSON struct {
		testPlace
		At       string   `json:"at"`
		What     string   `json:"what"`
		Expected []string `json:"expected"`
		Got      []string `json:"got"`
	}
	momentJSON struct {
		At    string `json:"at"`
		Event string `json:"event,omitempty"`
		VM    string `json:"vm,omitempty"`
		Rule  string `json:"rule,omitempty"`
		Text  string `json:"text"`
	}
	coverageLine struct {
		Type string `json:"type"` // coverage
		testPlace
		Rule    string    `json:"rule"`
		Percent int       `json:"percent"`
		Covered int       `json:"covered"`
		Total   int       `json:"total"`
		Missing []gapJSON `json:"missing,omitempty"`
	}
	gapJSON struct {
		testPlace
		What string `json:"what"`
	}
	mutantLine struct {
		Type string `json:"type"` // mutant
		testPlace
		Rule    string `json:"rule"`
		What    string `json:"what"`
		Changes int    `json:"changes"` // how many this line stands for
	}
	testsLine struct {
		Type     string `json:"type"` // summary
		Rules    int    `json:"rules"`
		Tests    int    `json:"tests"`
		Failed   int    `json:"failed"`
		Coverage *int   `json:"coverage,omitempty"`
		Mutants  *int   `json:"mutants,omitempty"`
		Survived *int   `json:"survived,omitempty"`
	}
)

func placeJSON(p diag.Pos) testPlace { return testPlace{p.File, p.Line, p.Column} }

func printTestsJSON(w io.Writer, all *outcome) error {
	var lines []any
	for i := range all.results {
		lines = append(lines, testJSON(&all.results[i]))
	}
	sum := testsLine{Type: "summary", Rules: len(all.rules), Tests: len(all.results), Failed: all.failed()}
	for i := range all.coverage {
		c := &all.coverage[i]
		line := coverageLine{"coverage", placeJSON(c.Rule.Pos), c.Rule.Name, c.Percent(), c.Covered, c.Total, nil}
		for _, g := range c.Missing {
			line.Missing = append(line.Missing, gapJSON{placeJSON(g.Pos), g.What})
		}
		lines = append(lines, line)
	}
	if all.coverage != nil {
		_, _, percent := ruletest.Total(all.coverage)
		sum.Coverage = &percent
	}
	if m := all.mutation; m != nil {
		for _, s := range m.Survivors {
			lines = append(lines, mutantLine{"mutant", placeJSON(s.Mutant.Pos), s.Rule.Name, s.Mutant.What, 1})
		}
		for _, u := range m.Untested {
			lines = append(lines, mutantLine{"mutant", placeJSON(u.Rule.Pos), u.Rule.Name, "no test passes in which the rule takes part", u.Mutants})
		}
		survived := m.Survived()
		sum.Mutants, sum.Survived = &m.Mutants, &survived
	}
	for _, line := range append(lines, sum) {
		if err := writeJSON(w, line); err != nil {
			return err
		}
	}
	return nil
}

func testJSON(r *ruletest.Result) testLine {
	t := &r.Case.Test
	line := testLine{Type: "test", testPlace: placeJSON(t.Pos), Name: t.Name, Status: "passed"}
	if t.Rule != nil {
		line.Rule = t.Rule.Name
	}
	for i := range r.Failures {
		f := &r.Failures[i]
		line.Status = "failed"
		line.Failures = append(line.Failures, failureJSON{placeJSON(f.Pos), duration.Format(f.At), f.What, append([]string{}, f.Want...), append([]string{}, f.Got...)})
	}
	for _, l := range r.Timeline {
		line.Timeline = append(line.Timeline, momentJSON{duration.Format(l.At), l.Event, l.VM, l.Rule, l.Text})
	}
	return line
}
