package main

import (
	"errors"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/examples"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/rules"
)

// maxShown bounds the findings that are printed for one file.
const maxShown = 50

// printInvalid shows all findings of rules or a configuration that cannot be
// used, and returns the failure that says so.
func printInvalid(w io.Writer, findings diag.List) error {
	err := diag.Text(w, findings, diag.TextOptions{Sources: readSource, Color: bool(colours(w)), MaxPerFile: maxShown})
	if err != nil {
		return err
	}
	return silent(exitUsage)
}

// readSource gives the text of a file that findings are about. What looks like
// a secret in it is masked.
func readSource(file string) ([]byte, bool) {
	for _, f := range builtinRules() {
		if f.Name == file {
			return f.Src, true
		}
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, false
	}
	return config.Mask(src), true
}

// rulesFlag adds --rules, which may be given several times.
func rulesFlag(cmd *cobra.Command, paths *[]string) {
	cmd.Flags().Var((*rulePaths)(paths), "rules", "a rule `path`: file, directory or glob; may be given several times")
}

// rulePaths refuses the empty path, which is a variable that is not set: it
// would stand for all that is here.
type rulePaths []string

func (p *rulePaths) String() string { return strings.Join(*p, ", ") }
func (p *rulePaths) Type() string   { return "path" }

func (p *rulePaths) Set(s string) error {
	if s == "" {
		return errors.New("an empty path")
	}
	*p = append(*p, s)
	return nil
}

// ruleFiles reads what paths name: files, directories and globs. Without any
// it is ./rules if that holds a rule file, else the built-in rules.
func ruleFiles(paths []string) ([]rules.File, error) {
	if len(paths) > 0 {
		found := asRules(watch.Read(paths))
		if len(found) == 0 {
			return nil, usage("rule files are called *.yml or *.yaml", "no rule file in %s", strings.Join(paths, ", "))
		}
		return found, nil
	}
	if found := localRules(); len(found) > 0 {
		return found, nil
	}
	return builtinRules(), nil
}

// usualRules is the directory whose rules are taken when none are named.
const usualRules = "rules"

// localRules are the rule files in it, if there are any.
func localRules() []rules.File {
	if info, err := os.Stat(usualRules); err != nil || !info.IsDir() {
		return nil
	}
	return asRules(watch.Read([]string{usualRules}))
}

func asRules(files watch.Files) []rules.File {
	var out []rules.File
	for _, f := range files {
		out = append(out, rules.File{Name: f.Name, Src: f.Data, Err: f.Err})
	}
	return out
}

// builtinRules are the rules that are part of the program.
func builtinRules() []rules.File {
	var out []rules.File
	for _, f := range examples.Rules() {
		out = append(out, rules.File{Name: "built-in:" + f.Name, Src: f.Data})
	}
	return out
}
