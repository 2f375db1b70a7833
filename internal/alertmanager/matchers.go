package alertmanager

import (
	"reflect"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"
)

const maxText = 4 << 10 // bytes of one text of matchers

// Labels are what matchers are compared with. Get returns "" for a label that
// is not there: for matchers the two are the same.
type Labels interface{ Get(name string) string }

// Matchers are conditions on labels that must all hold. The zero value holds
// for everything. It is immutable and safe for concurrent use.
type Matchers struct{ list labels.Matchers }

// ParseMatchers reads matchers in Alertmanager's text form: `severity="critical"`,
// or several with commas, with or without braces around them. The empty text
// and `{}` are no condition; one of more than 4 KiB is an error. Like Alertmanager it reads the form with UTF-8
// names, and where only the older form makes sense of a text, that one. An error
// is a *MatcherError.
func ParseMatchers(text string) (Matchers, error) {
	if len(text) > maxText {
		return Matchers{}, &MatcherError{Text: text[:40] + "…", Column: 1, Width: 1, What: "more than 4 KiB", Hint: matcherHint}
	}
	list, err := parse.Matchers(text)
	classic, classicErr := labels.ParseMatchers(text)
	if err == nil && slices.ContainsFunc(list, func(m *labels.Matcher) bool { return m.Name == "" }) {
		e := &MatcherError{Text: text, What: "a label without a name", Hint: matcherHint}
		e.place(strings.Index(text, `""`), 2)
		return Matchers{}, e
	}
	switch {
	case err != nil && classicErr != nil:
		return Matchers{}, matcherError(text, err)
	case err != nil, classicErr == nil && !reflect.DeepEqual(list, labels.Matchers(classic)):
		return Matchers{classic}, nil // what Alertmanager does with a text of two readings
	}
	return Matchers{list}, nil
}

// ParseMatcherList reads a list as `matchers:` in a route has it: each text may
// hold several, and all of all texts must hold. An error is a *MatcherError
// whose Index says which text.
func ParseMatcherList(texts []string) (Matchers, error) {
	var all Matchers
	for i, text := range texts {
		m, err := ParseMatchers(text)
		if err != nil {
			bad := *err.(*MatcherError)
			bad.Index = i
			return Matchers{}, &bad
		}
		all.list = append(all.list, m.list...)
	}
	return all, nil
}

// Match says that all conditions hold.
func (m Matchers) Match(l Labels) bool {
	for _, one := range m.list {
		if !one.Matches(l.Get(one.Name)) {
			return false
		}
	}
	return true
}

// MatchesEmpty says that labels of which none has a value match, so that a
// silence with these matchers would hide nearly everything.
func (m Matchers) MatchesEmpty() bool { return m.Match(none{}) }

type none struct{}

func (none) Get(string) string { return "" }

// Len is the number of conditions.
func (m Matchers) Len() int { return len(m.list) }

// Equals returns the value that a condition wants a label to have exactly; ok
// is false when none does.
func (m Matchers) Equals(name string) (value string, ok bool) {
	for _, one := range m.list {
		if one.Type == labels.MatchEqual && one.Name == name {
			return one.Value, true
		}
	}
	return "", false
}

// List returns the conditions one by one in their canonical text, in the order
// in which they were written.
func (m Matchers) List() []string {
	out := make([]string, 0, len(m.list))
	for _, one := range m.list {
		out = append(out, one.String())
	}
	return out
}

// String is the canonical text: the conditions sorted, each once, in braces.
// Matchers with the same text hold for the same labels; ParseMatchers reads it
// back.
func (m Matchers) String() string {
	list := slices.Clone(m.list)
	slices.SortStableFunc(list, func(a, b *labels.Matcher) int {
		switch pair := (labels.Matchers{a, b}); {
		case pair.Less(0, 1):
			return -1
		case pair.Less(1, 0):
			return 1
		}
		return 0
	})
	list = slices.CompactFunc(list, func(a, b *labels.Matcher) bool {
		return a.Type == b.Type && a.Name == b.Name && a.Value == b.Value
	})
	return list.String()
}
