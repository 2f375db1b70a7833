package ruletest

import (
	"slices"

	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Who writes a test does not know the fingerprint that a QMPALERT_ANSWER needs.
// One without answers the oldest question of that query that its VM was asked
// until then and that was not answered. As an answer may lead to further
// questions, the test is played until each answer that can have a question has
// one.

// answers reports whether the test answers what `confirm` asks. Otherwise
// nothing is asked.
func answers(t *rules.Test) bool {
	return slices.ContainsFunc(t.Input, func(in rules.TestInput) bool { return in.Event.Kind == qmp.KindQMPAlertAnswer })
}

// address gives a question to the first answer in events that has none, and
// reports whether there was such a pair. events is changed, what it points to is
// not.
func address(events []*event.Event, questions []engine.Question) bool {
	var open []engine.Question
	for _, q := range questions {
		answered := slices.ContainsFunc(events, func(e *event.Event) bool {
			a, ok := e.Data.(*qmp.QMPAlertAnswer)
			return ok && a.Fingerprint.V == q.Fingerprint.String() && e.Time >= q.At
		})
		if !answered {
			open = append(open, q)
		}
	}
	for i, e := range events {
		a, ok := e.Data.(*qmp.QMPAlertAnswer)
		if !ok || a.Fingerprint.V != "" {
			continue
		}
		for _, q := range open {
			if q.Host != e.Host || q.VM != e.VM.Name || q.Query != a.Query.V || q.At > e.Time {
				continue
			}
			to := *a
			to.Fingerprint = qmp.Some(q.Fingerprint.String())
			c := *e
			c.Event = qmp.MakeEvent(&to, e.Time)
			events[i] = &c
			return true
		}
	}
	return false
}
