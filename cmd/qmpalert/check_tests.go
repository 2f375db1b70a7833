package main

import (
	"path/filepath"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/watch"
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
		var tested []rules.File
		for _, named := range tests.RuleFiles {
			path := named.Path
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(f.Name), path)
			}
			found := asRules(watch.Read([]string{path}))
			if len(found) == 0 {
				c.findings.Add(diag.New(diag.TestWithoutRules, named.Pos, "no rule file matches `%s`", named.Path).
					WithHint("paths are relative to the test file"))
			}
			for _, f := range found {
				if !slices.ContainsFunc(tested, func(g rules.File) bool { return g.Name == f.Name }) {
					tested = append(tested, f)
				}
			}
		}
		if len(tested) == 0 {
			continue
		}
		suite, problems := rules.LoadSuite(tested, rules.Options{})
		if suite == nil {
			first := problems[slices.IndexFunc(problems, func(p diag.Finding) bool { return p.Severity == diag.Error })]
			c.findings.Add(diag.New(diag.TestWithoutRules, diag.Pos{File: f.Name}, "the rules of `rule_files` cannot be used").
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
