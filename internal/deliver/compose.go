package deliver

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// composedID is 32 hex digits over what a message carries: the same messages
// give the same one. Texts go in with their length.
func composedID(kind string, ids []string) string {
	var b []byte
	for _, s := range append([]string{"qmpalert composed 1", kind}, ids...) {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// carriedIDs are the IDs of what was decided that a message stands for.
func carriedIDs(n *notifiers.Notification) []string {
	if len(n.Carries) > 0 {
		return n.Carries
	}
	return []string{n.ID}
}

// ranks order the kinds of one group that still fires: what is told is the most
// urgent of what was to be told. A resolved group is resolved.
var ranks = []notifiers.Kind{
	notifiers.KindUpdate, notifiers.KindRepeat, notifiers.KindResolved, notifiers.KindFiring, notifiers.KindEscalation,
}

// merge makes one message of two about the same life of a group: what the newer
// one says, and what only the older one does.
func merge(older, newer notifiers.Notification) notifiers.Notification {
	out := newer
	out.Carries = slices.Concat(carriedIDs(&older), carriedIDs(&newer))
	out.ID = composedID("collapse", out.Carries)
	switch {
	case newer.Status == alert.Resolved:
		out.Kind = notifiers.KindResolved
	case slices.Index(ranks, older.Kind) > slices.Index(ranks, newer.Kind):
		out.Kind = older.Kind
	}
	out.Timeline = timeline(&older, &newer)
	out.Escalated, out.Since = cmp.Or(newer.Escalated, older.Escalated), cmp.Or(newer.Since, older.Since)
	if len(newer.Attached) == 0 {
		out.Attached = older.Attached
	}
	out.Alerts = slices.Clone(newer.Alerts)
	for _, c := range older.Alerts {
		// One that the newer message does not know any more ended before.
		if c.Status == alert.Resolved || newer.Status != alert.Resolved {
			addAlert(&out, c, mergedAlerts)
		}
	}
	return out
}

// Bounds of the alerts in a message.
const (
	mergedAlerts = 1000 // as in any message
	digestAlerts = 200  // those that a digest brings along, for programs
)

// addAlert adds an alert that is not there; common labels are then those of all.
func addAlert(n *notifiers.Notification, c alert.Change, most int) {
	switch {
	case slices.ContainsFunc(n.Alerts, func(x alert.Change) bool { return x.Fingerprint == c.Fingerprint }):
		return
	case len(n.Alerts) >= most:
		n.Omitted++
		return
	case len(n.Alerts) == 0:
		n.CommonLabels, n.CommonAnnotations = c.Labels, c.Annotations
	default:
		n.CommonLabels, n.CommonAnnotations = common(n.CommonLabels, c.Labels), common(n.CommonAnnotations, c.Annotations)
	}
	n.Alerts = append(n.Alerts, c)
}

// common returns the labels that are in both.
func common(a, b alert.Labels) alert.Labels {
	var out alert.Labels
	for _, l := range a {
		if slices.Contains(b, l) {
			out = append(out, l)
		}
	}
	return out
}

// timeline puts the lives of two messages together: that the group fired is in
// it, whatever became of it.
func timeline(older, newer *notifiers.Notification) []notifiers.Moment {
	all := slices.Clone(older.Timeline)
	for _, m := range newer.Timeline {
		if !slices.ContainsFunc(all, func(x notifiers.Moment) bool { return sameMoment(&x, &m) }) {
			all = append(all, m)
		}
	}
	what := func(w notifiers.What) bool {
		return slices.ContainsFunc(all, func(m notifiers.Moment) bool { return m.What == w })
	}
	if older.Status == alert.Firing && !what(notifiers.Fired) {
		all = append(all, moment(older, notifiers.Fired))
	}
	if newer.Status == alert.Resolved && !what(notifiers.Ended) {
		all = append(all, moment(newer, notifiers.Ended))
	}
	slices.SortStableFunc(all, func(a, b notifiers.Moment) int { return cmp.Compare(a.At, b.At) })
	if over := len(all) - notifiers.MaxTimeline; over > 0 {
		all = slices.Delete(all, 1, 1+over)
	}
	return all
}

func sameMoment(a, b *notifiers.Moment) bool {
	return a.At == b.At && a.What == b.What && a.More == b.More && a.By == b.By && a.Text == b.Text && slices.Equal(a.Names, b.Names)
}

// moment says what a message without a timeline does.
func moment(n *notifiers.Notification, what notifiers.What) notifiers.Moment {
	m := notifiers.Moment{At: n.At, What: what}
	for i := range n.Alerts {
		if i == 5 {
			m.More = len(n.Alerts) - i
			break
		}
		m.Names = append(m.Names, n.Alerts[i].Name)
	}
	return m
}

// addToDigest lists one more message in a digest. Its alerts come along in their
// newest state, without evidence, for programs that read nothing else.
func addToDigest(d *notifiers.Notification, n *notifiers.Notification) {
	if len(d.Digest) == 0 {
		*d = notifiers.Notification{Receiver: n.Receiver, Route: n.Route, Kind: notifiers.KindDigest, Test: n.Test}
	}
	if d.Route != n.Route {
		d.Route = ""
	}
	if d.Since == 0 || n.Since != 0 && n.Since < d.Since {
		d.Since = n.Since
	}
	d.At, d.ExternalURL = max(d.At, n.At), n.ExternalURL
	d.Carries = append(d.Carries, carriedIDs(n)...)
	d.Digest = append(d.Digest, notifiers.DigestEntry{
		ID: n.ID, GroupKey: n.GroupKey, Kind: n.Kind, Status: n.Status, At: n.At,
		Summary: summary(n), Alerts: len(n.Alerts) + n.Omitted, Labels: n.CommonLabels,
	})
	d.Omitted += n.Omitted
	for _, c := range n.Alerts {
		c.Evidence = alert.Evidence{}
		same := func(x alert.Change) bool { return x.Fingerprint == c.Fingerprint }
		if i := slices.IndexFunc(d.Alerts, same); i >= 0 {
			d.Alerts[i] = c
		} else {
			addAlert(d, c, digestAlerts)
		}
	}
}

// finishDigest gives a digest what depends on all of it.
func finishDigest(d *notifiers.Notification) {
	d.ID = composedID("digest", d.Carries)
	d.GroupKey = d.Receiver + "/digest/" + d.ID
	d.Status = alert.Resolved
	for _, e := range newest(d) {
		if e.Status == alert.Firing {
			d.Status = alert.Firing
		}
	}
}

// newest returns the last entry of each group in a digest, in order of the
// first ones.
func newest(d *notifiers.Notification) []notifiers.DigestEntry {
	var out []notifiers.DigestEntry
	for _, e := range d.Digest {
		i := slices.IndexFunc(out, func(x notifiers.DigestEntry) bool { return x.GroupKey == e.GroupKey })
		if i < 0 {
			out = append(out, e)
		} else {
			out[i] = e
		}
	}
	return out
}

// groupsOf are the groups that a message is about.
func groupsOf(n *notifiers.Notification) []string {
	groups := []string{n.GroupKey}
	if n.Kind == notifiers.KindDigest {
		for _, e := range newest(n) {
			groups = append(groups, e.GroupKey)
		}
	}
	return groups
}

// summary is a line about a message.
func summary(n *notifiers.Notification) string {
	s := n.CommonAnnotations.Get("summary")
	if len(n.Alerts) > 0 {
		s = cmp.Or(s, n.Alerts[0].Annotations.Get("summary"), n.Alerts[0].Name)
	}
	return cmp.Or(s, n.GroupKey)
}
