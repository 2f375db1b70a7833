package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/ruletest"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/rules"
)

// bench is the rules under test and their tests.
type bench struct {
	suite *rules.Suite
	cases []*ruletest.Case
}

// gatherTests reads what paths name: rule files, and test files with the rule
// files that these name. All rules make one set.
func gatherTests(paths []string) (*bench, diag.List, error) {
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil && !watch.IsGlob(p) {
			return nil, nil, fmt.Errorf("test: %w", err)
		}
	}
	files, err := ruleFiles(paths)
	if err != nil {
		return nil, nil, err
	}
	files, tests, found := apart(files)
	if len(files)+len(tests)+len(found) == 0 {
		return nil, nil, usage("rule files have `groups` at their top, test files `tests`", "test: no rule file in %s", strings.Join(paths, ", "))
	}
	tested := map[string]bool{} // the tests in others are not asked for
	known := map[string]bool{}
	for _, f := range files {
		tested[f.Name], known[f.Name] = true, true
	}
	of := make([][]string, len(tests))
	for i, t := range tests {
		named, missing := rulesOf(t)
		found.Add(missing...)
		for _, f := range named {
			of[i] = append(of[i], f.Name)
			if !known[f.Name] {
				known[f.Name] = true
				files = append(files, f)
			}
		}
	}
	suite, findings := rules.LoadSuite(files, rules.Options{})
	found.Add(findings...)
	if suite == nil {
		found.Sort()
		return nil, found, nil
	}
	b := &bench{suite: suite}
	for _, c := range ruletest.Cases(suite) {
		if tested[c.Test.Pos.File] {
			b.cases = append(b.cases, c)
		}
	}
	for i, t := range tests {
		if len(of[i]) == 0 {
			continue // there are none, which was said
		}
		set := suite.In(of[i])
		bound, findings := suite.Bind(t, set)
		found.Add(findings...)
		b.cases = append(b.cases, ruletest.FileCases(suite, set, t.Name, bound)...)
	}
	found.Sort()
	return b, found, nil
}

// rulesOf reads the rule files that a test file names, each once.
func rulesOf(t *rules.TestFile) (files []rules.File, missing diag.List) {
	for _, entry := range t.RuleFiles {
		path := entry.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(t.Name), path)
		}
		more, _, _ := apart(asRules(watch.Read([]string{path})))
		if len(more) == 0 || more[0].Err != nil {
			missing.Add(diag.New(diag.TestWithoutRules, entry.Pos, "no rule file matches `%s`", entry.Path).
				WithHint("paths are relative to the test file"))
			continue
		}
		for _, f := range more {
			if !slices.ContainsFunc(files, func(g rules.File) bool { return g.Name == f.Name }) {
				files = append(files, f)
			}
		}
	}
	return files, missing
}

// apart tells test files from rule files, and leaves configurations out.
func apart(files []rules.File) (ruleFiles []rules.File, tests []*rules.TestFile, found diag.List) {
	for _, f := range files {
		f.Name = filepath.Clean(f.Name) // two spellings of a path are one file
		if !rules.IsTestFile(f) {
			// A directory may hold a configuration beside the rules.
			if f.Err != nil || !isConfig(watch.File{Name: f.Name, Data: f.Src}) {
				ruleFiles = append(ruleFiles, f)
			}
			continue
		}
		t, findings := rules.ParseTestFile(f)
		found.Add(findings...)
		if t != nil {
			tests = append(tests, t)
		}
	}
	return ruleFiles, tests, found
}

// about returns the rules that coverage and mutation look at: those that a
// selection of tests stands in, else all.
func (b *bench) about(cases []*ruletest.Case, selected bool) []*rules.Rule {
	if !selected {
		return b.suite.Set.Rules()
	}
	var out []*rules.Rule
	for _, r := range b.suite.Set.Rules() {
		if slices.ContainsFunc(cases, func(c *ruletest.Case) bool { return c.About(r) }) {
			out = append(out, r)
		}
	}
	return out
}

// printFindings prints all findings in the format that was asked for.
func printFindings(w io.Writer, f format, findings diag.List) error {
	if f == formatJSON {
		return diag.JSON(w, findings)
	}
	return diag.Text(w, findings, diag.TextOptions{Sources: readSource, Color: bool(colours(w)), MaxPerFile: maxShown})
}
