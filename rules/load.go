package rules

import (
	"bytes"
	"fmt"

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
}

// MaxFindings bounds the findings about one file; the rest is counted.
const MaxFindings = 200

// Load reads, checks and compiles all files. The findings are sorted by
// position and about all files; the set is nil if one of them is an error.
func Load(files []File, opts Options) (*Set, diag.List) {
	l := &loader{opts: opts, cache: newProgramCache(), comments: map[string]comments{}, gates: map[gateKey]bool{}}
	var specs []*spec
	for _, f := range files {
		specs = append(specs, l.read(f)...)
	}
	l.uniqueNames(specs)
	set := &Set{}
	for _, s := range specs {
		set.add(l.compile(s))
	}
	l.obey()
	found := bounded(l.found)
	if found.HasErrors() {
		return nil, found
	}
	return set, found
}

// loader is the work on one set of files.
type loader struct {
	opts  Options
	found diag.List
	cache *programCache
	// comments of each file that silence findings, for files that have some
	comments map[string]comments
	gates    map[gateKey]bool // that were told of
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
	if c := ignoresIn(f.Name, f.Src, root); len(c.ignores) > 0 {
		l.comments[f.Name] = c
	}
	p := &fileParser{found: &l.found}
	return p.file(root)
}

// uniqueNames complains about alert names that stand twice in the whole set.
func (l *loader) uniqueNames(specs []*spec) {
	first := make(map[string]*spec, len(specs))
	for _, s := range specs {
		if s.Alert == nil {
			continue
		}
		name := s.Alert.Value
		before := first[name]
		if before == nil {
			first[name] = s
			continue
		}
		l.found.Add(diag.New(diag.DuplicateAlert, s.Alert.Pos, "the alert name `%s` stands twice in the rule set", name).
			WithHint("alerts are told apart by name: rename one of them").
			WithRelated(before.Alert.Pos, "first used here").In(s.Group.name(), name))
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
