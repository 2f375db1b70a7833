package rules

import "github.com/qmpalert/qmpalert/internal/diag"

// obey takes out what the comments of the files silence. With files that could
// not be read whole there may be comments whose finding was never looked for;
// these are not complained about.
func (l *loader) obey() {
	if len(l.comments) == 0 {
		return
	}
	broken := l.found.HasErrors()
	byFile := map[string]diag.List{}
	var rest diag.List
	for _, f := range l.found {
		if _, has := l.comments[f.Pos.File]; has {
			byFile[f.Pos.File] = append(byFile[f.Pos.File], f)
		} else {
			rest = append(rest, f)
		}
	}
	for file, c := range l.comments {
		rest = append(rest, c.Obey(byFile[file], func(code diag.Code) bool { return !broken && l.asked(code) })...)
	}
	l.found = rest
}

// asked reports whether findings of this code are looked for with these
// options.
func (l *loader) asked(code diag.Code) bool {
	switch code {
	case diag.YoungerThanQEMU:
		return l.opts.QEMU != ""
	case diag.ExpiredException:
		return l.opts.Now != 0
	case diag.RuleWithoutTest:
		return l.opts.WantTests
	case diag.NoFileMatches:
		return false // about configurations
	}
	return true
}
