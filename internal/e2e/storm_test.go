package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/web"
)

const stormRules = `groups:
  - name: storm
    rules:
      - {alert: JobError, event: BLOCK_JOB_ERROR, by: [device], annotations: {summary: '{{ vm.name }}: {{ device }} fails'}}
`

// The storm: so many VMs lose so many disks each, at once.
const (
	stormVMs   = 200
	stormDisks = 10
)

// dead is a receiver that takes connections and never answers.
func dead(t *testing.T) string {
	end := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the end of the connection is not seen
		select {
		case <-r.Context().Done():
		case <-end:
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(end) })
	return server.URL
}

// TestStorm: 2,000 alerts of 200 VMs at once go to a webhook, to Slack, and to a
// receiver that is dead. It holds up nobody: the webhook has everything before
// Slack, which gets no more than it takes and still hears of every VM. The program
// stays small, and answers whoever asks.
func TestStorm(t *testing.T) {
	t.Parallel()
	slack, hook := newChat(t), newHook(t)
	s := newSite(t, stormRules, "route: {receiver: ops, group_by: [vm], group_wait: 1s}\nreceivers:\n  - name: ops\n"+
		fmt.Sprintf("    slack_configs: [{channel: '#ops', token: xoxb-1-test, api_url: '%s'}]\n", slack.url)+
		fmt.Sprintf("    webhook_configs: [{url: '%s'}, {url: '%s'}]\n", dead(t), hook.url))
	s.process()

	var events []string
	for vm := range stormVMs {
		for disk := range stormDisks {
			events = append(events, occurs("BLOCK_JOB_ERROR", fmt.Sprintf("v%03d", vm), fmt.Sprintf(`{"device":"disk%d","operation":"write","action":"stop"}`, disk)))
		}
	}
	began := time.Now()
	s.happens(events...)
	var slowest time.Duration
	s.until("the webhook has everything", func() bool {
		asked := time.Now()
		if _, err := s.api.Status(t.Context()); err != nil {
			t.Fatal(err)
		}
		slowest = max(slowest, time.Since(asked))
		return len(alertsOf(hook)) == stormVMs*stormDisks
	})
	t.Logf("the webhook has all after %v; the slowest answer took %v", time.Since(began), slowest)
	slack.until(t, "all VMs", func(all []slackCall) bool { return len(vmsOf(all)) == stormVMs })
	t.Logf("Slack has all after %v and %d calls", time.Since(began), len(slack.list()))
	took := time.Since(began)
	if n := len(slack.list()); float64(n) > 6+took.Seconds() { // a burst, then one a second
		t.Errorf("Slack was called %d times in %v", n, took)
	}
	if n := len(hook.list()); n != stormVMs {
		t.Errorf("%d webhooks, want one for each VM", n)
	}

	status, err := s.api.Status(t.Context())
	s.must(err)
	if e := status.Events; e.Received < stormVMs*stormDisks || e.Dropped > 0 || status.Counts.Firing != stormVMs*stormDisks {
		t.Errorf("%+v, %+v", e, status.Counts)
	}
	// What was answered is taken out of a queue a moment later.
	s.until("only who never answers has a queue", func() bool {
		status, err := s.api.Status(t.Context())
		s.must(err)
		return !slices.ContainsFunc(status.Outbox, func(o web.Outbox) bool {
			return o.Queued != map[string]int{"webhook": stormVMs}[o.Endpoint]
		})
	})
	if used := s.metric("process_resident_memory_bytes"); used > 200e6 {
		t.Errorf("%.0f MB are used", used/1e6)
	} else {
		t.Logf("%.0f MB are used", used/1e6)
	}
}

// metric reads a metric that has no labels.
func (s *site) metric(name string) float64 {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+"/metrics", nil)
	s.must(err)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	s.must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	s.must(err)
	found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindSubmatch(text)
	if found == nil {
		s.t.Fatalf("there is no %s in\n%s", name, text)
	}
	v, err := strconv.ParseFloat(string(found[1]), 64)
	s.must(err)
	return v
}

// alertsOf are the alerts that a webhook was told of, each once.
func alertsOf(h *hook) map[string]bool {
	out := map[string]bool{}
	for _, d := range h.list() {
		for _, a := range d.Alerts {
			out[a.Labels["vm"]+" "+a.Labels["device"]] = true
		}
	}
	return out
}

var stormVM = regexp.MustCompile(`\bv\d{3}\b`)

// vmsOf are the VMs that Slack names.
func vmsOf(all []slackCall) map[string]bool {
	out := map[string]bool{}
	for _, c := range all {
		for _, name := range stormVM.FindAllString(c.Text+c.Body, -1) {
			out[name] = true
		}
	}
	return out
}
