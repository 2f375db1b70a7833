package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// MakeRecord builds the event of a record rule, at time t in microseconds since
// 1970: host and vm by scope, and as members, nested as in QMP, those of By,
// those of ev, which made it (nil for a condition that began without one), and
// match_count. A member that is empty in the key is not there. The event shares
// no memory with ev.
func (r *Rule) MakeRecord(ev *event.Event, key []string, host, vm string, matches, t int64) *event.Event {
	data := r.keyMembers(ev, key)
	if ev != nil {
		data = merged(data, r.without(members(ev), key))
	}
	data = merged(qmp.Object([]string{matchCount}, []qmp.Value{qmp.Int(matches)}), data)
	// match_count comes last, whatever the event brought.
	names, items := slices.Clone(data.Names()), make([]qmp.Value, data.Len())
	for i := range items {
		items[i] = data.At(i)
	}
	data = qmp.Object(append(names[1:], names[0]), append(items[1:], items[0]))
	e := r.KeyEvent(nil, host, vm, t)
	e.Name, e.Raw = r.Record, data.AppendJSON(nil)
	if ev != nil {
		e.Received = ev.Received
		if e.VM.Name != "" && e.VM.Name == ev.VM.Name {
			e.VM.UUID = ev.VM.UUID
		}
	}
	return e
}

// KeyEvent makes an event that has the members of the key and no others, at
// time t in microseconds since 1970, with host and vm by scope: it stands for
// the newest match in the texts of a rule with absent_for.
func (r *Rule) KeyEvent(key []string, host, vm string, t int64) *event.Event {
	e := &event.Event{Event: qmp.Event{Time: t}, Received: qmp.NoTime}
	if r.Scope != ScopeFleet {
		e.Host = strings.Clone(host)
	}
	if r.Scope == ScopeVM {
		e.VM.Name = strings.Clone(vm)
	}
	if len(key) > 0 {
		e.Raw = r.keyMembers(nil, key).AppendJSON(nil)
	}
	return e
}

// keyMembers is the object of the members of the key, with the values of the
// event where it has them.
func (r *Rule) keyMembers(ev *event.Event, key []string) qmp.Value {
	all := qmp.Object(nil, nil)
	var sent qmp.Value
	if ev != nil {
		sent = members(ev)
	}
	for i, text := range key {
		if text == "" {
			continue
		}
		v := member(sent, r.By[i])
		if v.IsNil() || v.Text() != text {
			v = r.keyValue(r.By[i], text)
		}
		all = merged(all, nest(r.By[i], v))
	}
	return all
}

// keyValue makes a value of its text in a key.
func (r *Rule) keyValue(path, text string) qmp.Value {
	kind := qmp.JSONAny
	if m := exactMember(r.keyDef, path); m != nil {
		kind = m.JSON
	}
	switch kind {
	case qmp.JSONInt, qmp.JSONFloat:
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			return qmp.Int(i)
		}
		if u, err := strconv.ParseUint(text, 10, 64); err == nil {
			return qmp.Uint(u)
		}
		if x, err := strconv.ParseFloat(text, 64); err == nil {
			return qmp.Float(x)
		}
	case qmp.JSONBool:
		if text == "true" || text == "false" {
			return qmp.Bool(text == "true")
		}
	}
	return qmp.String(text)
}

// nest makes {"client":{"host":v}} of client.host.
func nest(path string, v qmp.Value) qmp.Value {
	head, rest, nested := strings.Cut(path, ".")
	if nested {
		v = nest(rest, v)
	}
	return qmp.Object([]string{head}, []qmp.Value{v})
}

// merged is an object with the members of both; of one that both have that of
// a counts, and objects are merged in turn.
func merged(a, b qmp.Value) qmp.Value {
	names := slices.Clone(a.Names())
	items := make([]qmp.Value, a.Len(), a.Len()+b.Len())
	for i := range items {
		items[i] = a.At(i)
	}
	for i, name := range b.Names() {
		switch at := slices.Index(names, name); {
		case at < 0:
			names, items = append(names, name), append(items, b.At(i))
		case items[at].Kind() == qmp.ObjectValue && b.At(i).Kind() == qmp.ObjectValue:
			items[at] = merged(items[at], b.At(i))
		}
	}
	return qmp.Object(names, items)
}

// without takes out the members that are empty in the key: a step may have
// mapped them to others.
func (r *Rule) without(data qmp.Value, key []string) qmp.Value {
	for i, text := range key {
		if text == "" {
			data = cut(data, r.By[i])
		}
	}
	return data
}

// cut takes the member with that path out of an object.
func cut(data qmp.Value, path string) qmp.Value {
	head, rest, nested := strings.Cut(path, ".")
	if data.Get(head).IsNil() {
		return data
	}
	var names []string
	var items []qmp.Value
	for i, name := range data.Names() {
		v := data.At(i)
		if name == head {
			if !nested {
				continue
			}
			v = cut(v, rest)
		}
		names, items = append(names, name), append(items, v)
	}
	return qmp.Object(names, items)
}

// members are those of an event as they were received, under the names that
// the table of events has for them.
func members(e *event.Event) qmp.Value {
	data := qmp.ParseValue(e.Raw)
	if data.Kind() != qmp.ObjectValue {
		return qmp.Object(nil, nil)
	}
	d := e.Def()
	if d == nil {
		return data
	}
	names, items := slices.Clone(data.Names()), make([]qmp.Value, data.Len())
	for i := range items {
		items[i] = data.At(i)
	}
	for _, m := range d.Members {
		for _, alias := range m.Aliases {
			if i := slices.Index(names, alias); i >= 0 && !slices.Contains(names, m.Name) {
				names[i] = m.Name
			}
		}
	}
	return qmp.Object(names, items)
}
