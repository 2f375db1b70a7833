package telemetry

import "github.com/prometheus/client_golang/prometheus"

// metric is a family whose values are in the View.
type metric struct {
	name   string // without the prefix
	help   string
	kind   prometheus.ValueType
	labels []string
	values func(v *View, add func(value float64, labels ...string))
}

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

func count(get func(v *View) uint64) func(*View, func(float64, ...string)) {
	return func(v *View, add func(float64, ...string)) { add(float64(get(v))) }
}

func level[N int | int64](get func(v *View) N) func(*View, func(float64, ...string)) {
	return func(v *View, add func(float64, ...string)) { add(float64(get(v))) }
}

// byWord has a value for each word of a map. Those of always are there with 0,
// too: what begins to exist when it first happens looks to rate() as if it had
// not happened.
func byWord[N int | uint64](get func(v *View) map[string]N, always ...string) func(*View, func(float64, ...string)) {
	return func(v *View, add func(float64, ...string)) {
		for _, word := range always {
			add(0, word)
		}
		for word, n := range get(v) {
			add(float64(n), word)
		}
	}
}

func perRule(get func(r *Rule) float64) func(*View, func(float64, ...string)) {
	return func(v *View, add func(float64, ...string)) {
		for i := range v.Rules {
			r := &v.Rules[i]
			add(get(r), r.Group, r.Name)
		}
	}
}

func perEndpoint(get func(e *Endpoint) float64) func(*View, func(float64, ...string)) {
	return func(v *View, add func(float64, ...string)) {
		for i := range v.Outbox {
			e := &v.Outbox[i]
			add(get(e), e.Receiver, e.Name)
		}
	}
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

var (
	reason   = []string{"reason"}
	state    = []string{"state"}
	rule     = []string{"group", "rule"}
	endpoint = []string{"receiver", "endpoint"}
)

// metrics are the families of the View, in the order of the path of an event.
var metrics = []metric{
	{"events_received_total", "Events that sources read.", counter, nil, count(func(v *View) uint64 { return v.Events.Received })},
	{"events_evaluated_total", "Events that the rules have seen.", counter, nil, count(func(v *View) uint64 { return v.Events.Evaluated })},
	{"events_dropped_total", "Events that were lost before the rules saw them.", counter, reason, byWord(func(v *View) map[string]uint64 { return v.Events.Dropped }, "queue")},
	{"events_pending", "Events that were read and wait for the rules.", gauge, nil, func(v *View, add func(float64, ...string)) { add(float64(v.Events.Pending)) }},
	{"events_late_total", "Events that came after the rules had passed their time; they are evaluated all the same.", counter, nil, count(func(v *View) uint64 { return v.Events.Late })},
	{"values_skipped_total", "What sources read that is no event, or not all of one.", counter, reason, byWord(func(v *View) map[string]uint64 { return v.Events.Skipped }, "damaged", "oversized", "mistyped")},
	{"sources", "Connections, and patterns that nothing matches.", gauge, state, byWord(func(v *View) map[string]int { return v.Sources }, "connected", "waiting", "busy", "denied", "not QMP")},

	{"rules", "Rules that are loaded.", gauge, nil, level(func(v *View) int { return len(v.Rules) })},
	{"rule_evaluations_total", "Events that a rule looked at.", counter, rule, perRule(func(r *Rule) float64 { return float64(r.Evaluations) })},
	{"rule_evaluation_seconds_total", "Time that a rule took.", counter, rule, perRule(func(r *Rule) float64 { return r.Time.Seconds() })},
	{"rule_windows_open", "Keys of a rule whose state is kept.", gauge, rule, perRule(func(r *Rule) float64 { return float64(r.Windows) })},
	{"rule_suspended", "1 for a rule that was too slow and is not evaluated.", gauge, rule, perRule(func(r *Rule) float64 { return oneIf(r.Suspended) })},

	{"alerts", "Alerts that are not over.", gauge, []string{"status"}, func(v *View, add func(float64, ...string)) {
		add(float64(v.Alerts.Pending), "pending")
		add(float64(v.Alerts.Firing), "firing")
	}},
	{"alerts_muted", "Firing alerts of which nobody is told.", gauge, reason, byWord(func(v *View) map[string]int { return v.Alerts.Muted }, "silenced", "inhibited", "hours")},
	{"silences", "Silences that are not over.", gauge, state, byWord(func(v *View) map[string]int { return v.Silences }, "active", "pending")},

	{"notifications_put_total", "Messages that were decided for an endpoint.", counter, endpoint, perEndpoint(func(e *Endpoint) float64 { return float64(e.Put) })},
	{"notifications_delivered_total", "Messages that an endpoint has, also as a part of another message.", counter, endpoint, perEndpoint(func(e *Endpoint) float64 { return float64(e.Delivered) })},
	{"outbox_queued", "Messages that wait.", gauge, endpoint, perEndpoint(func(e *Endpoint) float64 { return float64(e.Queued) })},
	{"outbox_oldest_seconds", "How long the first message of the queue has waited.", gauge, endpoint, perEndpoint(func(e *Endpoint) float64 { return e.Oldest.Seconds() })},
	{"outbox_paused", "1 while an endpoint failed so often that only a probe is tried.", gauge, endpoint, perEndpoint(func(e *Endpoint) float64 { return oneIf(e.Paused) })},
	{"dead_letters", "Messages that were given up and can be sent again by hand.", gauge, nil, level(func(v *View) int { return v.DeadLetters })},

	{"journal_bytes", "Size of the journal of events on disk.", gauge, nil, level(func(v *View) int64 { return v.Journal.Bytes })},
	{"journal_records_total", "Events that were written to the journal.", counter, nil, count(func(v *View) uint64 { return v.Journal.Records })},
	{"journal_append_errors_total", "Writes to the journal that failed.", counter, nil, count(func(v *View) uint64 { return v.Journal.AppendErrors })},
	{"store_bytes", "Size of the database on disk.", gauge, nil, level(func(v *View) int64 { return v.Store.Bytes })},
	{"store_damaged_total", "Damaged records that were put into quarantine.", counter, []string{"kind"}, byWord(func(v *View) map[string]uint64 { return v.Store.Damage })},
	{"store_commit_errors_total", "Transactions that failed.", counter, nil, count(func(v *View) uint64 { return v.Store.CommitErrors })},
	{"store_degraded", "1 while decisions are kept in memory only, because they cannot be written.", gauge, nil, func(v *View, add func(float64, ...string)) { add(oneIf(v.Store.Degraded)) }},
}
