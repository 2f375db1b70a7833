package dispatch

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// act is something that is done to a Planner.
type act struct {
	at      int64
	do      func(p *Planner, at int64)
	begin   *alert.Change // by it this alert fires
	end     *alert.Change // it ends this one
	advance bool
}

// drawActs draws what happens to a Planner. Whether each makes sense does not
// matter: refusals are the same for all.
func drawActs(t *rapid.T, swaps bool) []act {
	var out []act
	at := int64(0)
	var firing []alert.Change
	for range rapid.IntRange(1, 30).Draw(t, "acts") {
		at += unit * pick(t, "passes", int64(0), 0, 1, 2, 9)
		one := act{at: at, advance: pick(t, "advance", true, true, false)}
		switch kind := pick(t, "what", "fire", "fire", "fire", "end", "end", "silence", "expire", "ack", "count", "swap"); {
		case kind == "end" && len(firing) > 0:
			c := pick(t, "which", firing...)
			c.Status, c.At, c.Reason = alert.Resolved, at, pick(t, "reason", alert.ReasonResolve, alert.ReasonResolve, alert.ReasonQuiet)
			one.end, one.do = &c, func(p *Planner, at int64) { p.Step(c, at) }
		case kind == "silence":
			s := Silence{ID: pick(t, "id", "s1", "s2"), Matchers: []string{`host="h"`}, StartsAt: at, EndsAt: at + unit*pick(t, "long", int64(1), 13)}
			one.do = func(p *Planner, at int64) { _, _ = p.SetSilence(s, at) }
		case kind == "expire":
			one.do = func(p *Planner, at int64) { _ = p.ExpireSilence("s1", "me", at) }
		case kind == "ack" && len(firing) > 0:
			c := pick(t, "which", firing...)
			one.do = func(p *Planner, at int64) { _ = p.Ack(c.Fingerprint, notifiers.Ack{By: "me"}, at) }
		case kind == "count" && len(firing) > 0:
			c := pick(t, "which", firing...)
			c = newest(firing, c.Fingerprint) // the labels of a life do not change
			c.Count = rapid.Int64Range(0, 3).Draw(t, "count")
			one.do = func(p *Planner, at int64) { p.Refresh(c) }
		case kind == "swap" && swaps:
			cfg := drawTree(t)
			one.do = func(p *Planner, at int64) { _ = p.Swap(cfg, at) }
		default:
			c := drawChange(t)
			c.At = at
			if c.Status == alert.Firing && !c.Shadow {
				firing = append(firing, c)
				one.begin = &c
			}
			if c.Status == alert.Resolved {
				one.end = &c
			}
			one.do = func(p *Planner, at int64) { p.Step(c, at) }
		}
		out = append(out, one)
	}
	return out
}

// newest returns the last of all that has a fingerprint.
func newest(all []alert.Change, f alert.Fingerprint) alert.Change {
	i := len(all) - 1
	for all[i].Fingerprint != f {
		i--
	}
	return all[i]
}

// reborn goes through a snapshot and its JSON.
func reborn(t *rapid.T, p *Planner) *Planner {
	text, err := json.Marshal(p.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var s Snapshot
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	return restore(t, p.cfg, s)
}

// TestRestartsChangeNothing: a Planner that goes through snapshots between any
// two calls decides, and notes, what one without does.
func TestRestartsChangeNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawTree(t)
		whole, parts := plan(t, cfg), plan(t, cfg)
		for _, a := range drawActs(t, true) {
			a.do(whole, a.at)
			parts = reborn(t, parts)
			a.do(parts, a.at)
			if !a.advance {
				continue
			}
			parts = reborn(t, parts)
			if d := cmp.Diff(whole.Stale(a.at), parts.Stale(a.at)); d != "" {
				t.Fatal(d)
			}
			if d := cmp.Diff(whole.Advance(a.at), parts.Advance(a.at)); d != "" {
				t.Fatal(d)
			}
			if d := cmp.Diff(whole.View(), parts.View()); d != "" {
				t.Fatal(d)
			}
		}
		if d := cmp.Diff(whole.Snapshot(), reborn(t, parts).Snapshot()); d != "" {
			t.Fatal(d)
		}
	})
}

// TestTicksThatDecideNothing make no difference to what is decided later.
func TestTicksThatDecideNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ticked, plain := plan(t, Config{}), plan(t, Config{})
		cfg := drawTree(t)
		for _, p := range []*Planner{ticked, plain} {
			if err := p.Swap(cfg, 0); err != nil {
				t.Fatal(err)
			}
		}
		before := int64(0)
		for _, a := range drawActs(t, true) {
			for range 3 {
				at := rapid.Int64Range(before, a.at).Draw(t, "tick")
				if d := reborn(t, ticked).Advance(at); d.Empty() {
					ticked.Advance(at)
				}
			}
			before = a.at
			a.do(ticked, a.at)
			a.do(plain, a.at)
			if !a.advance {
				continue
			}
			if d := cmp.Diff(plain.Advance(a.at), ticked.Advance(a.at)); d != "" {
				t.Fatal(d)
			}
		}
	})
}

// TestBeginningsAndEnds: nobody is told of an end who was not told of the
// beginning, before or by the same message; who was told of it is told of the
// end, once and at once, if the receiver wants that; and each message has an ID
// of its own that the notes name.
func TestBeginningsAndEnds(t *testing.T) {
	type about struct {
		group string
		f     alert.Fingerprint
		life  int64
	}
	rapid.Check(t, func(t *rapid.T) {
		p := plan(t, drawTree(t))
		open, done, ids := map[about]bool{}, map[about]bool{}, map[string]bool{}
		take := func(d Decision) {
			for _, n := range d.Notifications {
				if ids[n.ID] {
					t.Fatalf("two messages have the ID %s", n.ID)
				}
				ids[n.ID] = true
				noted := slices.ContainsFunc(d.Notes, func(note Note) bool { return note.NotificationID == n.ID && note.Receiver == n.Receiver })
				if !noted && n.Kind != notifiers.KindUpdate {
					t.Fatalf("no note tells of the message %+v", n)
				}
				for _, c := range n.Alerts {
					key := about{n.GroupKey, c.Fingerprint, c.StartsAt}
					switch told := n.Kind == notifiers.KindFiring || n.Kind == notifiers.KindEscalation; {
					case c.Status == alert.Resolved && done[key]:
						t.Fatalf("%s was told twice that %s is over", n.GroupKey, title(&c))
					case c.Status == alert.Resolved && !open[key] && !begins(&n, &c):
						t.Fatalf("%s was not told that %s fires", n.GroupKey, title(&c))
					case c.Status == alert.Resolved:
						delete(open, key)
						done[key] = true
					case told:
						open[key] = true
					}
				}
			}
		}
		for _, a := range drawActs(t, false) {
			take(p.Advance(a.at))
			for key := range done { // lives are drawn again
				if a.begin != nil && key.f == a.begin.Fingerprint {
					delete(done, key)
				}
			}
			for key := range open { // a life whose end was not seen
				if a.begin != nil && key.f == a.begin.Fingerprint && key.life != a.begin.StartsAt {
					delete(open, key)
				}
			}
			a.do(p, a.at)
			take(p.Advance(a.at))
			for key := range open {
				if a.end == nil || key.f != a.end.Fingerprint || key.life != a.end.StartsAt {
					continue
				}
				if pager := key.group[:5] == "pager"; !pager && a.end.Reason != alert.ReasonQuiet {
					t.Fatalf("%s was not told of the end of %s", key.group, title(a.end))
				}
				delete(open, key)
			}
		}
	})
}

// begins says whether the timeline of a message has the beginning and the end of
// an alert as what happened just now.
func begins(n *notifiers.Notification, c *alert.Change) bool {
	has := func(whats ...notifiers.What) bool {
		return slices.ContainsFunc(n.Timeline, func(m notifiers.Moment) bool {
			return m.At == n.At && slices.Contains(whats, m.What) && (m.More > 0 || slices.Contains(m.Names, title(c)))
		})
	}
	return has(notifiers.Fired, notifiers.Joined) && has(notifiers.Ended)
}

// TestNothingIsMissed: of each alert that nothing hides the last word is true,
// however short it fired, when all groups were due.
func TestNothingIsMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := Config{Receivers: []Receiver{{Name: "ops", SendResolved: true}}, Route: Route{
			Receiver: "ops", GroupBy: pick(t, "by", nil, []string{"vm"}), RepeatInterval: units(pick(t, "repeat", int64(0), 4)),
			GroupWait: units(pick(t, "wait", int64(1), 2, 7)), GroupInterval: units(pick(t, "interval", int64(0), 3)),
		}}
		p, at := plan(t, cfg), int64(0)
		final, last, waits := map[alert.Fingerprint]alert.Change{}, map[alert.Fingerprint]alert.Change{}, 0
		take := func(d Decision) {
			for _, n := range d.Notifications {
				for _, c := range n.Alerts {
					last[c.Fingerprint] = c
				}
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			at += unit * pick(t, "passes", int64(0), 1, 1, 2)
			vm := pick(t, "vm", "a", "b", "c")
			c := about(alert.Firing, at+1, "Paused", "h", vm)
			if was := final[c.Fingerprint]; was.Status == alert.Firing {
				c.Status, c.StartsAt = alert.Resolved, was.StartsAt
			}
			final[c.Fingerprint] = c
			p.Step(c, at)
			p = reborn(t, p)
			take(p.Advance(at))
			waits = max(waits, len(p.past))
		}
		take(p.Advance(at + 20*unit))
		for f, c := range final {
			if got := last[f]; got.Status != c.Status || got.StartsAt != c.StartsAt {
				t.Errorf("%s is %s since %d; the last word is %q, since %d", title(&c), c.Status, c.StartsAt, got.Status, got.StartsAt)
			}
		}
		if waits > 3 || len(p.past) > 0 {
			t.Errorf("of three alerts %d waited; %d do for ever", waits, len(p.past))
		}
	})
}
