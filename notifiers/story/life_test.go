package story

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	sec int64 = 1_000_000
	t0        = 1_773_496_923 * sec
)

func vmAlert(host, vm string, status alert.Status) alert.Change {
	ls := alert.Labels{{Name: "alertname", Value: "VMPaused"}}
	if host != "" {
		ls = append(ls, alert.Label{Name: "host", Value: host})
	}
	if vm != "" {
		ls = append(ls, alert.Label{Name: "vm", Value: vm})
	}
	return alert.Change{
		At: t0, Status: status, Name: "VMPaused", Labels: ls, Fingerprint: ls.Fingerprint(),
		ActiveAt: t0, StartsAt: t0, EndsAt: qmp.NoTime,
	}
}

func TestSteps(t *testing.T) {
	for want, m := range map[string]notifiers.Moment{
		"Fired: a, b":                        {What: notifiers.Fired, Names: []string{"a", "b"}},
		"Joined: c and 9 more":               {What: notifiers.Joined, Names: []string{"c"}, More: 9},
		"Joined: 9 alerts":                   {What: notifiers.Joined, More: 9},
		"Joined: 1, 2, 3, 4, 5 and 2 more":   {What: notifiers.Joined, Names: []string{"1", "2", "3", "4", "5", "6"}, More: 1},
		"Acknowledged by ann: on it (a)":     {What: notifiers.Acknowledged, By: "ann", Text: "on it", Names: []string{"a"}},
		"Silenced by ann":                    {What: notifiers.Silenced, By: "ann"},
		"No longer silenced":                 {What: notifiers.Unsilenced},
		"Escalated to managers":              {What: notifiers.Escalated, By: "managers"},
		"Resolved: the VM is gone (a)":       {What: notifiers.Ended, Text: "vm gone", Names: []string{"a"}},
		"Told again":                         {What: notifiers.Repeated},
		"some\ufffd thing":                   {What: "some\x00 thing"},
		"Acknowledged by \ufffd[0m: x y (z)": {What: notifiers.Acknowledged, By: "\x1b[0m", Text: "x\ny", Names: []string{" z "}},
	} {
		s := Steps([]notifiers.Moment{m})
		if got := s[0].String(); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestLead(t *testing.T) {
	hour := 3600 * sec
	alerts := []alert.Change{vmAlert("kvm07", "db1", alert.Firing), vmAlert("kvm07", "db2", alert.Firing)}
	silence := &notifiers.Silence{EndsAt: t0 + hour}
	for want, n := range map[string]notifiers.Notification{
		"":                                {Kind: notifiers.KindFiring, Alerts: alerts},
		"Still firing after 4h":           {Kind: notifiers.KindRepeat, At: t0 + 4*hour, Alerts: alerts},
		"Still firing":                    {Kind: notifiers.KindRepeat, At: t0},
		"Nobody acknowledged this for 1h": {Kind: notifiers.KindEscalation, At: t0 + hour, Alerts: alerts},
		"Nobody acknowledged this":        {Kind: notifiers.KindEscalation, At: qmp.NoTime, Alerts: alerts},
		"A silence ends in 15m, and 2 alerts that it hides still fire": {Kind: notifiers.KindSilence, At: t0 + 45*60*sec, Alerts: alerts, Silence: silence},
		"A silence ends soon, and what it hides still fires":           {Kind: notifiers.KindSilence, Alerts: alerts[:1]},
		"2 messages had to wait and come as one":                       {Kind: notifiers.KindDigest, Digest: make([]notifiers.DigestEntry, 2)},
	} {
		if want == "A silence ends soon, and what it hides still fires" {
			n.Silence = &notifiers.Silence{EndsAt: qmp.NoTime}
		}
		if got := Lead(&n); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

// TestAcked: an acknowledgement counts for the life it was given for, and only
// while that fires.
func TestAcked(t *testing.T) {
	a, b, gone := vmAlert("h", "a", alert.Firing), vmAlert("h", "b", alert.Firing), vmAlert("h", "c", alert.Resolved)
	ack := func(c alert.Change, by string) notifiers.Ack {
		return notifiers.Ack{Fingerprint: c.Fingerprint, StartsAt: c.StartsAt, By: by}
	}
	former := ack(b, "eve")
	former.StartsAt--
	for _, tt := range []struct {
		acks []notifiers.Ack
		who  string
		all  bool
	}{
		{nil, "", false},
		{[]notifiers.Ack{ack(gone, "eve"), former}, "", false},
		{[]notifiers.Ack{ack(a, "ann")}, "ann", false},
		{[]notifiers.Ack{ack(a, "ann"), ack(a, "ann")}, "ann", false},
		{[]notifiers.Ack{ack(a, "ann"), ack(b, "ann")}, "ann", true},
		{[]notifiers.Ack{ack(a, "ann"), ack(b, "bob")}, "ann bob", true},
	} {
		who, all := Acked(&notifiers.Notification{Alerts: []alert.Change{a, b, gone}, Acks: tt.acks})
		var names []string
		for _, w := range who {
			names = append(names, w.By)
		}
		if strings.Join(names, " ") != tt.who || all != tt.all {
			t.Errorf("%v: %v, %t", tt.acks, names, all)
		}
	}
	who, all := Acked(&notifiers.Notification{Status: alert.Resolved, Alerts: []alert.Change{gone}, Acks: []notifiers.Ack{ack(gone, "eve")}})
	if len(who) != 1 || all {
		t.Errorf("when all is over: %v, %t", who, all)
	}
}

func TestLasted(t *testing.T) {
	a, b := vmAlert("h", "a", alert.Resolved), vmAlert("h", "b", alert.Resolved)
	a.EndsAt, b.EndsAt, b.ActiveAt = t0+60*sec, t0+30*sec, t0-60*sec
	for want, alerts := range map[string][]alert.Change{
		"1m": {a}, "2m": {a, b}, "": {a, vmAlert("h", "c", alert.Firing)},
	} {
		if got := Lasted(&notifiers.Notification{Alerts: alerts}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestCrowd(t *testing.T) {
	for want, alerts := range map[string][]alert.Change{
		"3 VMs on kvm07 [db1 db2]+1": {vmAlert("kvm07", "db1", alert.Firing), vmAlert("kvm07", "db2", alert.Firing), vmAlert("kvm07", "db3", alert.Resolved), vmAlert("kvm07", "db1", alert.Firing)},
		"2 VMs [db1 db1]+0":          {vmAlert("kvm07", "db1", alert.Firing), vmAlert("kvm08", "db1", alert.Firing)},
		"2 hosts [kvm07 kvm08]+0":    {vmAlert("kvm07", "", alert.Firing), vmAlert("kvm08", "", alert.Firing)},
		"1 alert [VMPaused]+0":       {vmAlert("", "", alert.Firing)},
		"0 alerts []+0":              nil,
	} {
		c := CrowdOf(&notifiers.Notification{Alerts: alerts}, 2)
		got := c.String() + " [" + strings.Join(c.Names, " ") + "]+" + string(rune('0'+c.More))
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDigest(t *testing.T) {
	labels := vmAlert("kvm07", "db1", alert.Firing).Labels
	critical := append(slices.Clone(labels), alert.Label{Name: "severity", Value: "critical"})
	critical.Sort()
	n := notifiers.Notification{Digest: []notifiers.DigestEntry{
		{Kind: notifiers.KindFiring, Status: alert.Firing, Summary: "db1 is paused", Alerts: 1, Labels: critical},
		{Kind: notifiers.KindResolved, Status: alert.Resolved, Summary: "x", Alerts: 3},
		{Kind: notifiers.KindRepeat, Status: alert.Firing, Labels: labels},
		{Kind: notifiers.KindEscalation, Status: alert.Firing, Summary: "x"},
		{Kind: notifiers.KindSilence, Status: alert.Firing, Summary: "x"},
		{Kind: notifiers.KindFiring, Status: alert.Firing, Summary: "left out"},
	}}
	lines, more := DigestLines(&n, 5)
	var got []string
	for i := range lines {
		got = append(got, lines[i].String())
	}
	want := []string{"firing critical: db1 is paused, kvm07", "resolved: x (3 alerts)", "still firing: VMPaused, db1 on kvm07", "escalated: x", "silence ends: x"}
	if d := cmp.Diff(want, got); d != "" || more != 1 {
		t.Errorf("%d more, %s", more, d)
	}
}

// FuzzLife: whatever text comes from outside, what is told is bounded text on
// one line that no terminal acts on.
func FuzzLife(f *testing.F) {
	f.Add("x", int64(0), 3)
	f.Add("\x1b\u202e\n\xff", int64(qmp.NoTime), -1)
	f.Fuzz(func(t *testing.T, text string, at int64, more int) {
		ls := alert.Labels{{Name: "alertname", Value: text}, {Name: "host", Value: text}, {Name: "severity", Value: text}, {Name: "vm", Value: text}}
		c := alert.Change{At: at, Status: alert.Firing, Name: text, Labels: ls, ActiveAt: at, StartsAt: at}
		n := notifiers.Notification{
			Kind: notifiers.KindSilence, At: -at, Alerts: []alert.Change{c, c},
			Acks:    []notifiers.Ack{{StartsAt: at, By: text, Comment: text}},
			Silence: &notifiers.Silence{Matchers: []string{text, text}, CreatedBy: text, Comment: text, EndsAt: at},
			Digest:  []notifiers.DigestEntry{{Summary: text, Labels: ls, Alerts: more}},
		}
		all := []string{Lead(&n)}
		for _, s := range Steps([]notifiers.Moment{{At: at, What: notifiers.What(text), Names: []string{text, text}, More: more, By: text, Text: text}}) {
			all = append(all, s.String())
		}
		who, _ := Acked(&n)
		for _, a := range who {
			all = append(all, a.By, a.Comment)
		}
		crowd := CrowdOf(&n, 5)
		all = append(append(all, crowd.Names...), crowd.String())
		v, _ := VeilOf(&n)
		all = append(all, v.Matchers, v.By, v.Comment, v.Left)
		lines, _ := DigestLines(&n, 5)
		for i := range lines {
			all = append(all, lines[i].String())
		}
		for _, line := range all {
			if !utf8.ValidString(line) || strings.ContainsFunc(line, Unsafe) || strings.Contains(line, "\n") || utf8.RuneCountInString(line) > 1200 {
				t.Errorf("%q", line)
			}
		}
	})
}

// TestHidden: what hides alerts is told until it is over for all of them, and
// until all is over.
func TestHidden(t *testing.T) {
	names := func(all ...string) []string { return all }
	by := func(what notifiers.What, who string, names []string, more int) notifiers.Moment {
		return notifiers.Moment{What: what, By: who, Names: names, More: more}
	}
	silenced := by(notifiers.Silenced, "eve", names("a", "b"), 0)
	for name, c := range map[string]struct {
		timeline []notifiers.Moment
		want     []string
	}{
		"nothing":              {[]notifiers.Moment{by(notifiers.Fired, "", names("a"), 0)}, nil},
		"silenced":             {[]notifiers.Moment{silenced}, names("Silenced by eve (a, b)")},
		"one is over":          {[]notifiers.Moment{silenced, by(notifiers.Ended, "", names("a"), 0)}, names("Silenced by eve (b)")},
		"all are over":         {[]notifiers.Moment{silenced, by(notifiers.Ended, "", names("a", "b"), 0)}, nil},
		"the silence is over":  {[]notifiers.Moment{silenced, by(notifiers.Unsilenced, "", names("a", "b"), 0)}, nil},
		"silenced again":       {[]notifiers.Moment{silenced, by(notifiers.Unsilenced, "", names("a", "b"), 0), silenced}, names("Silenced by eve (a, b)")},
		"two silences":         {[]notifiers.Moment{silenced, by(notifiers.Silenced, "bob", names("c"), 0)}, names("Silenced by eve (a, b)", "Silenced by bob (c)")},
		"many":                 {[]notifiers.Moment{by(notifiers.Silenced, "eve", names("a"), 7), by(notifiers.Ended, "", names("a"), 0)}, names("Silenced by eve (7 alerts)")},
		"many, and it is over": {[]notifiers.Moment{by(notifiers.Silenced, "eve", names("a"), 7), by(notifiers.Unsilenced, "", names("a"), 7)}, nil},
	} {
		n := &notifiers.Notification{Status: alert.Firing, Timeline: c.timeline}
		var got []string
		for _, s := range Hidden(n) {
			got = append(got, s.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if n.Status = alert.Resolved; len(Hidden(n)) > 0 {
			t.Errorf("%s: told when all is over", name)
		}
	}
	if len(silenced.Names) != 2 {
		t.Error("the timeline was changed")
	}
}
