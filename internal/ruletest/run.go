package ruletest

import (
	"regexp"

	"github.com/qmpalert/qmpalert/rules"
)

// Case is a test and the rules that take part in it.
type Case struct {
	Test  rules.Test
	Suite *rules.Suite
	// File names the test file that it stands in, "" for one in a rule.
	File string

	set *rules.Set
}

// Name is the full name of the test: of its rule or file, then its own. It is
// what a selection by regular expression looks at.
func (c *Case) Name() string { return c.Of() + "/" + c.Test.Name }

// Of is the rule that the test stands in, or the test file.
func (c *Case) Of() string {
	if c.Test.Rule != nil {
		return c.Test.Rule.Name
	}
	return c.File
}

// About says that the test is about a rule: it stands in it, or is one of a test
// file in which the rule takes part.
func (c *Case) About(r *rules.Rule) bool {
	if c.Test.Rule != nil {
		return c.Test.Rule == r
	}
	return c.set.Rule(r.Name) == r
}

// Result is what became of a test.
type Result struct {
	Case     *Case
	Failures []Failure
	Timeline []Line // of a test that failed
}

// Cases returns the inline tests of a suite, in the order of its rules.
func Cases(s *rules.Suite) []*Case {
	var out []*Case
	for _, r := range s.Set.Rules() {
		if len(r.Tests()) == 0 {
			continue
		}
		set := s.Around(r)
		for _, t := range r.Tests() {
			out = append(out, &Case{Test: t, Suite: s, set: set})
		}
	}
	return out
}

// FileCases returns the tests of a test file, which are about the rules of a set
// (see rules.Suite.Bind).
func FileCases(s *rules.Suite, set *rules.Set, file string, tests []rules.Test) []*Case {
	var out []*Case
	for _, t := range tests {
		c := &Case{Test: t, Suite: s, File: file, set: set}
		if about := named(set, &t); len(about) > 0 {
			c.set = s.Around(about...)
		}
		out = append(out, c)
	}
	return out
}

// named returns the rules that a test of a test file looks at; none if it looks
// at all of them.
func named(set *rules.Set, t *rules.Test) []*rules.Rule {
	var out []*rules.Rule
	for _, e := range t.Expect {
		r := set.Rule(e.Alert)
		if r == nil {
			return nil
		}
		out = append(out, r)
	}
	return out
}

// Select returns the cases whose name a regular expression matches; nil takes
// all.
func Select(cases []*Case, re *regexp.Regexp) []*Case {
	if re == nil {
		return cases
	}
	var out []*Case
	for _, c := range cases {
		if re.MatchString(c.Name()) {
			out = append(out, c)
		}
	}
	return out
}

// Run runs one test.
func Run(c *Case) Result {
	s := play(c.set, &c.Test, needsTrace(&c.Test))
	r := Result{Case: c, Failures: compare(&c.Test, s)}
	if len(r.Failures) > 0 {
		if s.trace == nil {
			s = play(c.set, &c.Test, true)
		}
		r.Timeline = timeline(c, s)
	}
	return r
}

// needsTrace says that a test looks at what only the trace shows.
func needsTrace(t *rules.Test) bool { return t.Rule != nil && t.Rule.Record != "" }
