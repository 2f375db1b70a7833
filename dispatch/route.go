package dispatch

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/alertmanager"
)

// tree is a Config, compiled.
type tree struct {
	root *route
	// rule is the way of alerts whose rule names its receivers: past the tree,
	// with the settings of the root.
	rule      *route
	receivers map[string]Receiver
	byKey     map[string]*route
	clocks    []*clock
	next      int64 // when one of them is to look again
}

// route is a Route, compiled.
type route struct {
	key      string // the matchers from the root on; unique
	receiver string // one that exists, "" is nobody
	matchers alertmanager.Matchers
	cfg      *Route
	settings Settings
	clock    *clock // nil: its time intervals never hide anything
	children []*route
}

// ruleRoute is the key of tree.rule; the keys of all others begin with a brace.
const ruleRoute = "rule"

func compile(cfg Config) (*tree, error) {
	t := &tree{receivers: map[string]Receiver{}, byKey: map[string]*route{}, next: never}
	for _, r := range cfg.Receivers {
		t.receivers[r.Name] = r
	}
	intervals := map[string]alertmanager.Intervals{}
	for _, in := range cfg.TimeIntervals {
		compiled, err := alertmanager.CompileIntervals(in.Intervals)
		if err != nil {
			return nil, fmt.Errorf("time interval %q: %w", in.Name, err)
		}
		intervals[in.Name] = compiled
	}
	root, err := t.compile(&cfg.Route, "", intervals)
	if err != nil {
		return nil, err
	}
	if root.matchers.Len() > 0 {
		return nil, fmt.Errorf("the root of the routes has matchers %s, but it is for all alerts", root.matchers)
	}
	rule := *root
	rule.key, rule.children = ruleRoute, nil
	t.root, t.rule, t.byKey[ruleRoute] = root, &rule, &rule
	return t, nil
}

func (t *tree) compile(cfg *Route, parent string, intervals map[string]alertmanager.Intervals) (*route, error) {
	matchers, err := alertmanager.ParseMatcherList(cfg.Matchers)
	if err != nil {
		return nil, err
	}
	r := &route{key: matchers.String(), matchers: matchers, cfg: cfg}
	if parent != "" {
		r.key = parent + "/" + r.key
	}
	for key, n := r.key, 2; t.byKey[r.key] != nil; n++ { // written twice: still two routes
		r.key = key + "#" + strconv.Itoa(n)
	}
	t.byKey[r.key] = r
	if t.root == nil {
		t.root = r // whose receiver is the one for names that do not exist
	}
	r.receiver = t.existing(cfg.Receiver)
	r.settings = Settings{GroupWait: cfg.GroupWait, GroupInterval: cfg.GroupInterval, RepeatInterval: cfg.RepeatInterval}
	if e := cfg.Escalate; e != nil {
		r.settings.Escalate = &Escalation{After: e.After, Receiver: e.Receiver}
	}
	if min(cfg.GroupWait, cfg.GroupInterval, cfg.RepeatInterval) < 0 || cfg.Escalate != nil && cfg.Escalate.After < 0 {
		return nil, fmt.Errorf("route %s: a duration is less than nothing", r.key)
	}
	if r.clock, err = newClock(cfg, intervals); err != nil {
		return nil, fmt.Errorf("route %s: %w", r.key, err)
	}
	if r.clock != nil {
		t.clocks, t.next = append(t.clocks, r.clock), longAgo
	}
	for i := range cfg.Routes {
		child, err := t.compile(&cfg.Routes[i], r.key, intervals)
		if err != nil {
			return nil, err
		}
		r.children = append(r.children, child)
	}
	return r, nil
}

// named returns the route with a key. One that a Swap took away is a route of
// nothing: only ends are told.
func (t *tree) named(key string) *route {
	if r := t.byKey[key]; r != nil {
		return r
	}
	return &route{key: key, cfg: &Route{}}
}

// look has all clocks look that want to, and returns those that changed.
func (t *tree) look(at int64) []*clock {
	var changed []*clock
	t.next = never
	for _, c := range t.clocks {
		if c.next <= at && c.look(at) {
			changed = append(changed, c)
		}
		t.next = min(t.next, c.next)
	}
	return changed
}

// existing returns the receiver that answers for a name: itself, else the
// root's, else "".
func (t *tree) existing(name string) string {
	for _, candidate := range [2]string{name, t.root.cfg.Receiver} {
		if _, ok := t.receivers[candidate]; ok {
			return candidate
		}
	}
	return ""
}

// target is a group that an alert belongs to.
type target struct {
	route    *route
	receiver string
	labels   alert.Labels // what the group has in common
	key      string
}

// targets returns the groups of an alert: those of the receivers that its rule
// names, each once, in the order named; else those of the routes that match.
func (t *tree) targets(labels alert.Labels, named []string) []target {
	var out []target
	if len(named) == 0 {
		for _, r := range t.root.deciding(labels, nil) {
			if r.receiver != "" {
				out = append(out, r.target(r.receiver, labels))
			}
		}
		return out
	}
	for _, name := range named {
		name = t.existing(name)
		if name != "" && !slices.ContainsFunc(out, func(o target) bool { return o.receiver == name }) {
			out = append(out, t.rule.target(name, labels))
		}
	}
	return out
}

// deciding appends the routes that tell their receiver of these labels: of each
// branch that matches the deepest ones, of brothers the first and, while they
// say `continue`, those behind it.
func (r *route) deciding(labels alert.Labels, out []*route) []*route {
	before := len(out)
	for _, child := range r.children {
		if !child.matchers.Match(labels) {
			continue
		}
		out = child.deciding(labels, out)
		if !child.cfg.Continue {
			break
		}
	}
	if len(out) == before {
		out = append(out, r)
	}
	return out
}

func (r *route) target(receiver string, labels alert.Labels) target {
	if !r.cfg.GroupByAll {
		var common alert.Labels
		for _, l := range labels {
			if slices.Contains(r.cfg.GroupBy, l.Name) {
				common = append(common, l)
			}
		}
		labels = common
	}
	return target{r, receiver, labels, groupKey(receiver, r.key, labels)}
}

// micros is a duration in the unit of the core; one that is not zero stays so.
func micros(d time.Duration) int64 {
	if d > 0 && d < time.Microsecond {
		return 1
	}
	return d.Microseconds()
}
