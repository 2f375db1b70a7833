package rules

import (
	"bytes"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// TestFile is a file of tests that stand apart from the rules that they are
// about: `rule_files` and `tests` at its top.
type TestFile struct {
	Name      string
	RuleFiles []TestRuleFile // as written; relative to the file itself
	specs     []testSpec
}

// TestRuleFile is an entry of `rule_files`.
type TestRuleFile struct {
	Pos  diag.Pos
	Path string // a file, directory or glob
}

// IsTestFile reports whether a file is one of tests: it has `tests` at its top
// and no `groups`. One that is not YAML is none.
func IsTestFile(f File) bool {
	if f.Err != nil || !bytes.Contains(f.Src, []byte("tests")) {
		return false
	}
	root, _ := yamldoc.Parse(f.Name, f.Src)
	return isTestFile(root)
}

// ParseTestFile reads a test file. It is nil if it is no mapping at all; with
// errors among the findings it may lack tests.
func ParseTestFile(f File) (*TestFile, diag.List) {
	var found diag.List
	root, problems := yamldoc.Parse(f.Name, f.Src)
	found.Add(problems...)
	if root == nil || !root.AsMapping(&found) {
		return nil, found
	}
	return parseTestFile(f.Name, root, &found), bounded(found)
}

func parseTestFile(name string, root *yamldoc.Node, found *diag.List) *TestFile {
	t := &TestFile{Name: name}
	p := &fileParser{found: found}
	p.checkKeys(root, testFileKeys, testFileWords)
	p.require(root, testFileKeys, testFileWords, "rule_files")
	for _, n := range p.list(root, "rule_files") {
		t.RuleFiles = append(t.RuleFiles, TestRuleFile{n.Pos, n.Value})
	}
	t.specs = p.tests(root.Get("tests"), true)
	return t
}
