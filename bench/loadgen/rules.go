package loadgen

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Cond is one comparison; a rule's conditions are joined by "and".
type Cond struct {
	Field string `json:"field"` // path inside "data", dots between levels
	Op    string `json:"op"`    // == != > >= < <= contains startsWith
	Value any    `json:"value"` // string, number or bool
}

// Rule fires one alert when at least Count events of one of Events that meet
// Where fall within Window seconds of each other for the same value of By;
// it is then silent for that key until the window, counted from its first
// event, has passed.
type Rule struct {
	ID     string   `json:"id"`
	Events []string `json:"events"`
	Where  []Cond   `json:"where"`
	By     string   `json:"by"`
	Count  int      `json:"count"`
	Window int      `json:"window"`
}

func general() []Rule {
	return []Rule{
		{"quorum-read", []string{"QUORUM_REPORT_BAD"}, []Cond{{"type", "==", "read"}}, "node-name", 3, 60},
		{"io-stop", []string{"BLOCK_IO_ERROR"}, []Cond{{"action", "==", "stop"}, {"nospace", "==", false}}, "node-name", 3, 60},
		{"io-write-nospace", []string{"BLOCK_IO_ERROR"}, []Cond{{"operation", "==", "write"}, {"nospace", "==", true}}, "node-name", 2, 60},
		{"quorum-large", []string{"QUORUM_REPORT_BAD"}, []Cond{{"sectors-count", ">=", 200}, {"type", "!=", "flush"}}, "node-name", 2, 60},
		{"job-aborting", []string{"JOB_STATUS_CHANGE"}, []Cond{{"status", "==", "aborting"}}, "id", 50, 60},
		{"write-threshold", []string{"BLOCK_WRITE_THRESHOLD"}, []Cond{{"amount-exceeded", ">", 4000000}}, "node-name", 1, 60},
		{"panic", []string{"GUEST_PANICKED"}, []Cond{{"action", "==", "pause"}}, "action", 5, 60},
		{"migration-failed", []string{"MIGRATION"}, []Cond{{"status", "==", "failed"}}, "status", 20, 60},
		{"reset-by-host", []string{"RESET"}, []Cond{{"guest", "==", false}}, "reason", 10, 60},
		{"io-timeout", []string{"BLOCK_IO_ERROR"}, []Cond{{"reason", "contains", "timed out"}, {"operation", "==", "read"}}, "node-name", 3, 60},
	}
}

// Rules returns n rules. The first ten are general. Of the rest, family
// "selective" ties each to one node, so that few can match an event; family
// "broad" gives each a range over a number, so that every rule of the event's
// type must be considered.
func Rules(n int, family string) ([]Rule, error) {
	r := &rng{seed ^ 0x72756c6573}
	rs := general()
	for i := len(rs); i < n; i++ {
		id := fmt.Sprintf("r%05d", i)
		var x Rule
		switch family {
		case "selective":
			name := string(appendNode(nil, r.intn(vms), r.intn(nodes)))
			eq := Cond{"node-name", "==", name}
			switch i % 3 {
			case 0:
				x = Rule{id, []string{"BLOCK_IO_ERROR"}, []Cond{eq, {"operation", "==", "write"}}, "node-name", 3, 60}
			case 1:
				x = Rule{id, []string{"QUORUM_REPORT_BAD"}, []Cond{eq, {"sectors-count", ">", r.intn(200)}}, "node-name", 3, 60}
			default:
				x = Rule{id, []string{"BLOCK_WRITE_THRESHOLD", "BLOCK_IO_ERROR"}, []Cond{eq}, "node-name", 4, 60}
			}
		case "broad":
			switch i % 4 {
			case 0:
				x = Rule{id, []string{"QUORUM_REPORT_BAD"}, []Cond{{"sector-num", ">", r.intn(1 << 31)}, {"sectors-count", ">=", 250}}, "node-name", 3, 60}
			case 1:
				x = Rule{id, []string{"BALLOON_CHANGE"}, []Cond{{"actual", "<", 1<<28 + r.intn(1<<30)}}, "event", 1000, 60}
			case 2:
				x = Rule{id, []string{"BLOCK_JOB_COMPLETED"}, []Cond{{"len", ">", 1<<37 + r.intn(1<<37)}, {"speed", "<", 1000000}}, "device", 5, 60}
			default:
				x = Rule{id, []string{"RTC_CHANGE"}, []Cond{{"offset", ">", 3000 + r.intn(600)}}, "event", 1000, 60}
			}
		default:
			return nil, fmt.Errorf("no family %q", family)
		}
		rs = append(rs, x)
	}
	if n < len(rs) {
		rs = rs[:n]
	}
	return rs, nil
}

// Terms returns the conditions in expr-lang, which qmpalert's expressions and
// the naive engine have in common.
func (r *Rule) Terms() []string {
	var terms []string
	for _, c := range r.Where {
		value := fmt.Sprint(c.Value)
		if s, ok := c.Value.(string); ok {
			value = strconv.Quote(s)
		}
		if f, ok := c.Value.(float64); ok { // as encoding/json reads it
			value = strconv.FormatFloat(f, 'f', -1, 64)
		}
		terms = append(terms, strings.ReplaceAll(c.Field, "-", "_")+" "+c.Op+" "+value)
	}
	return terms
}

// File writes rules as a rule file of qmpalert. A key of the event itself is
// left out, for an alert has one anyhow.
func File(w io.Writer, rules []Rule) error {
	var b strings.Builder
	b.WriteString("groups:\n- name: bench\n  rules:\n")
	for i := range rules {
		r := &rules[i]
		fmt.Fprintf(&b, "  - {alert: %s, event: [%s], expr: '%s', count: %d, within: %ds", r.ID, strings.Join(r.Events, ", "), strings.Join(r.Terms(), " and "), r.Count, r.Window)
		if r.By != "event" {
			fmt.Fprintf(&b, ", by: [%s]", r.By)
		}
		b.WriteString("}\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
