package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/ruletest"
)

// printTestsText prints for people: what failed and why, what the tests never
// do, what they do not notice, and a line that sums up.
func printTestsText(out io.Writer, o *testOptions, all *outcome) error {
	w := bufio.NewWriter(out)
	p := colours(out)
	for i := range all.results {
		r := &all.results[i]
		name := safe(r.Case.Of() + ": " + r.Case.Test.Name)
		switch {
		case len(r.Failures) > 0:
			fmt.Fprintf(w, "%s  %s\n", p.paint(red, "FAIL"), p.paint(bold, name))
			printFailures(w, p, r)
		case o.verbose:
			fmt.Fprintf(w, "%s    %s\n", p.paint(green, "ok"), name)
		}
	}
	if all.coverage != nil {
		printCoverage(w, p, all.coverage)
	}
	if all.mutation != nil {
		printMutation(w, p, all.mutation)
	}
	fmt.Fprintln(w, testSummary(p, o, all))
	return w.Flush()
}

func printFailures(w io.Writer, p painter, r *ruletest.Result) {
	for i := range r.Failures {
		f := &r.Failures[i]
		fmt.Fprintf(w, "  %s: at %s %s\n", safe(f.Pos.String()), duration.Format(f.At), f.What)
		fmt.Fprintf(w, "    expected  %s\n", listOf(p, green, f.Want, f.Missing))
		fmt.Fprintf(w, "    got       %s\n", listOf(p, red, f.Got, f.Unexpected))
	}
	if len(r.Timeline) == 0 {
		fmt.Fprint(w, "  timeline: nothing happens\n\n")
		return
	}
	fmt.Fprintln(w, "  timeline:")
	at := ""
	for _, l := range r.Timeline {
		when := duration.Format(l.At)
		if when == at {
			when = ""
		} else {
			at = when
		}
		fmt.Fprintf(w, "  %8s  ", when)
		indent := ""
		if l.Event != "" {
			fmt.Fprintf(w, "%s  %s\n", p.paint(dim, safe(l.VM)), safe(l.Event))
			indent = strings.Repeat(" ", 14)
		}
		rule := ""
		if l.Rule != "" && l.Rule != r.Case.Of() {
			rule = safe(l.Rule) + ": "
		}
		fmt.Fprintf(w, "%s%s%s\n", indent, rule, safe(l.Text))
	}
	fmt.Fprintln(w)
}

// listOf shows alerts or receivers; those of the second list stand out.
func listOf(p painter, sgr string, all, differ []string) string {
	if len(all) == 0 {
		return "nothing"
	}
	left := map[string]int{}
	for _, s := range differ {
		left[s]++
	}
	var parts []string
	for _, s := range all {
		text := safe(s)
		if left[s] > 0 {
			left[s]--
			text = p.paint(sgr, text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "  ")
}

func printCoverage(w io.Writer, p painter, all []ruletest.Coverage) {
	fmt.Fprintln(w, p.paint(bold, "coverage"))
	for i := range all {
		c := &all[i]
		sgr := green
		if c.Percent() < 100 {
			sgr = yellow
		}
		fmt.Fprintf(w, "  %s  %s\n", p.paint(sgr, fmt.Sprintf("%3d %%", c.Percent())), safe(c.Rule.Name))
		for _, g := range c.Missing {
			fmt.Fprintf(w, "         %s: %s\n", safe(g.Pos.String()), safe(g.What))
		}
	}
	covered, total, percent := ruletest.Total(all)
	fmt.Fprintf(w, "  %3d %%  in all: %d of %d\n", percent, covered, total)
}

func printMutation(w io.Writer, p painter, m *ruletest.Mutation) {
	fmt.Fprintln(w, p.paint(bold, "changes that no test notices"))
	for _, s := range m.Survivors {
		fmt.Fprintf(w, "  %s: %s: %s\n", safe(s.Mutant.Pos.String()), safe(s.Rule.Name), p.paint(yellow, safe(s.Mutant.What)))
	}
	for _, u := range m.Untested {
		fmt.Fprintf(w, "  %s: %s: %s\n", safe(u.Rule.Pos.String()), safe(u.Rule.Name), p.paint(yellow, fmt.Sprintf("none of %s: no test passes in which it takes part", plural(u.Mutants, "change"))))
	}
	fmt.Fprintf(w, "  %d of %s\n", m.Survived(), plural(m.Mutants, "change"))
}

// testSummary is the last line for people.
func testSummary(p painter, o *testOptions, all *outcome) string {
	text := plural(len(all.rules), "rule") + ", " + plural(len(all.results), "test") + ": "
	var bad []string
	if n := all.failed(); n > 0 {
		bad = append(bad, fmt.Sprintf("%d failed", n))
	}
	if all.mutation != nil && all.mutation.Survived() > 0 {
		bad = append(bad, plural(all.mutation.Survived(), "unnoticed change"))
	}
	if low := all.below(o.minCoverage); len(low) > 0 {
		bad = append(bad, fmt.Sprintf("%s below %d %% coverage", plural(len(low), "rule"), o.minCoverage))
	}
	if len(bad) > 0 {
		return text + p.paint(red, strings.Join(bad, ", "))
	}
	return text + p.paint(green, "passed")
}
