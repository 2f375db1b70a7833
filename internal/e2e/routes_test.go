package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/web"
)

// moved is a site whose alerts go from one receiver to another.
type moved struct {
	*site
	ops, desk *hook
}

func newMoved(t *testing.T) *moved {
	m := &moved{ops: newHook(t), desk: newHook(t)}
	m.site = newSite(t, stopRule, "")
	m.route("ops")
	return m
}

func (m *moved) route(receiver string) {
	m.configure("route: {receiver: " + receiver + ", group_wait: 0s}\nreceivers:\n  - name: ops\n" + m.ops.yaml() + "  - name: desk\n" + m.desk.yaml())
}

// TestOtherRoutes: the routes change while an alert fires, by a reload or while
// the daemon is away. Who was told hears of the end, who is told now hears of
// both.
func TestOtherRoutes(t *testing.T) {
	t.Parallel()
	for _, away := range []bool{false, true} {
		t.Run(fmt.Sprintf("away=%t", away), func(t *testing.T) {
			t.Parallel()
			m := newMoved(t)
			stop := m.run()
			m.happens(occurs("STOP", "db1", ""))
			told(t, m.ops, "firing Stopped db1 1")
			if away {
				stop()
				m.route("desk")
				m.run()
			} else {
				m.route("desk")
				m.ask("reload")
			}
			told(t, m.desk, "firing Stopped db1 1")
			m.happens(occurs("RESUME", "db1", ""))
			told(t, m.ops, "resolved Stopped db1 1")
			told(t, m.desk, "resolved Stopped db1 1")
			if got := briefs(m.ops) + "; " + briefs(m.desk); got != "firing Stopped db1 1, resolved Stopped db1 1; firing Stopped db1 1, resolved Stopped db1 1" {
				t.Errorf("told %s", got)
			}
		})
	}
}

// TestAckedAndSilencedSurvive: what people said holds after a restart: who takes
// care of an alert, what is to be quiet, and what was not delivered.
func TestAckedAndSilencedSurvive(t *testing.T) {
	t.Parallel()
	m := newMoved(t)
	stop := m.run(atOnce)
	m.happens(occurs("STOP", "db1", ""))
	told(t, m.ops, "firing Stopped db1 1")
	m.happens(occurs("STOP", "db3", ""))
	for _, vm := range []string{"db1", "db3"} {
		m.ask("alert", "ack", m.alert("Stopped", vm, "fires", firing).ID.String(), "--author", "eve", "--comment", "mine")
	}
	silence := strings.TrimSpace(m.ask("silence", "add", "vm=db2", "--author", "eve"))
	m.ops.fails.Store(1 << 20)
	m.happens(occurs("RESUME", "db1", ""), occurs("STOP", "db1", ""), occurs("STOP", "db2", ""))
	m.log.said(t, 1, "delivery will be tried again", "receiver=ops")
	stop()
	m.run()
	m.ops.fails.Store(0)
	told(t, m.ops, "resolved Stopped db1 1")
	again := m.alert("Stopped", "db1", "fires again", firing)
	if again.Ack != nil {
		t.Errorf("eve takes care of a life that she does not know: %+v", again.Ack)
	}
	if a := m.alert("Stopped", "db3", "goes on", firing); a.Ack == nil || a.Ack.By != "eve" || a.Ack.Comment != "mine" {
		t.Errorf("nobody takes care of db3: %+v", a.Ack)
	}
	quiet := m.alert("Stopped", "db2", "silenced", func(a *web.Alert) bool { return firing(a) && len(a.Muted) > 0 })
	if quiet.Muted[0].Name != silence {
		t.Errorf("%+v, want %s", quiet.Muted, silence)
	}
	all, err := m.api.Silences(t.Context())
	m.must(err)
	if len(all) != 1 || all[0].ID != silence || lasts(all[0]).Round(time.Second) != time.Hour {
		t.Errorf("silences %+v", all)
	}
}
