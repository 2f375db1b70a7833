package diag

import (
	"fmt"
	"sort"
	"strings"
)

// Finding is one complaint about one place.
type Finding struct {
	Pos      Pos
	Severity Severity
	Code     Code
	// Message says what is wrong, in one sentence without a full stop. It may
	// quote the file: it is data, and is escaped where it is printed.
	Message string
	// Hint says how to mend it; "" when there is nothing to add.
	Hint string
	// Group and Rule name the rule the finding is about, if it is about one.
	Group, Rule string
	// Related are other places that explain this one ("first used here").
	Related []Related
}

// Related is a place that helps to understand a finding.
type Related struct {
	Pos     Pos
	Message string
}

// New makes a finding of the code's severity.
func New(code Code, pos Pos, format string, args ...any) Finding {
	return Finding{Pos: pos, Severity: code.Severity(), Code: code, Message: fmt.Sprintf(format, args...)}
}

// WithHint returns the finding with a hint.
func (f Finding) WithHint(format string, args ...any) Finding {
	f.Hint = fmt.Sprintf(format, args...)
	return f
}

// WithRelated returns the finding with one more related place.
func (f Finding) WithRelated(pos Pos, message string) Finding {
	f.Related = append(f.Related[:len(f.Related):len(f.Related)], Related{pos, message})
	return f
}

// In returns the finding as one about the named group and rule.
func (f Finding) In(group, rule string) Finding {
	f.Group, f.Rule = group, rule
	return f
}

// String gives the first line of the text rendering, without colours.
func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s [%s]", Printable(f.Pos.String()), f.Severity, Printable(f.Message), f.Code)
}

// List collects findings; its zero value is empty and ready.
type List []Finding

// Add appends findings.
func (l *List) Add(findings ...Finding) { *l = append(*l, findings...) }

// Errorf appends a finding without a hint. The severity is that of the code.
func (l *List) Errorf(code Code, pos Pos, format string, args ...any) {
	l.Add(New(code, pos, format, args...))
}

// Sort orders by file, line, column and code; findings equal in all of these
// by message, so that the order never depends on how they were found.
func (l List) Sort() {
	sort.SliceStable(l, func(i, j int) bool {
		a, b := &l[i], &l[j]
		if c := a.Pos.compare(b.Pos); c != 0 {
			return c < 0
		}
		if a.Code != b.Code {
			return a.Code < b.Code
		}
		return a.Message < b.Message
	})
}

// HasErrors reports whether one of the findings is an error.
func (l List) HasErrors() bool { return l.Count(Error) > 0 }

// Count counts the findings of one severity.
func (l List) Count(s Severity) int {
	n := 0
	for i := range l {
		if l[i].Severity == s {
			n++
		}
	}
	return n
}

// Omitted says how many findings of a file were left out.
type Omitted struct {
	File  string
	Count int
}

// Limit keeps the first perFile findings of each file in order of position
// (0: all of them) and counts the rest. Errors are preferred: no warning is
// kept while an error of the same file is left out. l itself is not changed.
func (l List) Limit(perFile int) (List, []Omitted) {
	sorted := append(List(nil), l...)
	sorted.Sort()
	if perFile <= 0 {
		return sorted, nil
	}
	keep := make([]bool, len(sorted))
	kept := map[string]int{}
	for _, severity := range []Severity{Error, Warning, Info} {
		for i := range sorted {
			if file := sorted[i].Pos.File; sorted[i].Severity == severity && kept[file] < perFile {
				keep[i] = true
				kept[file]++
			}
		}
	}
	var out List
	var rest []Omitted
	for i := range sorted {
		file := sorted[i].Pos.File
		switch {
		case keep[i]:
			out = append(out, sorted[i])
		case len(rest) > 0 && rest[len(rest)-1].File == file:
			rest[len(rest)-1].Count++
		default:
			rest = append(rest, Omitted{file, 1})
		}
	}
	return out, rest
}

// Err returns nil when no finding is an error, else an *ListError.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	sorted, _ := l.Limit(0)
	return &ListError{List: sorted}
}

// ListError is a list of findings as an error.
type ListError struct {
	List List // sorted, with at least one error in it
}

// Error gives the first error, its hint, and how many others there are.
func (e *ListError) Error() string {
	var b strings.Builder
	more := e.List.Count(Error) - 1
	for _, f := range e.List {
		if f.Severity != Error {
			continue
		}
		b.WriteString(f.String())
		if f.Hint != "" {
			fmt.Fprintf(&b, " (%s)", Printable(f.Hint))
		}
		break
	}
	if more == 1 {
		b.WriteString(" and 1 more error")
	} else if more > 1 {
		fmt.Fprintf(&b, " and %d more errors", more)
	}
	return b.String()
}
