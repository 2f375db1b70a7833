package dispatch

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/notifiers"
)

var update = flag.Bool("update", false, "rewrite the scenarios in testdata")

// TestScenarios plays the files in testdata/scenarios: what is done, a line
// each, and below it what was told (>) and noted (-). See scenario_config_test.go
// for the lines of a configuration; the others are
//
//	TIME fires|ends|quiets NAME LABEL=VALUE… [to=RECEIVER,…] [inhibits=NAME,…]
//	TIME counts N NAME LABEL=VALUE…
//	TIME acks NAME LABEL=VALUE… by WHO
//	TIME silences ID MATCHER for DURATION by WHO
//	TIME expires ID by WHO
//	TIME passes | restarts | swaps (to the configuration lines above it)
//	TIME explains LABEL=VALUE…
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(err, files)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := (&scenario{t: t, titles: map[alert.Fingerprint]string{}}).play(string(text))
			if *update {
				if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if d := cmp.Diff(string(text), got); d != "" {
				t.Errorf("-update writes it anew:\n%s", d)
			}
		})
	}
}

type scenario struct {
	t   *testing.T
	p   *Planner
	cfg Config
	out strings.Builder

	titles map[alert.Fingerprint]string // of all alerts so far
}

// begin is 10:00 on a Monday.
var begin = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func (s *scenario) play(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "  > ") || strings.HasPrefix(line, "  - ") || strings.HasPrefix(line, "  ! ") {
			continue
		}
		fmt.Fprintln(&s.out, line)
		switch first, _, _ := strings.Cut(strings.TrimSpace(line), " "); {
		case first == "" || first == "#":
		case s.configure(line):
		default:
			at, list := duration.Parse(first)
			if list != nil {
				s.t.Fatalf("%q: %v", line, list)
			}
			s.do(begin.Add(at).UnixMicro(), strings.Fields(line)[1:])
		}
	}
	return s.out.String()
}

func (s *scenario) do(at int64, words []string) {
	if s.p == nil {
		s.p = plan(s.t, s.cfg)
	}
	var err error
	what, rest := words[0], words[1:]
	switch by := rest[max(0, len(rest)-1):]; what {
	case "fires", "ends", "quiets":
		s.p.Step(s.change(at, what, rest), at)
	case "counts":
		c := s.change(at, "fires", rest[1:])
		c.StartsAt = s.p.lives[c.Fingerprint].change.StartsAt
		_, _ = fmt.Sscan(rest[0], &c.Count)
		s.p.Refresh(c)
	case "acks":
		err = s.p.Ack(s.change(at, "fires", rest[:len(rest)-2]).Fingerprint, notifiers.Ack{By: by[0]}, at)
	case "silences":
		long, bad := duration.Parse(rest[3])
		if bad != nil {
			s.t.Fatal(bad)
		}
		_, err = s.p.SetSilence(Silence{ID: rest[0], Matchers: rest[1:2], StartsAt: at, EndsAt: at + micros(long), CreatedBy: by[0]}, at)
	case "expires":
		err = s.p.ExpireSilence(rest[0], by[0], at)
	case "swaps":
		err = s.p.Swap(s.cfg, at)
	case "restarts":
		s.p = restore(s.t, s.cfg, s.p.Snapshot())
	case "explains":
		s.explain(s.p.Explain(s.change(at, "fires", append([]string{""}, rest...)).Labels, at))
	case "passes":
	default:
		s.t.Fatalf("what is %q?", what)
	}
	if err != nil {
		fmt.Fprintf(&s.out, "  ! %v\n", err)
	}
	s.write(s.p.Advance(at))
}

func (s *scenario) change(at int64, what string, words []string) alert.Change {
	c := alert.Change{At: at, Name: words[0], Status: alert.Firing, StartsAt: at, Reason: alert.ReasonMatch}
	if words[0] != "" {
		c.Labels = alert.Labels{{Name: "alertname", Value: words[0]}}
	}
	for _, word := range words[1:] {
		switch name, value, _ := strings.Cut(word, "="); name {
		case "to":
			c.Receivers = strings.Split(value, ",")
		case "inhibits":
			c.Inhibits = strings.Split(value, ",")
		default:
			c.Labels = append(c.Labels, alert.Label{Name: name, Value: value})
		}
	}
	c.Labels.Sort()
	c.Fingerprint = c.Labels.Fingerprint()
	if words[0] != "" {
		s.titles[c.Fingerprint] = title(&c)
	}
	if what != "fires" {
		c.Status, c.Reason = alert.Resolved, alert.ReasonResolve
		if l := s.p.lives[c.Fingerprint]; l != nil {
			c.StartsAt = l.change.StartsAt
		}
	}
	if what == "quiets" {
		c.Reason = alert.ReasonQuiet
	}
	return c
}

func since(at int64) time.Duration { return time.UnixMicro(at).Sub(begin) }

func (s *scenario) write(d Decision) {
	for _, n := range d.Notifications {
		var names, life []string
		for _, c := range n.Alerts {
			name := title(&c)
			if c.Status == alert.Resolved {
				name += " (over)"
			}
			names = append(names, name)
		}
		for _, m := range n.Timeline {
			life = append(life, fmt.Sprintf("%s %s", since(m.At), m.What))
		}
		fmt.Fprintf(&s.out, "  > %s %s %s %s: %s [%s]\n", since(n.At), n.Receiver, n.Kind, n.Status, strings.Join(names, ", "), strings.Join(life, ", "))
	}
	for _, n := range d.Notes {
		fmt.Fprintf(&s.out, "  - %s %s: %s\n", since(n.At), s.titles[n.Fingerprint], strings.Join(nonEmpty(string(n.What), n.Receiver, n.By, n.Text), ", "))
	}
}

func nonEmpty(all ...string) []string {
	var out []string
	for _, one := range all {
		if one != "" {
			out = append(out, one)
		}
	}
	return out
}

func (s *scenario) explain(e Explanation) {
	for _, r := range e.Routes {
		mark := map[bool]string{true: "tells " + r.Receiver + ", group " + r.GroupKey, false: "no"}[r.Decides]
		fmt.Fprintf(&s.out, "  > %s%s matches %v, reached %v: %s\n", strings.Repeat("  ", r.Depth), r.Matchers, r.Matches, r.Reached, mark)
		for _, m := range r.Muted {
			fmt.Fprintf(&s.out, "  > %s  %s\n", strings.Repeat("  ", r.Depth), m.Text)
		}
	}
	for _, m := range e.Muted {
		fmt.Fprintf(&s.out, "  > %s\n", m.Text)
	}
}
