package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/notifiers/body"
	"github.com/qmpalert/qmpalert/rules"
)

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [PATH]…",
		Short: "Find what is wrong with rule files and the configuration",
		Long: `Reads rule files and configurations the way run does and prints every finding:
file, line and column, what is wrong, and how to mend it. Directories are read
recursively (*.yml, *.yaml), but not those called testdata. A file with "groups"
is a rule file, any other a configuration if it looks like one; the rule files
that a configuration names are checked with it, and so are the names of
receivers. A secret that cannot be read is a warning here, for run an error.

Without PATH it checks ./qmpalert.yml if there is one, else ./rules.

With --qemu it also tells of events, members and values that are younger than the
oldest QEMU you have. With -v it says in plain English what each rule does.

A warning that is meant so is silenced on its line, or the line above, with a
reason: # qmpalert:ignore Q301 every disk of the VM goes on
Each code has a page: qmpalert explain Q301

The exit code is 1 when there is an error (with --strict also for a warning),
2 when nothing could be checked, else 0.`,
		Example: `  qmpalert check
  qmpalert check rules/ qmpalert.yml
  qmpalert check --qemu 7.2 -v rules/
  qmpalert check --strict -o github rules/     # in a pull request`,
	}
	output := outputFlag(cmd, formatText, formatJSON, formatGitHub)
	strict := cmd.Flags().Bool("strict", false, "warnings count as errors")
	qemu := cmd.Flags().String("qemu", "", "the oldest `release` of QEMU that the rules are for, such as 7.2")
	verbose := cmd.Flags().BoolP("verbose", "v", false, "say in plain English what each rule does")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *qemu != "" && !rules.ValidQEMU(*qemu) {
			return usage("a release has two or three numbers, such as 7.2 or 9.0.1", "check: %q is not a release of QEMU", *qemu)
		}
		c, err := gather(args)
		if err != nil {
			return err
		}
		c.options = rules.Options{QEMU: *qemu, Now: time.Now().UnixMicro(), WantTests: true}
		c.check()
		if *verbose && *output == formatText {
			if err := c.explain(cmd.OutOrStdout()); err != nil {
				return err
			}
		}
		if err := c.print(cmd.OutOrStdout(), *output); err != nil {
			return err
		}
		if c.findings.HasErrors() || *strict && c.findings.Count(diag.Warning) > 0 {
			return silent(exitFindings)
		}
		return nil
	}
	return cmd
}

// checkup is what check looks at and what it finds.
type checkup struct {
	configs   []watch.File
	ruleFiles []watch.File

	options  rules.Options
	set      *rules.Set // nil with errors
	findings diag.List
}

// gather reads what paths name and tells configurations from rule files.
func gather(paths []string) (*checkup, error) {
	if len(paths) == 0 {
		paths = usual()
		if len(paths) == 0 {
			return nil, usage("name what to check: qmpalert check rules/", "check: there is neither ./qmpalert.yml nor ./rules here")
		}
	}
	for _, p := range paths {
		if _, err := os.Stat(p); err != nil && !watch.IsGlob(p) {
			return nil, fmt.Errorf("check: %w", err)
		}
	}
	files := watch.Read(paths)
	if len(files) == 0 {
		return nil, usage("rule files are called *.yml or *.yaml", "check: no file in %s", strings.Join(paths, ", "))
	}
	c := &checkup{}
	for _, f := range files {
		if f.Err == nil && isConfig(f) {
			c.configs = append(c.configs, f)
		} else {
			c.ruleFiles = append(c.ruleFiles, f)
		}
	}
	return c, nil
}

// usual is what is checked when nothing is named.
func usual() []string {
	for _, p := range []string{"qmpalert.yml", "rules"} {
		if _, err := os.Stat(p); err == nil {
			return []string{p}
		}
	}
	return nil
}

// The keys by which a file is known, of which the two kinds have none in
// common.
var (
	ruleKeys   = []string{"groups", "lists", "macros", "tests"}
	configKeys = []string{
		"host", "external_url", "sources", "rule_files", "route", "receivers",
		"web", "storage", "heartbeat", "inhibit_rules", "time_intervals",
	}
)

// isConfig tells a configuration from a rule file: by its keys, else by its
// name.
func isConfig(f watch.File) bool {
	root, _ := yamldoc.Parse(f.Name, f.Data)
	has := func(keys []string) bool {
		return slices.ContainsFunc(keys, func(key string) bool { return root != nil && root.Get(key) != nil })
	}
	switch {
	case has(ruleKeys):
		return false
	case has(configKeys):
		return true
	}
	return strings.HasPrefix(filepath.Base(f.Name), "qmpalert.")
}

// check fills in the findings.
func (c *checkup) check() {
	var configs []*config.Config
	for _, f := range c.configs {
		cfg, _, findings := config.LoadFile(f.Name)
		c.findings.Add(findings...)
		if cfg == nil {
			continue
		}
		configs = append(configs, cfg)
		// Without a configuration nobody says which receivers there are.
		c.options.Receivers = append(append([]string{}, c.options.Receivers...), cfg.ReceiverNames()...)
		c.secrets(cfg)
		c.bodies(cfg)
		c.addRuleFiles(cfg)
	}
	set, findings := rules.Load(asRules(c.ruleFiles), c.options)
	c.set = set
	c.findings.Add(findings...)
	if set != nil { // else nobody knows what the rules name
		for _, cfg := range configs {
			c.findings.Add(cfg.CheckRules(namedBy(set))...)
		}
	}
	c.testFiles()
	c.findings.Sort()
}

// namedBy is what a configuration has to know of its rules.
func namedBy(set *rules.Set) config.Named {
	var n config.Named
	for _, r := range set.Rules() {
		n.Receivers = append(n.Receivers, r.Receivers...)
		if r.Record == "" {
			n.Alerts = append(n.Alerts, r.Name)
		}
	}
	return n
}

// explain says what each rule does.
func (c *checkup) explain(w io.Writer) error {
	if c.set.Len() == 0 {
		return nil
	}
	if err := printExplained(w, colours(w), formatText, c.set.Rules()); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w)
	return err
}

// secrets reports secret files that cannot be read. It is a warning here: where
// rules are checked, the secrets often are not.
func (c *checkup) secrets(cfg *config.Config) {
	for _, f := range cfg.CheckFiles() {
		f.Severity = diag.Warning
		f.Hint = "on the host it has to be there: run does not start without it"
		c.findings.Add(f)
	}
}

// bodies checks the texts in bodies of webhooks.
func (c *checkup) bodies(cfg *config.Config) {
	for _, r := range cfg.Receivers {
		for _, w := range r.Webhook {
			if w.Body != nil {
				body.Compile(w.Body, &c.findings)
			}
		}
	}
}

// addRuleFiles adds those that a configuration names, or that lie beside it
// where it names none, unless they were named already.
func (c *checkup) addRuleFiles(cfg *config.Config) {
	patterns := cfg.RuleFiles
	if beside := filepath.Join(filepath.Dir(cfg.File), "rules"); patterns == nil {
		if _, err := os.Stat(beside); err == nil {
			patterns = []string{beside}
		}
	}
	for _, p := range patterns {
		files := watch.Read([]string{p})
		if len(files) == 0 {
			c.findings.Add(diag.New(diag.NoFileMatches, diag.Pos{File: cfg.File}, "rule_files: no file matches %s", p))
		}
		for _, f := range files {
			if !slices.ContainsFunc(c.ruleFiles, func(g watch.File) bool { return filepath.Clean(g.Name) == f.Name }) {
				c.ruleFiles = append(c.ruleFiles, f)
			}
		}
	}
}

func (c *checkup) print(w io.Writer, f format) error {
	switch f {
	case formatJSON:
		return diag.JSON(w, c.findings)
	case formatGitHub:
		return diag.GitHub(w, c.findings)
	}
	err := diag.Text(w, c.findings, diag.TextOptions{Sources: readSource, Color: bool(colours(w)), MaxPerFile: maxShown})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, c.summary())
	return err
}

// summary is the last line for people.
func (c *checkup) summary() string {
	text := plural(len(c.configs)+len(c.ruleFiles), "file")
	if !c.findings.HasErrors() {
		text += ", " + plural(c.set.Len(), "rule")
	}
	var counts []string
	for _, s := range []diag.Severity{diag.Error, diag.Warning} {
		if n := c.findings.Count(s); n > 0 {
			counts = append(counts, plural(n, string(s)))
		}
	}
	if n := c.findings.Count(diag.Info); n > 0 {
		counts = append(counts, plural(n, "remark"))
	}
	if len(counts) == 0 {
		counts = []string{"no findings"}
	}
	return text + ": " + strings.Join(counts, ", ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
