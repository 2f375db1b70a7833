package main

import (
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/rules"
)

// testFiles checks the files of tests, each against the rules that it names.
func (c *checkup) testFiles() {
	for _, f := range asRules(c.ruleFiles) {
		if !rules.IsTestFile(f) {
			continue
		}
		tests, findings := rules.ParseTestFile(f)
		c.findings.Add(findings...)
		if tests == nil {
			continue
		}
		tested, missing := rulesOf(tests)
		c.findings.Add(missing...)
		if len(tested) == 0 {
			continue
		}
		suite, problems := rules.LoadSuite(tested, rules.Options{})
		if suite == nil {
			first := problems[slices.IndexFunc(problems, func(p diag.Finding) bool { return p.Severity == diag.Error })]
			c.findings.Add(diag.New(diag.TestWithoutRules, tests.RuleFiles[0].Pos, "the rules of `rule_files` cannot be used").
				WithRelated(first.Pos, first.Message))
			continue
		}
		bound, findings := suite.Bind(tests, suite.Set)
		c.findings.Add(findings...)
		c.tested(suite.Set, bound)
	}
}

// tested takes back that a rule of the set has no test, where a file of tests
// has one. An expectation that names no alert is about all of them.
func (c *checkup) tested(set *rules.Set, tests []rules.Test) {
	names := map[string]bool{}
	for _, t := range tests {
		for _, e := range t.Expect {
			names[e.Alert] = true
		}
	}
	c.findings = slices.DeleteFunc(c.findings, func(f diag.Finding) bool {
		return f.Code == diag.RuleWithoutTest && set.Rule(f.Rule) != nil && (names[f.Rule] || names[""])
	})
}
