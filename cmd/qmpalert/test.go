package main

import (
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/ruletest"
	"github.com/qmpalert/qmpalert/rules"
)

// testOptions is what the flags of test say.
type testOptions struct {
	run         *regexp.Regexp
	coverage    bool
	minCoverage int
	mutate      bool
	verbose     bool
	junit       string
	output      format
}

func testCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test [PATH]…",
		Short: "Run the tests of rules",
		Long: `Runs the tests that stand in rule files, and test files: files with "tests" and
"rule_files" at their top. Directories are read recursively. Without PATH it
tests ./rules, else the built-in rules.

A test gives events and says what must be the case at some instants. An event
names only the members that matter; the others that QEMU always sends have the
first value of their enum, 0, false or "". Time 0s is Thursday, 1 January 2026,
00:00 UTC; a VM that is not named is vm1, a host localhost. A line under raw is
taken as it was recorded, but for its time. Receivers are those that rules name;
the one of the route goes by "default", or by any one name. What confirm asks is
skipped: the alert fires.

firing, pending and resolved are the alerts in that state once everything of the
instant is done, all of them: a label that is not named is not compared, and []
says that there is none. An alert stays resolved until it fires again. notified
are the receivers that are told at that very instant. In a test file an alert is
named by alertname, there or once in the expectation, which then looks at no
other alert. In the tests of a record firing are the records made at the instant.

--coverage says what the tests of a rule never do: fire, resolve, stay quiet at
an event that the rule waits for, or go one of the ways of a condition.
--min-coverage makes less than that many per cent, of any rule, a failure.
--mutate changes each rule in one place at a time (counts, windows, operators,
literals, events, steps, ends, by, scope) and reports the changes that no test
notices; they are failures, too.

The exit code is 1 when a test fails or a file has errors, 2 when nothing could
be tested, else 0.`,
		Example: `  qmpalert test
  qmpalert test rules/ --run 'QuorumChildFailing/'
  qmpalert test rules/ --coverage --mutate
  qmpalert test rules/ --min-coverage 100 --junit report.xml     # in CI`,
	}
	var o testOptions
	run := cmd.Flags().String("run", "", "only tests whose `name` (rule/test) matches this regular expression")
	cmd.Flags().BoolVar(&o.coverage, "coverage", false, "say what the tests never do")
	cmd.Flags().IntVar(&o.minCoverage, "min-coverage", 0, "fail below this many `percent` in any rule (implies --coverage)")
	cmd.Flags().BoolVar(&o.mutate, "mutate", false, "change the rules and report what no test notices")
	cmd.Flags().StringVar(&o.junit, "junit", "", "write the results to a `file` as JUnit XML")
	cmd.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "name the tests that pass, too")
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.output = *output
		if *run != "" {
			re, err := regexp.Compile(*run)
			if err != nil {
				return usage("", "test: --run: %w", err)
			}
			o.run = re
		}
		if o.minCoverage < 0 || o.minCoverage > 100 {
			return usage("", "test: --min-coverage: %d is not a percentage", o.minCoverage)
		}
		o.coverage = o.coverage || o.minCoverage > 0
		return runTests(cmd, args, &o)
	}
	return cmd
}

// outcome is all that test found out.
type outcome struct {
	rules    []*rules.Rule // that coverage and mutation look at
	results  []ruletest.Result
	coverage []ruletest.Coverage // nil: not asked for
	mutation *ruletest.Mutation  // nil: not asked for
}

func (o *outcome) failed() int {
	n := 0
	for i := range o.results {
		if len(o.results[i].Failures) > 0 {
			n++
		}
	}
	return n
}

func runTests(cmd *cobra.Command, paths []string, o *testOptions) error {
	b, findings, err := gatherTests(paths)
	if err != nil {
		return err
	}
	if findings.HasErrors() {
		if err := printFindings(cmd.OutOrStdout(), o.output, findings); err != nil {
			return err
		}
		return silent(exitFindings)
	}
	cases := ruletest.Select(b.cases, o.run)
	if o.run != nil && len(cases) == 0 {
		return usage("the name of a test is RULE/NAME; `qmpalert test -v` lists them", "test: no test matches %q", o.run.String())
	}
	out := &outcome{rules: b.about(cases, o.run != nil)}
	var passed []*ruletest.Case
	for _, c := range cases {
		r := ruletest.Run(c)
		out.results = append(out.results, r)
		if len(r.Failures) == 0 {
			passed = append(passed, c)
		}
	}
	if o.coverage {
		out.coverage = ruletest.Cover(b.suite, out.rules, cases)
	}
	if o.mutate {
		bar := newProgress(cmd.ErrOrStderr())
		m, err := ruletest.Mutate(cmd.Context(), b.suite, out.rules, passed, func(done, total int) { bar.count(done, total, "rule") })
		bar.clear()
		if err != nil {
			return fmt.Errorf("test: %w", err)
		}
		out.mutation = &m
	}
	if o.junit != "" {
		if err := writeJUnit(o.junit, out.results); err != nil {
			return fmt.Errorf("test: --junit: %w", err)
		}
	}
	if err := printOutcome(cmd.OutOrStdout(), o, out); err != nil {
		return err
	}
	if out.failed() > 0 || out.mutation != nil && out.mutation.Survived() > 0 || len(out.below(o.minCoverage)) > 0 {
		return silent(exitFindings)
	}
	return nil
}

// below returns the rules with less coverage than that.
func (o *outcome) below(percent int) []*ruletest.Coverage {
	var out []*ruletest.Coverage
	for i := range o.coverage {
		if o.coverage[i].Percent() < percent {
			out = append(out, &o.coverage[i])
		}
	}
	return out
}

func writeJUnit(name string, results []ruletest.Result) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return ruletest.JUnit(f, results)
}

func printOutcome(w io.Writer, o *testOptions, out *outcome) error {
	if o.output == formatJSON {
		return printTestsJSON(w, out)
	}
	return printTestsText(w, o, out)
}
