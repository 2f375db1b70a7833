package backtest

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("%s (run with -update if it is meant to be so):\n%s", name, d)
	}
}

// hours are the alerts of two sets over three hours of a day.
func hours() (before, after []Alert, last int64) {
	const begin = 1_795_248_000 // 2026-11-21 08:00:00 UTC
	node := ruleBy("node-name")
	evil := &rules.Rule{Name: "Console <b>&\"'\x1b[2J\u202e"}
	before = []Alert{
		fired(node, begin+600, begin+2400, "node_name", "disk-c"),
		fired(node, begin+4000, begin+5000, "node_name", "disk-c"),
		fired(node, begin+1000, begin+1001, "node_name", "gone <script>alert(1)</script>\x00\u2028"),
		fired(node, begin+5400, begin+5400, "node_name", "same"),
	}
	after = []Alert{
		fired(node, begin+1200, begin+3000, "node_name", "disk-c"),
		fired(node, begin+4000, begin+5000, "node_name", "disk-c"),
		fired(node, begin+5400, begin+5400, "node_name", "same"),
		fired(evil, begin+7200, 0),
	}
	return before, after, (begin + 10800) * 1e6
}

func differences() Timeline {
	before, after, last := hours()
	t := DifferencesOf(Compare(before, after, qmp.NoTime, last), before, after, qmp.NoTime, last, 10)
	t.Before, t.After = "HEAD~1", "rules"
	return t
}

func TestTerminal(t *testing.T) {
	picture := differences()
	golden(t, "differences.txt", picture.Terminal(100))
	golden(t, "narrow.txt", picture.Terminal(1))
	_, after, last := hours()
	one := TimelineOf(after, qmp.NoTime, last, 2)
	golden(t, "one.txt", one.Terminal(100))
	nothing := TimelineOf(nil, qmp.NoTime, qmp.NoTime, 10)
	if got := nothing.Terminal(100); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestSVG(t *testing.T) {
	picture := differences()
	golden(t, "differences.svg", picture.SVG())
	_, after, last := hours()
	one := TimelineOf(after, qmp.NoTime, last, 2)
	one.After = "rules"
	golden(t, "one.svg", one.SVG())
	nothing := TimelineOf(nil, qmp.NoTime, qmp.NoTime, 10)
	wellFormed(t, nothing.SVG())
}

// wellFormed reads a picture as a browser would, and looks for what must not be
// in it.
func wellFormed(t interface {
	Helper()
	Fatalf(string, ...any)
}, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, svg)
		}
		if start, ok := token.(xml.StartElement); ok {
			switch start.Name.Local {
			case "svg", "title", "style", "rect", "text", "line", "path":
			default:
				t.Fatalf("element %s in the picture", start.Name.Local)
			}
		}
	}
}

// TestHostile: whatever a guest calls itself, and whenever it does, the
// pictures hold.
func TestHostile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &rules.Rule{Name: rapid.String().Draw(t, "name"), By: []string{"id"}}
		anyTime := rapid.Int64Range(-1<<62, 1<<62)
		var all []Alert
		for range rapid.IntRange(0, 4).Draw(t, "alerts") {
			start := anyTime.Draw(t, "start")
			end := max(start, anyTime.Draw(t, "end"))
			if rapid.Bool().Draw(t, "open") {
				end = qmp.NoTime
			}
			labels := alert.Labels{{Name: "id", Value: string(rapid.SliceOf(rapid.Byte()).Draw(t, "id"))}, {Name: "vm", Value: rapid.String().Draw(t, "vm")}}
			all = append(all, Alert{Rule: r, Name: r.Name, Labels: labels, Start: start, End: end})
		}
		from, last := anyTime.Draw(t, "from"), anyTime.Draw(t, "last")
		half := len(all) / 2
		c := Compare(all[:half], all[half:], from, last)
		for _, picture := range []Timeline{TimelineOf(all, from, last, 3), DifferencesOf(c, all[:half], all[half:], from, last, 3)} {
			picture.Before = rapid.String().Draw(t, "before")
			wellFormed(t, picture.SVG())
			width := rapid.IntRange(-5, 200).Draw(t, "width")
			text := picture.Terminal(width)
			for line := range strings.Lines(text) {
				if n := utf8.RuneCountInString(line) - 1; n > max(width, minWidth) && !strings.HasPrefix(line, "…") && !strings.Contains(line, " to ") {
					t.Fatalf("%d columns of %d: %q", n, width, line)
				}
			}
			if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == 0x9b || r == 0x202e }); i >= 0 {
				t.Fatalf("%q in %q", text[i], text)
			}
		}
	})
}

func TestMarks(t *testing.T) {
	at := func(text string) int64 {
		when, err := time.Parse(time.DateTime, text)
		if err != nil {
			t.Fatal(err)
		}
		return when.UnixMicro()
	}
	for _, tt := range []struct {
		left, right string
		most        int
		want        []string
	}{
		{"2026-11-21 07:41:01", "2026-11-21 07:51:04", 4, []string{"07:45", "07:50"}},
		{"2026-11-21 07:41:01", "2026-11-21 07:41:03", 8, nil},
		{"2026-11-20 23:59:50", "2026-11-21 00:00:30", 5, []string{"23:59:50", "00:00:00", "00:00:10", "00:00:20", "00:00:30"}},
		{"1969-12-31 20:00:00", "1970-01-01 05:00:00", 4, []string{"21:00", "00:00", "03:00"}},
		{"2026-01-01 00:00:00", "2026-03-01 00:00:00", 3, []string{"2026-01-07", "2026-02-06"}},
		{"2026-11-21 07:41:01", "2026-11-21 07:41:01", 8, nil},
		{"2026-11-21 07:41:01", "2026-11-21 07:51:04", 0, nil},
	} {
		var got []string
		for _, m := range marks(at(tt.left), at(tt.right), tt.most) {
			got = append(got, m.text)
		}
		if tt.want == nil && tt.most == 8 && tt.left != tt.right {
			if len(got) == 0 || len(got) > 8 {
				t.Errorf("%s to %s: %q", tt.left, tt.right, got)
			}
			continue
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s to %s, %d: %s", tt.left, tt.right, tt.most, d)
		}
	}
}
