package email

import (
	"fmt"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

const minute = 60_000_000 // microseconds

// crowd is a group of VMs with the same trouble on one host; the last `over` of
// them have none any more.
func crowd(vms, over int) notifiers.Notification {
	n := notifiertest.Firing()
	n.Alerts = nil
	for i := range vms {
		c := notifiertest.Firing().Alerts[0]
		if i >= vms-over {
			c = notifiertest.Resolved().Alerts[0]
		}
		name := fmt.Sprintf("db%d", i+1)
		c.Labels, c.Annotations = slices.Clone(c.Labels), slices.Clone(c.Annotations)
		for j := range c.Labels {
			if c.Labels[j].Name == "vm" {
				c.Labels[j].Value = name
			}
		}
		for j := range c.Annotations {
			c.Annotations[j].Value = strings.ReplaceAll(c.Annotations[j].Value, "db1", name)
		}
		c.Fingerprint = c.Labels.Fingerprint()
		n.Alerts = append(n.Alerts, c)
	}
	is := func(name string) func(l alert.Label) bool { return func(l alert.Label) bool { return l.Name == name } }
	n.CommonLabels = slices.DeleteFunc(slices.Clone(n.CommonLabels), is("vm"))
	n.CommonAnnotations = slices.DeleteFunc(slices.Clone(n.CommonAnnotations), is("summary"))
	n.GroupKey, n.GroupLabels = "ops/kvm07", alert.Labels{{Name: "alertname", Value: "QuorumChildFailing"}, {Name: "host", Value: "kvm07"}}
	if over == vms {
		n.Status = alert.Resolved
	}
	return n
}

// life is one mail of each kind about one group, in the order in which they
// would come.
func life() []notifiers.Notification {
	made := func(kind notifiers.Kind, n notifiers.Notification, after int64) notifiers.Notification {
		n.Kind, n.At = kind, notifiertest.Firing().At+after*minute
		n.ID = fmt.Sprintf("%s-%d", kind, after)
		n.Route = `{} / {severity="critical"}`
		return n
	}
	start := notifiertest.Firing().Alerts[0].StartsAt
	moments := []notifiers.Moment{
		{At: start, What: notifiers.Fired, Names: []string{"db1: quorum child c answered badly 14 times"}},
		{At: start + 9*minute, What: notifiers.Joined, Names: []string{"db2", "db3"}, More: 2},
		{At: start + 22*minute, What: notifiers.Escalated, By: "managers", Text: "nobody acknowledged for 15m"},
		{At: start + 31*minute, What: notifiers.Acknowledged, By: "ann", Text: "the disk is on its way"},
		{At: start + 250*minute, What: notifiers.Repeated},
	}
	first := made(notifiers.KindFiring, crowd(1, 0), 0)
	first.Timeline = moments[:1]
	more := made(notifiers.KindFiring, crowd(5, 0), 2)
	more.Timeline = moments[:2]
	escalated := made(notifiers.KindEscalation, crowd(5, 0), 15)
	escalated.Timeline, escalated.Escalated = moments[:3], "managers"
	repeat := made(notifiers.KindRepeat, crowd(5, 0), 240)
	repeat.Timeline, repeat.Escalated = moments, "managers"
	repeat.Acks = []notifiers.Ack{{
		Fingerprint: repeat.Alerts[0].Fingerprint, StartsAt: start, By: "ann", Comment: "the disk is on its way", At: start + 31*minute,
	}}
	part := made(notifiers.KindResolved, crowd(5, 2), 250)
	part.Timeline = moments
	silence := made(notifiers.KindSilence, crowd(3, 0), 255)
	silence.Silence = &notifiers.Silence{
		ID: "s1", Matchers: []string{`alertname="QuorumChildFailing"`, `host="kvm07"`},
		StartsAt: start + 100*minute, EndsAt: silence.At + 15*minute, CreatedBy: "ann", Comment: "new disks on Saturday",
	}
	end := made(notifiers.KindResolved, crowd(5, 5), 260)
	end.Timeline = append(slices.Clone(moments), notifiers.Moment{At: end.At, What: notifiers.Ended})
	return []notifiers.Notification{first, more, escalated, repeat, part, silence, end}
}

func digest(entries int) notifiers.Notification {
	n := notifiertest.Firing()
	n.ID, n.GroupKey, n.Kind, n.Alerts = "digest-1", "", notifiers.KindDigest, nil
	n.CommonLabels, n.CommonAnnotations, n.GroupLabels = nil, nil, nil
	for i := range entries {
		d := notifiers.DigestEntry{
			ID: fmt.Sprint(i), GroupKey: "g", Kind: notifiers.KindFiring, Status: alert.Firing, At: n.At + int64(i)*minute, Alerts: 1 + i%3,
			Summary: fmt.Sprintf("db%d: quorum child c answered badly 14 times", i+1), Labels: crowd(i+1, 0).Alerts[i].Labels,
		}
		if i%4 == 3 {
			d.Kind, d.Status = notifiers.KindResolved, alert.Resolved
		}
		n.Carries = append(n.Carries, d.ID)
		n.Digest = append(n.Digest, d)
	}
	return n
}
