package engine_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/engine/oracle"
	"github.com/qmpalert/qmpalert/event"
)

// This file writes drawn worlds as what a user would write: a rule file and
// lines of events. The engine gets these texts, and a failed check prints them,
// ready to be pasted into a scenario.

func ruleFile(rules []drawnRule) string {
	var b strings.Builder
	b.WriteString("groups:\n  - name: g\n    rules:\n")
	for _, r := range rules {
		lead := "      - "
		for _, line := range r.lines() {
			b.WriteString(lead + line + "\n")
			lead = "        "
		}
	}
	return b.String()
}

func (r drawnRule) lines() []string {
	ls := []string{map[bool]string{false: "alert: ", true: "record: "}[r.Record] + r.Name}
	add := func(on bool, format string, args ...any) {
		if on {
			ls = append(ls, fmt.Sprintf(format, args...))
		}
	}
	list := func(key string, patterns []oracle.Pattern) {
		add(len(patterns) > 0, "%s:", key)
		for _, p := range patterns {
			add(true, "  - %s", patternText(p))
		}
	}
	if len(r.Steps) == 0 {
		add(true, "event: %s", r.eventText())
		add(len(r.Match.Conds) > 0, "expr: %s", quoted(expression(r.Match.Conds)))
	}
	list(map[bool]string{false: "all_of", true: "sequence"}[r.Form == oracle.FormSequence], r.Steps)
	list("until", r.Until)
	add(r.Scope != oracle.VM, "scope: %s", []string{"vm", "host", "fleet"}[r.Scope])
	add(len(r.By) > 0, "by: %s", flowList(r.By))
	add(r.Form == oracle.FormCount, "count: %d", r.Count)
	if r.Form == oracle.FormHaving {
		add(true, "having: %s", quoted(havingText(r.Having)))
	}
	add(r.Within > 0, "within: %s", span(r.Within))
	add(r.AbsentFor > 0, "absent_for: %s", span(r.AbsentFor))
	add(r.For > 0, "for: %s", span(r.For))
	list("resolve", r.Resolve)
	add(r.KeepGiven, "keep_firing_for: %s", span(r.Keep))
	add(r.LatenessGiven, "lateness: %s", span(r.Lateness))
	add(r.KeepOnExit, "on_vm_exit: keep")
	add(len(r.Exceptions) > 0, "exceptions:")
	for i, x := range r.Exceptions {
		expires := ""
		if x.Until != oracle.NoTime {
			expires = ", expires: " + time.UnixMicro(x.Until-1).UTC().Format(time.DateOnly)
		}
		add(true, "  - {name: x%d, expr: %s%s}", i, quoted(expression(x.Conds)), expires)
	}
	add(r.Confirm != nil, "confirm: {query: query-status, expr: running}")
	if len(r.Shown) > 0 {
		var texts []string
		for _, a := range r.Shown {
			texts = append(texts, "{{ "+aggText(a)+" }}")
		}
		add(true, "annotations: {shown: %s}", quoted(strings.Join(texts, "|")))
	}
	return ls
}

func (r drawnRule) eventText() string {
	if r.event != "" {
		return quoted(r.event)
	}
	return flowList(r.Match.Events)
}

func patternText(p oracle.Pattern) string {
	line := "{event: " + flowList(p.Events)
	if len(p.Conds) > 0 {
		line += ", expr: " + quoted(expression(p.Conds))
	}
	if len(p.By) > 0 {
		var by []string
		for member, own := range p.By {
			by = append(by, member+": "+own)
		}
		slices.Sort(by)
		line += ", by: {" + strings.Join(by, ", ") + "}"
	}
	return line + "}"
}

func expression(conds []oracle.Cond) string {
	var parts []string
	for _, c := range conds {
		parts = append(parts, identifier(c.Member)+" "+c.Op+" "+literal(c.Value))
	}
	return strings.Join(parts, " and ")
}

func quoted(s string) string { return "'" + s + "'" }

func flowList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// span writes a duration as Prometheus does.
func span(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return fmt.Sprintf("%dms", d/time.Millisecond)
}

// lines writes the events as records (one JSON object a line).
func (w world) lines() []string {
	var out []string
	for i := range w.events {
		out = append(out, w.line(i))
	}
	return out
}

func (w world) line(i int) string {
	e, number := w.events[i], i+1
	if w.numbers != nil {
		number = w.numbers[i]
	}
	var b strings.Builder
	b.WriteByte('{')
	if e.Time != oracle.NoTime {
		fmt.Fprintf(&b, `"timestamp":{"seconds":%d,"microseconds":%d},`, e.Time/1e6, e.Time%1e6)
	}
	fmt.Fprintf(&b, `"event":%q`, e.Name)
	if len(e.Members) > 0 {
		fmt.Fprintf(&b, `,"data":%s`, nested(e.Members))
	}
	fmt.Fprintf(&b, `,"host":%q,"vm":%q`, e.Host, e.VM)
	if e.Received != oracle.NoTime {
		fmt.Fprintf(&b, `,"received":"%s"`, event.AppendTime(nil, e.Received))
	}
	fmt.Fprintf(&b, `,"seq":%d}`, number)
	return b.String()
}

// nested turns members by path into the object that QMP would send.
func nested(members map[string]any) string {
	object := map[string]any{}
	for path, v := range members {
		outer, inner, deep := strings.Cut(path, ".")
		if !deep {
			object[path] = v
			continue
		}
		if object[outer] == nil {
			object[outer] = map[string]any{}
		}
		object[outer].(map[string]any)[inner] = v
	}
	b, err := json.Marshal(object)
	if err != nil {
		panic(err) // strings, booleans and integers only
	}
	return string(b)
}

// String is the world as it can be pasted.
func (w world) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "clock_step: %v  known: %v  limit: %v\n--- rules\n%s--- events\n", w.ClockStep, w.Known, w.Limit, ruleFile(w.rules))
	for _, l := range w.lines() {
		b.WriteString(l + "\n")
	}
	return b.String()
}
