package body

import (
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// Name is one name of the expressions in a body.
type Name struct {
	Name string
	Type lang.Type
	Doc  string // what it is, in words without a full stop
	get  func(*view) qmp.Value
}

// names are those that a notification has, beside the fixed ones of every
// expression: host and vm.name are those of all alerts if they are equal, time
// is when the message was decided.
var names = []Name{
	{"status", lang.StringType, "`firing`, or `resolved` when every alert is", (*view).status},
	{"kind", lang.StringType, "what the message is for: `firing`, `resolved`, `repeat`, `update`, `escalation`, `silence`, `digest`", (*view).kind},
	{"title", lang.StringType, "one line: status, severity and name", (*view).title},
	{"summary", lang.StringType, "one line: what is wrong", (*view).summary},
	{"description", lang.StringType, "the description of a single alert, several lines", (*view).description},
	{"text", lang.StringType, "the whole message as plain text, at most 3,500 characters", (*view).text},
	{"severity", lang.StringType, "that of the worst alert", (*view).severity},
	{"alertname", lang.StringType, "that of all alerts, if it is the same", func(v *view) qmp.Value { return v.common("alertname") }},
	{"count", lang.IntType, "how many events matched, in all alerts together", (*view).count},
	{"total", lang.IntType, "how many alerts the group has, also those that `alerts` leaves out", func(v *view) qmp.Value { return number(len(v.n.Alerts)) }},
	{"firing", lang.IntType, "how many of them fire", (*view).firing},
	{"resolved", lang.IntType, "how many of them are resolved", (*view).resolved},
	{"starts_at", lang.TimeType, "when the first alert fired", (*view).startsAt},
	{"ends_at", lang.TimeType, "when the last alert was resolved, once all are", (*view).endsAt},
	{"duration", lang.IntType, "seconds from `starts_at` to `ends_at`, or to now", (*view).duration},
	{"labels", lang.AnyType, "labels that all alerts have in common: `labels.team`", (*view).commonLabels},
	{"common_labels", lang.AnyType, "the same", (*view).commonLabels},
	{"group_labels", lang.AnyType, "labels that the route groups by", func(v *view) qmp.Value { return object(v.n.GroupLabels, maxLabel) }},
	{"annotations", lang.AnyType, "annotations that all alerts have in common", (*view).commonAnnotations},
	{"common_annotations", lang.AnyType, "the same", (*view).commonAnnotations},
	{"alerts", lang.AnyType, "the alerts, each with the members below", (*view).alerts},
	{"facts", lang.AnyType, "the facts of the first alert: a list of `{name, value}`", (*view).facts},
	{"receiver", lang.StringType, "name of the receiver", func(v *view) qmp.Value { return line(v.n.Receiver) }},
	{"route", lang.StringType, "the route that led there", func(v *view) qmp.Value { return line(v.n.Route) }},
	{"id", lang.StringType, "id of the message: a repeat of it has the same", func(v *view) qmp.Value { return line(v.n.ID) }},
	{"group_key", lang.StringType, "what the group is, in words", func(v *view) qmp.Value { return line(v.n.GroupKey) }},
	{"group_id", lang.StringType, "the same as 32 hex digits, for services that want a short key", (*view).groupID},
	{"external_url", lang.StringType, "where qmpalert can be reached", func(v *view) qmp.Value { return line(v.n.ExternalURL) }},
	{"escalated", lang.StringType, "the receiver that was told because nobody acknowledged", func(v *view) qmp.Value { return line(v.n.Escalated) }},
	{"acks", lang.AnyType, "who acknowledged: a list of `{by, comment, at, fingerprint}`", (*view).acks},
	{"timeline", lang.AnyType, "the life of the group: a list of `{at, what, names, more, by, text}`", (*view).timeline},
	{"silence", lang.AnyType, "the silence that ends soon: `{id, matchers, starts_at, ends_at, created_by, comment}`", (*view).silence},
	{"digest", lang.AnyType, "the messages that this one stands for: a list of `{at, kind, status, summary, alerts, labels}`", (*view).digest},
	{"test", lang.BoolType, "true in the message of `qmpalert notify test`", func(v *view) qmp.Value { return qmp.Bool(v.n.Test) }},
}

// alertNames are the members of each object in `alerts`, with what they are.
var alertNames = [][2]string{
	{"status", "`firing` or `resolved`"},
	{"title", "one line: status, severity and name"},
	{"summary", "one line: what is wrong"},
	{"description", "several lines, or null"},
	{"severity", "its severity"},
	{"alertname", "its name"},
	{"host", "the host, or null"},
	{"vm", "`{name}`, or null: `.vm.name`"},
	{"count", "how many events matched"},
	{"starts_at", "when it fired"},
	{"ends_at", "when it was resolved, or null"},
	{"duration", "seconds from `starts_at` to `ends_at`, or to now"},
	{"outcome", "why it is over, in words, or null"},
	{"labels", "its labels"},
	{"annotations", "its annotations"},
	{"fingerprint", "its fingerprint, 16 hex digits"},
	{"facts", "a list of `{name, value}`, as the mail shows them"},
	{"evidence", "the events that made it, a list of lines"},
}

// Names lists the names that expressions know, in the order of the manual, and
// AlertNames the members of each item of `alerts`, each with what it is.
func Names() []Name { return names }

// AlertNames lists the members of each item of `alerts`: name and meaning.
func AlertNames() [][2]string { return alertNames }

// env is what the names mean to the compiler of the language.
var env = func() lang.Env {
	e := lang.Env{Event: &qmp.Def{Name: "the notification"}}
	for i, n := range names {
		e.Vars = append(e.Vars, lang.ValueVar(n.Name, n.Type, i))
	}
	return e
}()
