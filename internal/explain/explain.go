package explain

import (
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/rules"
)

// Explanation is what a rule does, in words.
type Explanation struct {
	// Fires is when the alert fires and when that ends, or when the record is
	// made. One or two sentences.
	Fires string
	// Notes are what else must be known, one or two sentences each, in the order
	// of importance.
	Notes []string
}

// Rule explains a rule.
func Rule(r *rules.Rule) Explanation {
	v := r.View()
	text := begins(r, v)
	if r.Record != "" {
		return Explanation{sentence("makes the event " + safe(r.Record) + " each time " + text), notes(r, v)}
	}
	text = "fires " + held(r, v, text)
	if end := over(r, v); end != "" {
		text += "; " + end
	}
	return Explanation{sentence(text), notes(r, v)}
}

// begins says when the condition begins: "one VM is paused".
func begins(r *rules.Rule, v rules.View) string {
	who := subject(r)
	within := " within " + span(r.Within)
	switch r.Form {
	case rules.FormCount:
		if r.Count == 1 {
			return happens(who, v.Match) + " for the first time in " + span(r.Within)
		}
		return happens(who, v.Match) + often(v.Match, r.Count) + within
	case rules.FormHaving:
		return "over the matches" + within + " (" + happens(who, v.Match) + ") " + safe(v.HavingWords())
	case rules.FormSequence:
		return who + " first " + steps(v.Steps, ", then ") + ", all" + within + without(r, v)
	case rules.FormAllOf:
		return who + " " + steps(v.Steps, ", and ") + ", all" + within + " in any order" + without(r, v)
	case rules.FormAbsent:
		return "for " + span(r.AbsentFor) + " it has not happened that " + happens(who, v.Match)
	}
	return happens(who, v.Match)
}

// often says how many matches it takes. The comma keeps that from being about the
// last event, or the last words of the condition, alone.
func often(p rules.PatternView, n int) string {
	switch {
	case len(p.Events) > 1 || strings.ContainsAny(p.Events[0], "*?["):
		return ", " + times(n) + " in all"
	case p.Expr != "":
		return ", " + times(n)
	}
	return " " + times(n)
}

// steps lists what the patterns are; the same one several times in a row is
// said once.
func steps(patterns []rules.PatternView, between string) string {
	var all []string
	for i := 0; i < len(patterns); {
		text, n := does(patterns[i]), 1
		for i+n < len(patterns) && does(patterns[i+n]) == text {
			n++
		}
		if n > 1 {
			text += " (" + times(n) + ")"
		}
		all = append(all, text)
		i += n
	}
	return strings.Join(all, between)
}

// without says what drops unfinished attempts.
func without(r *rules.Rule, v rules.View) string {
	if len(v.Until) == 0 {
		return ""
	}
	return ", unless " + endsOf(r, v.Until) + " before that is complete"
}

// held says "when …", or how long that must hold.
func held(r *rules.Rule, v rules.View, begins string) string {
	switch {
	case r.For == 0:
		return "when " + begins
	case r.HasResolve && (r.Form == rules.FormMatch || r.Form == rules.FormSequence || r.Form == rules.FormAllOf):
		return span(r.For) + " after " + begins + ", unless it ends before"
	}
	return "when " + begins + ", and that holds for " + span(r.For)
}

// over says when the alert ends.
func over(r *rules.Rule, v rules.View) string {
	if r.Notice() {
		return "closes " + span(r.KeepFiringFor) + " after the last time that happened, and nobody is told of that"
	}
	var all []string
	switch r.Form {
	case rules.FormCount:
		left := "none is left"
		if r.Count > 1 {
			left = "fewer than " + strconv.Itoa(r.Count) + " are left"
		}
		all = append(all, later(r.KeepFiringFor, left))
	case rules.FormHaving:
		all = append(all, later(r.KeepFiringFor, "that is no longer so"))
	case rules.FormAbsent:
		all = append(all, later(r.KeepFiringFor, "it happens again"))
	}
	if r.HasResolve {
		keep := r.KeepFiringFor
		if !r.KeepGiven {
			keep = 0 // the default of a window is not waited for
		}
		all = append(all, later(keep, endsOf(r, v.Resolve)))
	}
	if len(all) == 2 && strings.HasPrefix(all[1], "when ") && !strings.HasPrefix(all[0], "when ") {
		all[1] = "at once " + all[1]
	}
	text := "ends " + strings.Join(all, ", or ")
	if r.KeepGiven && r.KeepFiringFor > 0 {
		text += ", unless it begins again meanwhile"
	}
	return text
}

func later(keep time.Duration, what string) string {
	if keep == 0 {
		return "when " + what
	}
	return span(keep) + " after " + what
}
