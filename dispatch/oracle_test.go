package dispatch

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
	"github.com/qmpalert/qmpalert/notifiers"
)

// unit is the grain of time of the oracle: it looks at everything once a unit.
const unit = int64(5 * time.Minute / time.Microsecond)

// oracle is a Planner that is plainly what doc.go says: it keeps no index, no
// agenda and no flag that it could work out, and lives through each unit of
// time.
type oracle struct {
	cfg      Config
	now      int64
	horizon  int64
	alerts   []*oAlert // in order of fingerprint
	groups   []*oGroup // by age
	silences map[string]*oSilence
	said     []string
}

type oAlert struct {
	c      alert.Change
	acked  bool
	hidden bool // when it was last looked at
	in     []*oMember
}

type oMember struct {
	a               *oAlert
	g               *oGroup
	told, left, esc bool
	visible         bool // when it was last looked at
	since, toldAt   int64
}

type oGroup struct {
	key, receiver string
	labels        alert.Labels
	route         *Route
	routeKey      string
	escalation    bool
	ended         []alert.Change
	past          []*oPast
	alive         bool
	last, repeat  int64
	update        bool
}

// oPast is an alert that was over before its group was told.
type oPast struct {
	c     alert.Change
	since int64
}

type oSilence struct {
	Silence
	warned bool
}

func newOracle(cfg Config) *oracle {
	return &oracle{cfg: cfg, silences: map[string]*oSilence{}}
}

func matches(texts []string, labels alert.Labels) bool {
	m, err := alertmanager.ParseMatcherList(texts)
	if err != nil {
		panic(err)
	}
	return m.Match(labels)
}

// hides is rules 8 and 9; the alert may be over.
func (o *oracle) hides(a *oAlert) bool {
	for _, s := range o.silences {
		if s.StartsAt <= o.now && o.now < s.EndsAt && matches(s.Matchers, a.c.Labels) {
			return true
		}
	}
	for _, b := range o.alerts {
		if b == a {
			continue
		}
		host, vm, other := b.c.Labels.Get("host"), b.c.Labels.Get("vm"), a.c.Labels.Get("vm")
		if slices.Contains(b.c.Inhibits, a.c.Name) && host == a.c.Labels.Get("host") && (vm == "" || other == "" || vm == other) {
			return true
		}
		for _, r := range o.cfg.InhibitRules {
			source, target := func(x *oAlert) bool { return matches(r.SourceMatchers, x.c.Labels) }, func(x *oAlert) bool { return matches(r.TargetMatchers, x.c.Labels) }
			equal := !slices.ContainsFunc(r.Equal, func(n string) bool { return a.c.Labels.Get(n) != b.c.Labels.Get(n) })
			if source(b) && target(a) && equal && !(source(a) && target(b)) {
				return true
			}
		}
	}
	return false
}

// asleep is rule 10.
func (o *oracle) asleep(g *oGroup) bool {
	if g.escalation {
		return false
	}
	holds := func(name string) bool {
		i := slices.IndexFunc(o.cfg.TimeIntervals, func(t TimeInterval) bool { return t.Name == name })
		in, err := alertmanager.CompileIntervals(o.cfg.TimeIntervals[i].Intervals)
		if err != nil {
			panic(err)
		}
		return in.Active(o.now)
	}
	r := g.route
	return slices.ContainsFunc(r.MuteTimeIntervals, holds) || len(r.ActiveTimeIntervals) > 0 && !slices.ContainsFunc(r.ActiveTimeIntervals, holds)
}

// look notices what is hidden now, and since when something waits.
func (o *oracle) look(bySilence bool) {
	for _, a := range o.alerts {
		hidden := o.hides(a)
		for _, m := range a.in {
			if visible := !hidden && !o.asleep(m.g); visible != m.visible {
				m.visible = visible
				if visible {
					m.since = o.now
				}
			}
			if bySilence && hidden != a.hidden && m.told && !m.left {
				m.g.update = true
			}
		}
		a.hidden = hidden
	}
}

type oTarget struct {
	receiver, routeKey string
	route              *Route
}

// deciding is rule 2.
func deciding(r *Route, key string, l alert.Labels) []oTarget {
	var out []oTarget
	for i := range r.Routes {
		child := &r.Routes[i]
		if !matches(child.Matchers, l) {
			continue
		}
		m, _ := alertmanager.ParseMatcherList(child.Matchers)
		out = append(out, deciding(child, key+"/"+m.String(), l)...)
		if !child.Continue {
			break
		}
	}
	if out == nil {
		out = []oTarget{{r.Receiver, key, r}}
	}
	return out
}

func (o *oracle) exists(name string) bool {
	return slices.ContainsFunc(o.cfg.Receivers, func(r Receiver) bool { return r.Name == name })
}

func (o *oracle) targets(c *alert.Change) []oTarget {
	all := deciding(&o.cfg.Route, "{}", c.Labels)
	if len(c.Receivers) > 0 {
		all = nil
		for _, name := range c.Receivers {
			all = append(all, oTarget{name, ruleRoute, &o.cfg.Route})
		}
	}
	var out []oTarget
	for _, t := range all {
		if !o.exists(t.receiver) {
			t.receiver = o.cfg.Route.Receiver
		}
		if o.exists(t.receiver) && !(t.routeKey == ruleRoute && slices.Contains(out, t)) {
			out = append(out, t)
		}
	}
	return out
}

// group is rule 3.
func (o *oracle) group(t oTarget, l alert.Labels, escalation bool) *oGroup {
	var common alert.Labels
	for _, one := range l {
		if t.route.GroupByAll || slices.Contains(t.route.GroupBy, one.Name) {
			common = append(common, one)
		}
	}
	suffix := ""
	if escalation {
		suffix = "/escalation"
	}
	key := groupKey(t.receiver, t.routeKey+suffix, common)
	for _, g := range o.groups {
		if g.key == key {
			g.route, g.routeKey = t.route, t.routeKey // after a Swap it may have been another one
			return g
		}
	}
	g := &oGroup{key: key, receiver: t.receiver, labels: common, route: t.route, routeKey: t.routeKey, escalation: escalation}
	o.groups = append(o.groups, g)
	return g
}

func (o *oracle) find(f alert.Fingerprint) *oAlert {
	for _, a := range o.alerts {
		if a.c.Fingerprint == f {
			return a
		}
	}
	return nil
}

func (o *oracle) drop(a *oAlert) {
	o.alerts = slices.DeleteFunc(o.alerts, func(x *oAlert) bool { return x == a })
	o.settle()
}

// members are those of a group, in the order of messages.
func (o *oracle) members(g *oGroup, which func(m *oMember) bool) []*oMember {
	var out []*oMember
	for _, a := range o.alerts {
		for _, m := range a.in {
			if m.g == g && which(m) {
				out = append(out, m)
			}
		}
	}
	slices.SortFunc(out, func(x, y *oMember) int { return inOrder(&x.a.c, &y.a.c) })
	return out
}

func isTold(m *oMember) bool  { return m.told }
func isShown(m *oMember) bool { return m.told && !m.a.hidden }

// settle ends the life of groups of which nothing fires that was told, and
// forgets those without alerts.
func (o *oracle) settle() {
	for _, g := range o.groups {
		if len(g.ended)+len(o.members(g, isTold)) == 0 {
			g.alive, g.update, g.last = false, false, 0
		}
	}
}

func (o *oracle) forget() {
	o.groups = slices.DeleteFunc(o.groups, func(g *oGroup) bool {
		return len(g.ended)+len(g.past)+len(o.members(g, func(*oMember) bool { return true })) == 0
	})
}

func (o *oracle) say(g *oGroup, kind notifiers.Kind, status alert.Status, about []alert.Change, others []*oMember) {
	var behind []alert.Change
	for _, m := range others {
		behind = append(behind, m.a.c)
	}
	o.sayAll(g, kind, status, about, behind)
}

func (o *oracle) sayAll(g *oGroup, kind notifiers.Kind, status alert.Status, about, behind []alert.Change) {
	slices.SortFunc(about, func(a, b alert.Change) int { return inOrder(&a, &b) })
	o.said = append(o.said, line(o.now, g.key, kind, status, slices.Concat(about, behind)))
}

// line is a message as the comparison sees it.
func line(at int64, key string, kind notifiers.Kind, status alert.Status, alerts []alert.Change) string {
	var names []string
	for _, c := range alerts {
		names = append(names, fmt.Sprintf("%s:%s:%d", title(&c), c.Status, c.StartsAt))
	}
	return fmt.Sprintf("%d %s %s %s [%s]", at/unit, key, kind, status, strings.Join(names, " "))
}

func byAlert(a, b *oAlert) int { return cmp.Compare(a.c.Fingerprint, b.c.Fingerprint) }
