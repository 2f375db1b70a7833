package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// listEvents prints a line for each event, under its category; our own come
// last.
func listEvents(w io.Writer, p painter, defs []*qmp.Def) {
	of := map[string][]*qmp.Def{}
	own := 0
	for _, d := range defs {
		of[d.Category] = append(of[d.Category], d)
		if d.Own {
			own++
		}
	}
	categories := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		if x, y := of[a][0].Own, of[b][0].Own; x != y {
			return map[bool]int{false: -1, true: 1}[x]
		}
		return strings.Compare(a, b)
	})
	for _, category := range categories {
		fmt.Fprintf(w, "%s\n", p.paint(bold, category))
		for _, d := range of[category] {
			throttled := ""
			if d.Throttle != nil {
				throttled = "≤1/s"
			}
			fmt.Fprintf(w, "  %-30s %-5s %-5s %s\n", d.Name, d.Since, throttled, d.Summary)
		}
	}
	fmt.Fprintf(w, "\n%d events of QEMU, %d of qmpalert itself. The number is the release that brought the event,\n"+
		"≤1/s: QEMU sends at most one a second. `qmpalert events NAME` says all about one.\n", len(defs)-own, own)
}

// explainEvent prints all that is known about one event.
func explainEvent(w io.Writer, p painter, d *qmp.Def) {
	fmt.Fprintf(w, "%s  %s\n%s\n\n", p.paint(bold, d.Name), p.paint(dim, d.Category), d.Summary)
	for _, f := range eventFacts(d) {
		fmt.Fprintln(w, wrap(fmt.Sprintf("  %-11s ", f[0]), strings.Repeat(" ", 14), f[1]))
	}
	if len(d.Members) == 0 {
		fmt.Fprintf(w, "  %-11s none\n", "members")
	} else {
		fmt.Fprintf(w, "\n%s\n", p.paint(bold, "Members"))
		explainMembers(w, d.Members, "  ")
	}
	if len(d.Follows) > 0 {
		fmt.Fprintf(w, "\n%s\n", p.paint(bold, "What comes next"))
		for _, f := range d.Follows {
			fmt.Fprintf(w, "  %s → %s\n", f.When, f.Then)
		}
	}
	if len(d.Quirks) > 0 {
		fmt.Fprintf(w, "\n%s\n", p.paint(bold, "Good to know"))
		for _, q := range d.Quirks {
			fmt.Fprintf(w, "%s\n", wrap("  - ", "    ", q))
		}
	}
	fmt.Fprintf(w, "\n%s\n%s", p.paint(bold, "A rule to begin with"), indent(exampleRule(d), "  "))
}

// eventFacts are the properties of an event that are not the usual.
func eventFacts(d *qmp.Def) [][2]string {
	whose := "QEMU "
	if d.Own {
		whose = "qmpalert "
	}
	facts := [][2]string{{"since", whose + d.Since}}
	add := func(name, format, value string) {
		if value != "" {
			facts = append(facts, [2]string{name, fmt.Sprintf(format, value)})
		}
	}
	add("gone", "since "+whose+"%s, which does not send it any more", d.Removed)
	add("deprecated", "since "+whose+"%s", d.Deprecated)
	add("sent only", "with %s", d.Gate)
	add("needs", "a QEMU built with %s", d.Condition)
	add("data", "has members since "+whose+"%s, none before", d.DataSince)
	if d.Unstable {
		add("unstable", "%s", "QEMU may change or drop it without notice")
	}
	if d.Throttle == nil {
		add("at most", "%s", "as often as it happens: QEMU does not limit its rate")
	} else {
		add("at most", "%s", throttling(d.Throttle))
	}
	return facts
}

// throttling says how often QEMU sends an event at most.
func throttling(t *qmp.Throttle) string {
	text := "one a second"
	if t.PeriodMS != 1000 {
		text = fmt.Sprintf("one in %d ms", t.PeriodMS)
	}
	per := func(key []string) string {
		if len(key) == 0 {
			return "per VM"
		}
		return "per " + strings.Join(key, ", ")
	}
	since, before := t.Since, ""
	for _, step := range t.History {
		if per(step.Key) == per(t.Key) {
			since = step.From
		} else {
			before += ", " + per(step.Key) + " since " + step.From
		}
	}
	text += " " + per(t.Key)
	if since != "" {
		text += " since QEMU " + since
	}
	if before != "" {
		text += " (earlier: " + strings.TrimPrefix(before, ", ") + ")"
	}
	return text + "; the first comes at once, then the last of each period, late and with its old time"
}

// explainMembers prints a line for each member, its values and its own
// members below it.
func explainMembers(w io.Writer, members []*qmp.Member, margin string) {
	width := 0
	for _, m := range members {
		width = max(width, len(m.Name))
	}
	for _, m := range members {
		fmt.Fprintf(w, "%s%-*s  %s\n", margin, width, m.Name, strings.Join(memberFacts(m), ", "))
		if m.Enum != nil {
			fmt.Fprintf(w, "%s\n", wrap(margin+"    ", margin+"    ", "one of "+enumValues(m.Enum)))
		}
		explainMembers(w, m.Members, margin+"    ")
	}
}

func memberFacts(m *qmp.Member) []string {
	facts := []string{string(m.JSON)}
	if m.Enum == nil && m.Type != "str" && m.Type != "bool" && m.Type != "int" {
		facts[0] += " (" + m.Type + ")"
	}
	if m.Unit != "" {
		facts = append(facts, "in "+m.Unit)
	}
	if m.Since != "" {
		facts = append(facts, "since "+m.Since)
	}
	if m.Optional {
		facts = append(facts, "optional")
	}
	if m.Branch != "" {
		facts = append(facts, "only with type "+strings.ReplaceAll(m.Branch, "|", " or "))
	}
	if m.IdentPath != m.Path {
		facts = append(facts, "in expressions "+m.IdentPath)
	}
	for _, a := range m.Aliases {
		facts = append(facts, "also spelled "+a)
	}
	return facts
}

func enumValues(e *qmp.Enum) string {
	var values []string
	for _, v := range e.Values {
		text := v.Value
		if v.Since != "" {
			text += " (" + v.Since + ")"
		}
		if v.NotSent != "" {
			text += " [never sent: " + v.NotSent + "]"
		}
		values = append(values, text)
	}
	return strings.Join(values, ", ")
}

// exampleRule is a rule file about one event, of the members that usually make
// its key. It passes `qmpalert check`.
func exampleRule(d *qmp.Def) string {
	var b strings.Builder
	fmt.Fprintf(&b, "groups:\n  - name: example\n    rules:\n      - alert: %s\n        event: %s\n", camelCase(d.Name), d.Name)
	for _, m := range d.Members {
		if value := likelyValue(m); value != "" {
			fmt.Fprintf(&b, "        expr: %s == %q\n", m.Ident, value)
			break
		}
	}
	if len(d.Correlate) > 0 {
		fmt.Fprintf(&b, "        by: [%s]\n", d.Correlate[0])
	}
	return b.String()
}

// likelyValue is a value that a rule may ask for, "" for a member without a set
// of values.
func likelyValue(m *qmp.Member) string {
	if m.Enum != nil {
		for _, v := range m.Enum.Values {
			if v.NotSent == "" {
				return v.Value
			}
		}
	}
	return ""
}

// camelCase turns BLOCK_IO_ERROR into BlockIoError.
func camelCase(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String()
}

func indent(text, margin string) string {
	return margin + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+margin) + "\n"
}

// wrap breaks text into lines of at most 96 characters.
func wrap(first, others, text string) string {
	const width = 96
	lines, line := []string{}, first
	for word := range strings.FieldsSeq(text) {
		if len(line)+len(word) > width && len(strings.TrimSpace(line)) > 0 {
			lines, line = append(lines, strings.TrimRight(line, " ")), others
		}
		line += word + " "
	}
	return strings.Join(append(lines, strings.TrimRight(line, " ")), "\n")
}
