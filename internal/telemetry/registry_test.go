package telemetry

import (
	"io"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// busy is a View with something everywhere.
func busy() View {
	return View{
		Events: Events{
			Received: 10, Evaluated: 7, Dropped: map[string]uint64{"queue": 1}, Pending: 2, Late: 3,
			Skipped: map[string]uint64{"damaged": 4, "oversized": 1},
		},
		Sources: map[string]int{"connected": 2, "waiting": 1},
		Rules: []Rule{
			{Group: "g", Name: "A", Evaluations: 5, Time: 1500 * time.Millisecond, Windows: 2},
			{Group: "g", Name: "B", Evaluations: 1, Suspended: true},
		},
		Alerts:   Alerts{Pending: 1, Firing: 2, Muted: map[string]int{"silenced": 1}},
		Silences: map[string]int{"active": 1},
		Outbox: []Endpoint{
			{Receiver: "ops", Name: "email", Put: 5, Delivered: 3, Queued: 1, Oldest: 90 * time.Second, Paused: true},
		},
		DeadLetters: 1,
		Journal:     Journal{Bytes: 1 << 20, Records: 7, AppendErrors: 1},
		Store:       Store{Bytes: 1 << 16, Damage: map[string]uint64{"checkpoint": 1}, CommitErrors: 2, Degraded: true},
	}
}

// full is a registry in which every family has a value.
func full() *Registry {
	r := New("1.2.3", "abc")
	r.Watch(busy)
	r.Tried("ops", "email", OutcomeAccepted)
	r.Accepted("ops", "email", 40*time.Millisecond)
	r.Died("ops", "email", "rejected", 1)
	r.Reloaded(true, time.Unix(1_800_000_000, 500_000_000))
	r.Heartbeat(true)
	r.Request("GET /api/v1/status", 200)
	return r
}

func compare(t *testing.T, r *Registry, want string, names ...string) {
	t.Helper()
	for i := range names {
		names[i] = prefix + names[i]
	}
	if err := testutil.GatherAndCompare(r.reg, strings.NewReader(want), names...); err != nil {
		t.Error(err)
	}
}

func TestLint(t *testing.T) {
	problems, err := testutil.GatherAndLint(full().reg)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, prefix) {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// TestEveryFamilyHasAValue: none is forgotten between the View and the scrape.
func TestEveryFamilyHasAValue(t *testing.T) {
	families, err := full().reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]bool)
	for _, f := range families {
		got[f.GetName()] = true
	}
	for _, m := range metrics {
		if !got[prefix+m.name] {
			t.Errorf("%s has no value", m.name)
		}
	}
}

func TestView(t *testing.T) {
	compare(t, full(), `
# HELP qmpalert_events_dropped_total Events that were lost before the rules saw them.
# TYPE qmpalert_events_dropped_total counter
qmpalert_events_dropped_total{reason="queue"} 1
# HELP qmpalert_rule_evaluation_seconds_total Time that a rule took.
# TYPE qmpalert_rule_evaluation_seconds_total counter
qmpalert_rule_evaluation_seconds_total{group="g",rule="A"} 1.5
qmpalert_rule_evaluation_seconds_total{group="g",rule="B"} 0
# HELP qmpalert_alerts Alerts that are not over.
# TYPE qmpalert_alerts gauge
qmpalert_alerts{status="firing"} 2
qmpalert_alerts{status="pending"} 1
# HELP qmpalert_outbox_oldest_seconds How long the first message of the queue has waited.
# TYPE qmpalert_outbox_oldest_seconds gauge
qmpalert_outbox_oldest_seconds{endpoint="email",receiver="ops"} 90
# HELP qmpalert_rules Rules that are loaded.
# TYPE qmpalert_rules gauge
qmpalert_rules 2
# HELP qmpalert_store_degraded 1 while decisions are kept in memory only, because they cannot be written.
# TYPE qmpalert_store_degraded gauge
qmpalert_store_degraded 1
`, "events_dropped_total", "rule_evaluation_seconds_total", "alerts", "outbox_oldest_seconds", "rules", "store_degraded")
}

func TestWhatHappens(t *testing.T) {
	r := full()
	r.Tried("ops", "email", "wait")
	r.Tried("ops", "email", "a text that somebody made up")
	r.Tried("ops", "email", "another one")
	r.Died("ops", "email", "max age", 3)
	r.Reloaded(false, time.Now())
	r.Heartbeat(false)
	r.Accepted("ops", "email", -time.Hour)
	scrape(r) // the first one makes the series of its endpoints
	compare(t, r, `
# HELP qmpalert_notification_tries_total Attempts to deliver a message, by how they ended.
# TYPE qmpalert_notification_tries_total counter
qmpalert_notification_tries_total{endpoint="email",outcome="accepted",receiver="ops"} 1
qmpalert_notification_tries_total{endpoint="email",outcome="other",receiver="ops"} 2
qmpalert_notification_tries_total{endpoint="email",outcome="wait",receiver="ops"} 1
# HELP qmpalert_notifications_dead_total Messages that were given up.
# TYPE qmpalert_notifications_dead_total counter
qmpalert_notifications_dead_total{endpoint="email",reason="max age",receiver="ops"} 3
qmpalert_notifications_dead_total{endpoint="email",reason="misconfigured",receiver="ops"} 0
qmpalert_notifications_dead_total{endpoint="email",reason="rejected",receiver="ops"} 1
# HELP qmpalert_reload_successful 1 when the last attempt to take over the files succeeded.
# TYPE qmpalert_reload_successful gauge
qmpalert_reload_successful 0
# HELP qmpalert_reload_last_success_timestamp_seconds When the files were taken over last.
# TYPE qmpalert_reload_last_success_timestamp_seconds gauge
qmpalert_reload_last_success_timestamp_seconds 1.8000000005e+09
# HELP qmpalert_reloads_total Attempts to take over the files.
# TYPE qmpalert_reloads_total counter
qmpalert_reloads_total{result="failure"} 1
qmpalert_reloads_total{result="success"} 1
# HELP qmpalert_heartbeats_total Calls of the heartbeat's URL, by how they ended.
# TYPE qmpalert_heartbeats_total counter
qmpalert_heartbeats_total{result="failure"} 1
qmpalert_heartbeats_total{result="success"} 1
`, "notification_tries_total", "notifications_dead_total", "reload_successful", "reload_last_success_timestamp_seconds", "reloads_total", "heartbeats_total")
	text := scrape(r)
	for _, want := range []string{
		`qmpalert_notification_latency_seconds_bucket{endpoint="email",receiver="ops",le="0.001"} 1`,
		`qmpalert_notification_latency_seconds_count{endpoint="email",receiver="ops"} 2`,
		`qmpalert_build_info{goversion="go`, `revision="abc",version="1.2.3"} 1`, "go_goroutines ", "process_cpu_seconds_total ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

func scrape(r *Registry) string {
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	text, err := io.ReadAll(w.Result().Body)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestNothingMakesAScrapeFail: neither two rules of one name nor labels that are
// no text.
func TestNothingMakesAScrapeFail(t *testing.T) {
	r := New("\xff", strings.Repeat("ä", 1000))
	if !strings.Contains(scrape(r), "qmpalert_reloads_total") {
		t.Error("nothing before there is a View")
	}
	r.Watch(func() View {
		return View{Rules: []Rule{
			{Group: "g\xff", Name: "A", Evaluations: 1}, {Group: "g\xfe", Name: "A", Evaluations: 2},
			{Group: strings.Repeat("ö", 1000), Name: "\n\"\\", Evaluations: 4},
		}}
	})
	r.Tried("\xff", "\xff", "\xff")
	r.Request("\xff", -1)
	text := scrape(r)
	for _, want := range []string{
		"qmpalert_rule_evaluations_total{group=\"g\ufffd\",rule=\"A\"} 3",
		`qmpalert_rule_evaluations_total{group="` + strings.Repeat("ö", 100) + `",rule="\n\"\\"} 4`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
}

// TestSeriesBeginWithZero: before the first failure, so that rate() sees it.
func TestSeriesBeginWithZero(t *testing.T) {
	r := New("", "")
	r.Watch(func() View { return View{Outbox: []Endpoint{{Receiver: "ops", Name: "email"}}} })
	scrape(r)
	text := scrape(r)
	for _, want := range []string{
		`qmpalert_events_dropped_total{reason="queue"} 0`, `qmpalert_sources{state="busy"} 0`, `qmpalert_alerts_muted{reason="silenced"} 0`,
		`qmpalert_notifications_dead_total{endpoint="email",reason="rejected",receiver="ops"} 0`,
		`qmpalert_notification_latency_seconds_count{endpoint="email",receiver="ops"} 0`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s", want)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	r := full()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 50 {
				r.Tried("ops", "email", "retry")
				r.Accepted("ops", "email", time.Second)
				r.Watch(busy)
				if text := scrape(r); !strings.Contains(text, "qmpalert_rules 2") && !strings.Contains(text, "Limit of concurrent requests") {
					t.Error(text)
				}
			}
		})
	}
	all.Wait()
}
