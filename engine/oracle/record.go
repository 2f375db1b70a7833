package oracle

import "fmt"

// record is rule 18: a match, a completion, or the beginning of a windowed
// condition makes an event. Its members are those of the key, those of the event
// that made it, which for a windowed condition is the newest match, and
// match_count.
func (x *run) record(matches int) {
	members := map[string]any{}
	from := x.cause
	if x.cause.phase == phaseA && len(x.matches) > 0 {
		from = x.matches[len(x.matches)-1].placed
	}
	if x.cause.phase != phaseD || x.cause.Name != "" {
		for path, v := range from.Members {
			members[path] = v
		}
	}
	for i, member := range x.r.By {
		switch value := x.key.values[i]; {
		case value == "":
			delete(members, member)
		case fmt.Sprint(members[member]) != value:
			members[member] = value
		}
	}
	members["match_count"] = int64(matches)
	e := Event{Host: x.key.place.Host, VM: x.key.place.VM, Name: x.r.Name, Time: x.now, Received: NoTime, Members: members}
	m := placed{
		stampedEvent: stampedEvent{Event: e, ref: Ref{Record: &e}, time: x.now, seq: x.cause.seq},
		at:           x.now, moment: x.ln.moment(x.now, x.passed, x.moment), phase: x.cause.phase, record: true, key: x.key.values,
	}
	x.records = append(x.records, m)
}
