package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/internal/diag"
)

const maxParameters = 100 // of one name

// parameters reads the query of a URL. Unknown parameters are errors: a filter
// that is misspelled would show everything.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, Invalid("the query of the URL: %v", err)
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		switch {
		case len(known) == 0:
			return nil, Invalid("unknown parameter %.60q: there is none", name)
		case !slices.Contains(known, name):
			hint := diag.DidYouMean(name, known)
			if hint == "" {
				hint = "there are " + strings.Join(known, ", ")
			}
			return nil, Invalid("unknown parameter %.60q: %s", name, hint)
		case len(q[name]) > maxParameters:
			return nil, Invalid("%s: more than %d", name, maxParameters)
		}
	}
	return q, nil
}

// limited reads the parameter limit.
func limited(q url.Values, def, most int) (int, error) {
	text := q.Get("limit")
	if text == "" {
		return def, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, Invalid("limit: want a number from 1 to %d, not %.40q", most, text)
	}
	return n, nil
}

// instant reads a parameter that is a time; def when it is not there.
func instant(q url.Values, name string, def int64) (int64, error) {
	text := q.Get(name)
	if text == "" {
		return def, nil
	}
	us, err := event.ParseTime(text)
	if err != nil {
		return 0, Invalid("%s: want a time as 2026-11-21T14:02:00Z, not %.60q", name, text)
	}
	return us, nil
}

// filters reads the matchers that the labels of an alert have to meet; nil when
// there are none.
func filters(texts []string) (func(alert.Labels) bool, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	m, err := alertmanager.ParseMatcherList(texts)
	if err != nil {
		return nil, Invalid("filter: %v", err)
	}
	return func(ls alert.Labels) bool { return m.Match(ls) }, nil
}

// states are the words of the parameter state.
var states = map[string][]alert.Status{
	"active":   {alert.Pending, alert.Firing},
	"pending":  {alert.Pending},
	"firing":   {alert.Firing},
	"resolved": {alert.Resolved},
	"inactive": {alert.Inactive},
	"all":      {alert.Pending, alert.Firing, alert.Resolved, alert.Inactive},
}

// statuses reads the parameter state.
func statuses(words []string) ([]alert.Status, error) {
	if len(words) == 0 {
		words = []string{"active"}
	}
	var out []alert.Status
	for _, w := range words {
		of, ok := states[w]
		if !ok {
			return nil, Invalid("state: want active, pending, firing, resolved, inactive or all, not %.40q", w)
		}
		for _, s := range of {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// labels reads parameters of the form name=value.
func labels(pairs []string) (alert.Labels, error) {
	var out alert.Labels
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, Invalid("label: want name=value, not %.60q", pair)
		}
		if slices.ContainsFunc(out, func(l alert.Label) bool { return l.Name == name }) {
			return nil, Invalid("label: %.60q is there twice", name)
		}
		if value != "" {
			out = append(out, alert.Label{Name: name, Value: value})
		}
	}
	out.Sort()
	return out, nil
}
