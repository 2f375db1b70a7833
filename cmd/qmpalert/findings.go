package main

import (
	"io"
	"os"
	"path/filepath"

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

// ruleFiles reads what paths name: files, directories and globs. Without any
// it is ./rules if that holds a rule file, else the built-in rules.
func ruleFiles(paths []string) ([]rules.File, error) {
	if len(paths) > 0 {
		found := asRules(watch.Read(paths))
		if len(found) == 0 {
			return nil, usage("rule files are called *.yml or *.yaml", "no rule file in %s", filepath.Join(paths...))
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
