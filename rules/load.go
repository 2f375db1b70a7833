package rules

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// File is a rule file as the caller read it.
type File struct {
	Name string // as it is shown in findings
	Src  []byte // not kept
	Err  error  // it could not be read: becomes a finding
}

// Options of Load; the zero value checks everything that needs no
// configuration.
type Options struct {
	// Receivers are the names that the configuration has. Nil: not checked.
	Receivers []string
	// Now is the time at which exceptions are expired, in microseconds since
	// 1970; 0: not known, nothing is said about them.
	Now int64
	// Screendump allows `attach: screendump`, which shows what guests show.
	Screendump bool
	// QEMU is the oldest release in use, such as 7.2; "": not known.
	QEMU string
	// WantTests tells of rules without a test.
	WantTests bool
}

// MaxFindings bounds the findings about one file; the rest is counted.
const MaxFindings = 200

// Load reads, checks and compiles all files. The findings are sorted by
// position and about all files; the set is nil if one of them is an error.
func Load(files []File, opts Options) (*Set, diag.List) {
	l := newLoader(opts)
	_, all := l.load(files)
	found := bounded(l.found)
	if found.HasErrors() {
		return nil, found
	}
	return newSet(all), found
}

func newLoader(opts Options) *loader {
	return &loader{opts: opts, cache: newProgramCache(),
		comments: map[string]yamldoc.Ignores{}, gates: map[gateKey]bool{}, told: map[diag.Pos]bool{}}
}

// load reads and compiles all files; of what use that is, the findings say. Each
// rule has the place of its spec.
func (l *loader) load(files []File) ([]*spec, []*Rule) {
	var specs []*spec
	for _, f := range files {
		specs = append(specs, l.read(f)...)
	}
	l.uniqueNames(specs)
	l.findRecords(specs)
	all := make([]*Rule, len(specs))
	for _, i := range l.inOrder(specs) {
		all[i] = l.compile(specs[i])
	}
	l.checkInhibits(specs, all)
	l.bindTests(specs, all)
	l.obey()
	return specs, all
}

// loader is the work on one set of files.
type loader struct {
	opts  Options
	found diag.List
	cache *programCache
	// comments of each file that silence findings, for files that have some
	comments map[string]yamldoc.Ignores
	gates    map[gateKey]bool  // that were told of
	told     map[diag.Pos]bool // complaints about macros, which every use finds again
	records
}

// read turns one file into the specs of its rules.
func (l *loader) read(f File) []*spec {
	whole := diag.Pos{File: f.Name}
	if f.Err != nil {
		l.found.Errorf(diag.Unreadable, whole, "the file cannot be read: %v", f.Err)
		return nil
	}
	// An editor that truncates before it writes must not look like somebody
	// who wants no rules.
	if len(bytes.TrimSpace(f.Src)) == 0 {
		l.found.Add(diag.New(diag.MissingKey, whole, "the file is empty").
			WithHint("a file without rules says so: `groups: []`"))
		return nil
	}
	root, found := yamldoc.Parse(f.Name, f.Src)
	l.found.Add(found...)
	if root == nil {
		return nil
	}
	if c := yamldoc.FindIgnores(f.Name, f.Src, root); c.Any() {
		l.comments[f.Name] = c
	}
	p := &fileParser{found: &l.found}
	return p.file(root)
}

// uniqueNames complains about names of alerts and records that stand twice in
// the whole set.
func (l *loader) uniqueNames(specs []*spec) {
	first := make(map[string]*spec, len(specs))
	for _, s := range specs {
		n := s.named()
		if n == nil {
			continue
		}
		before := first[n.Value]
		if before == nil {
			first[n.Value] = s
			continue
		}
		what, why := "the alert name", "alerts are told apart by name: rename one of them"
		switch {
		case s.Alert == nil && before.Alert == nil:
			what, why = "the record", "each record is made by one rule: rename one of them"
		case s.Alert == nil || before.Alert == nil:
			what, why = "the name", "alerts and records are told apart by name: rename one of them"
		}
		l.found.Add(diag.New(diag.DuplicateAlert, n.Pos, "%s `%s` stands twice in the rule set", what, n.Value).
			WithHint("%s", why).WithRelated(before.named().Pos, "first used here").In(s.Group.name(), n.Value))
	}
}

// checkInhibits looks up the alerts that rules silence.
func (l *loader) checkInhibits(specs []*spec, all []*Rule) {
	alerts := make(map[string]bool, len(specs))
	var names []string
	for _, s := range specs {
		if s.Alert != nil && !alerts[s.Alert.Value] {
			alerts[s.Alert.Value] = true
			names = append(names, s.Alert.Value)
		}
	}
	slices.Sort(names)
	for i, s := range specs {
		c := &compiler{loader: l, spec: s}
		all[i].Inhibits = c.inhibits(alerts, names)
	}
}

// bounded sorts the findings and cuts them per file.
func bounded(all diag.List) diag.List {
	kept, omitted := all.Limit(MaxFindings)
	for _, o := range omitted {
		kept.Errorf(diag.MoreFindings, diag.Pos{File: o.File}, "%s", moreFindings(o.Count))
	}
	kept.Sort()
	return kept
}

func moreFindings(n int) string {
	if n == 1 {
		return "1 more finding is not shown"
	}
	return fmt.Sprintf("%d more findings are not shown", n)
}
