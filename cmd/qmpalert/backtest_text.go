package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/backtest"
	"github.com/qmpalert/qmpalert/qmp"
)

// maxRows bounds the differences that are shown to people.
const maxRows = 200

func (b *backtesting) print(out io.Writer, f format) error {
	w := bufio.NewWriter(out)
	if f == formatJSON {
		if err := b.printJSON(w); err != nil {
			return err
		}
		return w.Flush()
	}
	p := colours(out)
	fmt.Fprintln(w, b.header())
	if b.result.Unasked {
		fmt.Fprintln(w, "what VMs answered is not in the recordings: alerts with `confirm` fire without it")
	}
	if b.compared {
		b.printDifferences(w, p)
	} else {
		b.printSummary(w, p)
	}
	picture := b.timeline(maxLanes)
	if text := picture.Terminal(width(out)); text != "" {
		fmt.Fprint(w, "\n"+text)
	}
	return w.Flush()
}

// header says what was read.
func (b *backtesting) header() string {
	events := 0
	for _, f := range b.result.Files {
		for _, n := range f.Events {
			events += n
		}
	}
	text := plural(events, "event") + " of " + plural(len(b.result.Files), "recording")
	if b.result.First != qmp.NoTime {
		text += ", " + moment(b.result.First) + " to " + moment(b.result.Last) + " UTC"
	}
	text += "; " + safe(b.nameAfter()) + ": " + plural(b.after.Len(), "rule")
	if b.compared {
		text += ", " + safe(b.against) + ": " + plural(b.before.Len(), "rule")
	}
	return text
}

func moment(t int64) string { return time.UnixMicro(t).UTC().Format(time.DateTime) }

// printDifferences prints a row for each alert that differs, and the counts.
func (b *backtesting) printDifferences(w io.Writer, p painter) {
	t := table{{"", "ALERT", "WHAT IT IS ABOUT", "BEFORE", "AFTER"}}
	counts := map[string]int{}
	all := b.comparison.Differences
	for i := range all {
		d := &all[i]
		what := d.What()[0]
		if what != "added" && what != "gone" {
			what = "different"
		}
		counts[what]++
		if i < maxRows {
			t = append(t, []string{b.what(d), safe(d.Either().Name), labelList(d.Either().Key()), when(d.Before), when(d.After)})
		}
	}
	if len(all) > 0 {
		fmt.Fprintln(w)
		t.print(w, func(row int, text string) string {
			switch {
			case row == 0:
				return p.paint(bold, text)
			case all[row-1].Before == nil:
				return p.paint(red, text)
			case all[row-1].After == nil:
				return p.paint(green, text)
			}
			return p.paint(yellow, text)
		})
	}
	if more := len(all) - maxRows; more > 0 {
		fmt.Fprintf(w, "… and %d more: -o json shows all\n", more)
	}
	fmt.Fprintf(w, "\n%s added, %d gone, %d different, %d the same\n",
		plural(counts["added"], "alert"), counts["gone"], counts["different"], b.comparison.Same)
}

// what says how much an alert differs: "later 2m, shorter 1m".
func (b *backtesting) what(d *backtest.Difference) string {
	var words []string
	for _, word := range d.What() {
		switch word {
		case "earlier", "later":
			word += " " + backtest.Length(d.Later)
		case "longer", "shorter":
			if d.Endless {
				word += " (no end)"
			} else {
				word += " " + backtest.Length(d.Longer)
			}
		case "labels":
			word = otherLabels(d.Before.Labels, d.After.Labels)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// otherLabels says which labels differ: "severity warning → critical".
func otherLabels(before, after alert.Labels) string {
	var out []string
	say := func(name string) {
		from, to := before.Get(name), after.Get(name)
		if from != to {
			out = append(out, name+" "+labelText(from)+" → "+labelText(to))
		}
	}
	for _, l := range before {
		say(l.Name)
	}
	for _, l := range after {
		if before.Get(l.Name) == "" {
			say(l.Name)
		}
	}
	return strings.Join(out, ", ")
}

// labelList is "vm=db1 node_name=c".
func labelList(labels alert.Labels) string {
	var out []string
	for _, l := range labels {
		out = append(out, l.Name+"="+labelText(l.Value))
	}
	return strings.Join(out, " ")
}

// when is "2026-11-21 07:41:01 for 5m3s".
func when(a *backtest.Alert) string {
	switch {
	case a == nil:
		return "-"
	case a.Open():
		return moment(a.Start) + ", no end"
	}
	return moment(a.Start) + " for " + backtest.Length(a.Lasted(a.End))
}

// printSummary prints a row for each rule that fired, and names the others.
func (b *backtesting) printSummary(w io.Writer, p painter) {
	t := table{{"RULE", "FIRED", "FOR", "MESSAGES", "NOISIEST"}}
	var quiet []string
	for _, s := range backtest.Summarize(b.after, b.alertsAfter(), b.result.From, b.result.Last) {
		if s.Fired == 0 {
			quiet = append(quiet, safe(s.Rule.Name))
			continue
		}
		firing := backtest.Length(s.Firing)
		if s.Open > 0 {
			firing += fmt.Sprintf(" (%d without end)", s.Open)
		}
		t = append(t, []string{safe(s.Rule.Name), fmt.Sprint(s.Fired), firing, fmt.Sprint(s.Messages), noisiest(&s)})
	}
	if len(t) > 1 {
		fmt.Fprintln(w)
		t.print(w, func(row int, text string) string {
			if row == 0 {
				return p.paint(bold, text)
			}
			return text
		})
	}
	if len(quiet) > 0 {
		fmt.Fprintf(w, "\n%s never fired: %s\n", plural(len(quiet), "rule"), strings.Join(quiet, ", "))
	}
}

// noisiest is "vm=db1 node_name=c 4×, vm=db2 1×, and 7 more".
func noisiest(s *backtest.Summary) string {
	var out []string
	for _, n := range s.Noisy {
		name := labelList(n.Labels)
		if name == "" {
			continue // a rule of the whole fleet has but one key
		}
		out = append(out, fmt.Sprintf("%s %d×", name, n.Fired))
	}
	if more := s.Keys - len(s.Noisy); more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}

// table is rows of cells, the first the heading.
type table [][]string

// print sets the cells below each other. colour paints the first cell of a row.
func (t table) print(w io.Writer, colour func(row int, text string) string) {
	var widths []int
	for _, row := range t {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range t {
		var line strings.Builder
		for i, cell := range row {
			text := cell
			if i == 0 || n == 0 {
				text = colour(n, cell)
			}
			line.WriteString(text)
			if i < len(row)-1 {
				line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}
