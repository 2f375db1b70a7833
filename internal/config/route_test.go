package config

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestInheritance: a route takes over from above what it does not say.
func TestInheritance(t *testing.T) {
	src := `
receivers: [{name: a}, {name: b}, {name: boss}]
time_intervals: [{name: nights, time_intervals: [{weekdays: [monday]}]}]
route:
  receiver: a
  group_wait: 5s
  escalate: {after: 1h, receiver: boss}
  routes:
    - {matchers: [x=y], continue: true, mute_time_intervals: nights, group_by: ['...'], repeat_interval: 0, routes: [{matchers: [z=z], receiver: b}]}
    - {receiver: boss, group_by: [vm], routes: [{matchers: [z=z], receiver: b, escalate: none, routes: [{matchers: [u=v]}]}, {matchers: [v=v], receiver: a}]}
`
	c, list := Load("c.yml", []byte(src), env)
	if c == nil {
		t.Fatal(list)
	}
	var got []string
	var walk func(r *Route, depth string)
	walk = func(r *Route, depth string) {
		line := fmt.Sprintf("%s%s %v all=%v %v/%v/%v mute=%v continue=%v", depth, r.Receiver, r.GroupBy, r.GroupByAll,
			r.GroupWait, r.GroupInterval, r.RepeatInterval, r.MuteTimeIntervals, r.Continue)
		if r.Escalate != nil {
			line += fmt.Sprintf(" %v→%s", r.Escalate.After, r.Escalate.Receiver)
		}
		got = append(got, line)
		for i := range r.Routes {
			walk(&r.Routes[i], depth+". ")
		}
	}
	walk(&c.Route, "")
	want := []string{
		"a [host alertname] all=false 5s/1m0s/4h0m0s mute=[] continue=false 1h0m0s→boss",
		". a [] all=true 5s/1m0s/0s mute=[nights] continue=true 1h0m0s→boss",
		". . b [] all=true 5s/1m0s/0s mute=[] continue=false 1h0m0s→boss",
		". boss [vm] all=false 5s/1m0s/4h0m0s mute=[] continue=false",
		". . b [vm] all=false 5s/1m0s/4h0m0s mute=[] continue=false",
		". . . b [vm] all=false 5s/1m0s/4h0m0s mute=[] continue=false",
		". . a [vm] all=false 5s/1m0s/4h0m0s mute=[] continue=false 1h0m0s→boss",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnused(t *testing.T) {
	src, err := os.ReadFile("testdata/good/tree.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load("tree.yml", append(src, "  # more\n"...), env)
	if found := c.CheckRules(Named{}); len(found) > 0 {
		t.Errorf("all are named: %v", found)
	}
	c.Receivers = append(c.Receivers, Receiver{Name: "one"}, Receiver{Name: "two"})
	if found := c.CheckRules(Named{Receivers: []string{"two"}}); len(found) != 1 || !strings.Contains(found[0].Message, "`one`") {
		t.Errorf("one is named nowhere: %v", found)
	}
}

func TestIgnoredReceivers(t *testing.T) {
	src, err := os.ReadFile("testdata/good/ignored.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load("ignored.yml", src, env)
	if found := c.CheckRules(Named{}); len(found) > 0 {
		t.Errorf("the comment was not obeyed: %v", found)
	}
	c.Receivers[0].Name = "nobody"
	if found := c.CheckRules(Named{}); len(found) != 1 {
		t.Errorf("the comment silences too much: %v", found)
	}
}

func TestMatchersOfNoAlert(t *testing.T) {
	src, err := os.ReadFile("testdata/good/tree.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load("tree.yml", src, env)
	found := c.CheckRules(Named{Alerts: []string{"HostDwon"}})
	if len(found) != 1 || found[0].Message != "no rule makes an alert `HostDown`" || found[0].Hint != "did you mean `HostDwon`?" {
		t.Errorf("findings %v", found)
	}
	if found := c.CheckRules(Named{Alerts: []string{"HostDown"}}); len(found) > 0 {
		t.Errorf("the alert is there: %v", found)
	}
	c, _ = Load("inhibit.yml", []byte(`inhibit_rules:
  - source_matchers: ['alertname="HostDown"']
    target_matchers: [severity=info, 'alertname="Gone"']
`), env)
	found = c.CheckRules(Named{Alerts: []string{"HostDown"}})
	if len(found) != 1 || found[0].Pos.Line != 3 || found[0].Pos.Column != 38 {
		t.Errorf("findings %v, want one at the matcher", found)
	}
}
