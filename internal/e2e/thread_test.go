package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
)

// listed is an alert as a real Alertmanager shows it.
type listed struct {
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
	Status              struct{ State string }
}

// realAlertmanager is Debian's, which tells a webhook.
type realAlertmanager struct {
	*site
	address string
	cmd     *exec.Cmd
	ended   chan struct{}
}

// freeAddress is one where nobody listens yet.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func newRealAlertmanager(s *site, address string, hook *hook) *realAlertmanager {
	s.t.Helper()
	a := &realAlertmanager{site: s, address: address}
	// What is sent without an end would be over after a second.
	s.write("alertmanager.yml", fmt.Sprintf(`global: {resolve_timeout: 1s}
route: {receiver: hook, group_by: [...], group_wait: 1ms, group_interval: 50ms, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: '%s', send_resolved: true}]}]
`, hook.url))
	s.t.Cleanup(a.kill)
	return a
}

func (a *realAlertmanager) start() {
	a.t.Helper()
	path, err := exec.LookPath("prometheus-alertmanager")
	if err != nil {
		a.t.Fatal("this test needs a real Alertmanager: apt-get install prometheus-alertmanager")
	}
	a.cmd = exec.Command(path, "--config.file="+a.path("alertmanager.yml"), "--storage.path="+a.path("alertmanager"),
		"--web.listen-address="+a.address, "--cluster.listen-address=")
	a.must(a.cmd.Start())
	cmd, ended := a.cmd, make(chan struct{})
	a.ended = ended
	go func() {
		_ = cmd.Wait() // it is killed
		close(ended)
	}()
}

func (a *realAlertmanager) kill() {
	if a.cmd != nil {
		_ = a.cmd.Process.Kill() // fails only when it has ended
		<-a.ended
	}
}

// alerts are those that it holds for firing; none while it does not answer.
func (a *realAlertmanager) alerts() []listed {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, "http://"+a.address+"/api/v2/alerts", nil)
	a.must(err)
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil
	}
	defer resp.Body.Close()
	var out []listed
	if resp.StatusCode == http.StatusOK {
		a.must(json.NewDecoder(resp.Body).Decode(&out))
	}
	return out
}

// TestRealAlertmanager: an alert waits until the Alertmanager is there, is to live
// there until it is sent again and longer, and ends.
func TestRealAlertmanager(t *testing.T) {
	t.Parallel()
	hook := newHook(t)
	address := freeAddress(t)
	s := newSite(t, stopRule, "route: {receiver: am, group_wait: 0s}\nreceivers:\n  - name: am\n    alertmanager_configs: [{url: 'http://"+address+"'}]\n")
	am := newRealAlertmanager(s, address, hook)
	s.run()
	s.happens(occurs("STOP", "db1", ""))
	s.log.said(t, 1, "delivery will be tried again", "receiver=am")
	am.start()
	told(t, hook, "firing Stopped db1 0")
	all := am.alerts()
	if len(all) != 1 || all[0].Labels["alertname"] != "Stopped" || all[0].Labels["vm"] != "db1" || all[0].Labels["host"] != "kvm07" ||
		all[0].Annotations["summary"] != "db1 stopped" || all[0].Status.State != "active" {
		t.Fatalf("Alertmanager has %+v", all)
	}
	if left := time.Until(all[0].EndsAt); left < time.Minute { // that much longer than until it is sent again
		t.Errorf("it would be over in %v", left)
	}
	s.happens(occurs("RESUME", "db1", ""))
	told(t, hook, "resolved Stopped db1 0")
	s.until("Alertmanager has nothing", func() bool { return len(am.alerts()) == 0 })
	if got := briefs(hook); got != "firing Stopped db1 0, resolved Stopped db1 0" {
		t.Errorf("Alertmanager told %s", got)
	}
}

// TestMailThread: beginning and end of a group are one thread in a
// real mailbox, also when the daemon was started again in between; another group
// is another thread.
func TestMailThread(t *testing.T) {
	t.Parallel()
	mails := smtptest.Start(t, smtptest.Options{})
	s := newSite(t, stopRule, "route: {receiver: ops, group_by: [vm], group_wait: 0s, group_interval: 1s}\nreceivers:\n  - name: ops\n"+mailYAML(mails))
	stop := s.run()
	s.happens(occurs("STOP", "db1", ""))
	mails.Mails(t, 1)
	s.happens(occurs("STOP", "db2", ""))
	mails.Mails(t, 2)
	stop()
	s.run()
	s.happens(occurs("RESUME", "db1", ""), occurs("RESUME", "db2", ""))
	all := mails.Mails(t, 4)
	roots := map[string]string{}
	for i, m := range all {
		vm := "db1"
		if strings.Contains(m.Subject, "db2") {
			vm = "db2"
		}
		id, answers := m.Header.Get("Message-ID"), m.Header.Get("In-Reply-To")
		switch {
		case i < 2:
			if answers != "" || !strings.HasPrefix(m.Subject, "[FIRING") {
				t.Errorf("the first mail of %s answers %s: %s", vm, answers, m.Subject)
			}
			roots[vm] = id
		case answers != roots[vm] || !strings.Contains(m.Header.Get("References"), roots[vm]) || id == roots[vm] || !strings.HasPrefix(m.Subject, "[RESOLVED"):
			t.Errorf("the end of %s answers %s, want %s: %s", vm, answers, roots[vm], m.Subject)
		}
		if m.Header.Get("Auto-Submitted") != "auto-generated" || m.Text == "" || m.HTML == "" {
			t.Errorf("mail %q: %v", m.Subject, m.Header)
		}
	}
	if len(roots) != 2 || roots["db1"] == roots["db2"] {
		t.Errorf("the threads are %v", roots)
	}
}
