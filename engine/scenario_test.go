package engine_test

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/engine/oracle"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/rules"
)

var update = flag.Bool("update", false, "rewrite the changes in testdata/scenarios")

// TestScenarios runs testdata/scenarios: rule files, what happens, and after
// each line, indented, the changes that it brings out. README.txt there says
// how they are written; -update rewrites them, and the diff is the review.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/scenarios/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		if filepath.Base(file) == "README.txt" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, script, ok := strings.Cut(string(text), "-- run --\n")
			if !ok {
				t.Fatal("no -- run --")
			}
			s := &scenario{t: t, files: parts(head)}
			got := s.play(script)
			switch {
			case got == script:
			case *update:
				if err := os.WriteFile(file, []byte(head+"-- run --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("got:\n%s\nwant:\n%s", got, script)
			}
		})
	}
}

// parts cuts a text at lines of the form "-- NAME --".
func parts(text string) map[string]string {
	files := map[string]string{}
	for _, part := range strings.Split("\n"+text, "\n-- ")[1:] {
		name, body, _ := strings.Cut(part, " --\n")
		files[name] = body
	}
	return files
}

// scenario is one that is being played.
type scenario struct {
	t     *testing.T
	files map[string]string
	set   *rules.Set
	m     *engine.Machine
	opts  engine.Options
	seq   uint64

	question alert.Fingerprint // of the last question
}

// play carries out each line and returns all of them, each with its outcome.
func (s *scenario) play(script string) string {
	s.set = s.load("rules.yml")
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(script, "\n"), "\n") {
		if strings.HasPrefix(line, "    ") {
			continue // an outcome
		}
		b.WriteString(line + "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		for _, out := range s.do(line) {
			b.WriteString("    " + out + "\n")
		}
	}
	return b.String()
}

// do carries out one line.
func (s *scenario) do(line string) []string {
	words := strings.Fields(line)
	arg := func(i int) string {
		if i >= len(words) {
			s.t.Fatalf("%q: a word is missing", line)
		}
		return words[i]
	}
	switch words[0] {
	case "clock_step":
		s.opts.ClockStep = s.span(arg(1))
		return nil
	case "confirm":
		if arg(1) != "skip" {
			s.t.Fatalf("%q is not \"confirm skip\"", line)
		}
		s.opts.Confirm = engine.ConfirmSkip
		return nil
	case "know":
		p := place(arg(1))
		s.machine().Know(p.Host, p.VM)
		return nil
	case "tick":
		return s.lines(s.machine().Advance(s.time(arg(1))))
	case "restart":
		return s.restart()
	case "swap":
		return s.swap(arg(1), s.time(arg(2)))
	case "end":
		limit := time.Duration(-1)
		if len(words) > 1 {
			limit = s.span(words[1])
		}
		return s.lines(s.machine().Finish(limit))
	}
	d := s.machine().Step(s.event(line))
	out := s.lines(d)
	if d.Late {
		out = append([]string{"late"}, out...)
	}
	return out
}

// machine is made by the first line that needs it.
func (s *scenario) machine() *engine.Machine {
	if s.m == nil {
		s.m = engine.New(s.set, s.opts)
	}
	return s.m
}

// restart makes a snapshot and goes on with what JSON left of it.
func (s *scenario) restart() []string {
	text, err := json.Marshal(s.machine().Snapshot())
	if err != nil {
		s.t.Fatal(err)
	}
	var snap engine.Snapshot
	if err := json.Unmarshal(text, &snap); err != nil {
		s.t.Fatal(err)
	}
	if s.m, err = engine.Restore(s.set, snap); err != nil {
		s.t.Fatal(err)
	}
	return nil
}

func (s *scenario) swap(file string, at int64) []string {
	s.machine()
	s.set = s.load(file)
	d, verdicts := s.m.Swap(s.set, at)
	var out []string
	for _, v := range verdicts {
		out = append(out, fmt.Sprintf("%s %s", v.Rule, v.Action))
	}
	return append(out, s.lines(d)...)
}

// lines are the changes, each with what else it says, and the questions.
func (s *scenario) lines(d engine.Decision) []string {
	var out []string
	changes := slices.Clone(d.Changes)
	slices.SortStableFunc(changes, func(a, b alert.Change) int {
		return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Name, b.Name), strings.Compare(keyLabels(a), keyLabels(b)))
	})
	for _, c := range changes {
		out = append(out, engineLines([]alert.Change{c})...)
		if text := c.Annotations.Get("text"); text != "" {
			out = append(out, "  "+text)
		}
		if c.Evidence.Note != "" {
			out = append(out, "  "+c.Evidence.Note)
		}
	}
	for _, q := range d.Questions {
		out = append(out, fmt.Sprintf("%s %s? for %s of %s/%s", clock(q.At), q.Query, q.Rule, q.Host, q.VM))
		s.question = q.Fingerprint
	}
	return out
}

// load loads a rule file of the scenario; "groups:" and one group may be left
// out.
func (s *scenario) load(name string) *rules.Set {
	text, ok := s.files[name]
	if !ok {
		s.t.Fatalf("no %s", name)
	}
	if !strings.HasPrefix(text, "groups:") {
		text = "groups:\n  - name: g\n    rules:\n" + text
	}
	return loadRules(s.t, text)
}

// event reads "TIME [HOST/]VM NAME [DATA] [@RECEIVED]", or a record as JSON.
func (s *scenario) event(line string) *event.Event {
	s.seq++
	if !strings.HasPrefix(line, "{") {
		line = s.record(line)
	}
	e, err := event.Parse([]byte(line))
	if err != nil {
		s.t.Fatalf("%s: %v", line, err)
	}
	e.Seq = s.seq
	return e
}

func (s *scenario) record(line string) string {
	e := oracle.Event{Time: oracle.NoTime, Received: oracle.NoTime}
	if head, received, ok := strings.Cut(line, " @"); ok {
		line, e.Received = head, s.time(received)
	}
	line = strings.ReplaceAll(line, "$question", s.question.String())
	line, data, hasData := strings.Cut(line, " {")
	words := strings.Fields(line)
	if len(words) != 3 {
		s.t.Fatalf("%q is not TIME VM EVENT", line)
	}
	if words[0] != "-" {
		e.Time = s.time(words[0])
	}
	p := place(words[1])
	e.Host, e.VM, e.Name = p.Host, p.VM, words[2]
	if hasData {
		if err := json.Unmarshal([]byte("{"+data), &e.Members); err != nil {
			s.t.Fatalf("%s: %v", line, err)
		}
	}
	return world{events: []oracle.Event{e}}.line(0)
}

// place reads [HOST/]VM; the host is kvm1 when it is left out.
func place(word string) oracle.Place {
	host, vm, ok := strings.Cut(word, "/")
	if !ok {
		return oracle.Place{Host: "kvm1", VM: word}
	}
	return oracle.Place{Host: cmp.Or(host, "kvm1"), VM: vm}
}

// time reads a time as the span since the beginning of the scenario.
func (s *scenario) time(word string) int64 { return epoch + s.span(word).Microseconds() }

func (s *scenario) span(word string) time.Duration {
	d, err := time.ParseDuration(word)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}
