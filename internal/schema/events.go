package schema

import (
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// The forms of names that stand in no table. A glob has one of * ? [.
const (
	globForm   = `^[A-Za-z0-9_.*?\[\]^-]*[*?\[][A-Za-z0-9_.*?\[\]^-]*$`
	vendorForm = `^__[A-Za-z0-9_.-]+$`
	recordForm = `^[A-Z][A-Z0-9_]*$`
)

// eventDefs are the definitions that come from the table of events.
func eventDefs() object {
	var names, about list
	for _, d := range qmp.Defs() {
		names = append(names, d.Name)
		about = append(about, describeEvent(d))
	}
	known := object{{"enum", names}, {"enumDescriptions", about}}
	glob := described("a glob over the events of QEMU, such as VNC_*", object{{"type", "string"}, {"pattern", globForm}})
	vendor := described("an event of a vendor's QEMU", object{{"type", "string"}, {"pattern", vendorForm}})
	record := described("a record of your own", object{{"type", "string"}, {"pattern", recordForm}})
	defs := object{
		{"known_event", object{{"anyOf", list{known, glob, vendor}}}},
		{"any_event", object{{"anyOf", list{known, glob, vendor, record}}}},
	}
	for _, d := range qmp.Defs() {
		if paths := keyPaths(d); len(paths) > 0 {
			defs = append(defs, member{"by_" + d.Name, paths.schema()})
		}
		defs = append(defs, member{"data_" + d.Name, described("the members of "+d.Name, dataOf(d))})
	}
	return append(defs, member{"by_member", object{{"anyOf", list{allPaths().schema(), object{{"type", "string"}}}}}})
}

// describeEvent says in a line or two what an event is.
func describeEvent(d *qmp.Def) string {
	whose := "QEMU "
	if d.Own {
		whose = "qmpalert "
	}
	text := d.Summary + " Since " + whose + d.Since
	if d.Removed != "" {
		text += ", gone in " + d.Removed
	}
	text += "."
	if d.Throttle != nil {
		text += " At most one a second per " + per(d.Throttle.Key) + "."
	}
	if d.Gate != "" {
		text += " Sent only with " + d.Gate + "."
	}
	if len(d.Members) > 0 {
		var members []string
		for _, m := range d.Members {
			members = append(members, m.Name)
		}
		text += " Members: " + strings.Join(members, ", ") + "."
	}
	return text
}

func per(key []string) string {
	if len(key) == 0 {
		return "VM"
	}
	return strings.Join(key, " and ")
}

// paths are members that can make a key, as QMP spells them, and what they are.
type paths []struct{ path, about string }

func (p paths) schema() object {
	var names, about list
	for _, m := range p {
		names = append(names, m.path)
		about = append(about, m.about)
	}
	return object{{"enum", names}, {"enumDescriptions", about}}
}

// keyPaths lists the members of an event that are no objects; those that suit
// best come first.
func keyPaths(d *qmp.Def) paths {
	var all paths
	for _, m := range d.Slots {
		if m.JSON != qmp.JSONObject && m.JSON != qmp.JSONAny {
			all = append(all, struct{ path, about string }{m.Path, describeMember(m)})
		}
	}
	rank := func(path string) int {
		if i := slices.Index(d.Correlate, path); i >= 0 {
			return i
		}
		return len(d.Correlate)
	}
	slices.SortStableFunc(all, func(a, b struct{ path, about string }) int { return rank(a.path) - rank(b.path) })
	return all
}

// allPaths is for rules about several events.
func allPaths() paths {
	var all paths
	seen := map[string]bool{}
	for _, d := range qmp.Defs() {
		for _, m := range keyPaths(d) {
			if !seen[m.path] {
				seen[m.path] = true
				all = append(all, m)
			}
		}
	}
	slices.SortFunc(all, func(a, b struct{ path, about string }) int { return strings.Compare(a.path, b.path) })
	return all
}

func describeMember(m *qmp.Member) string {
	text := m.Type
	if m.Unit != "" {
		text += " in " + m.Unit
	}
	if m.Optional {
		text += ", optional"
	}
	if m.Since != "" {
		text += ", since " + m.Since
	}
	if m.Branch != "" {
		text += ", only for " + strings.ReplaceAll(m.Branch, "|", ", ")
	}
	return text
}

// dataOf is the schema of an event's data.
func dataOf(d *qmp.Def) object {
	return orNull(membersOf(d.Members)) // "data:" with nothing behind it
}

// orNull takes null as well: so a test says that a member was not sent.
func orNull(o object) object {
	if len(o) == 0 {
		return o // any value
	}
	switch first := &o[0]; first.key {
	case "type":
		first.value = list{first.value, "null"}
	case "enum":
		first.value = append(first.value.(list), nil)
		about := &o[1]
		about.value = append(about.value.(list), "not sent")
	}
	return o
}

// membersOf is the schema of an object of QMP.
func membersOf(members []*qmp.Member) object {
	properties := object{}
	for _, m := range members {
		properties = append(properties, member{m.Name, described(describeMember(m), orNull(typeOf(m)))})
		for _, alias := range m.Aliases {
			properties = append(properties, member{alias, described("another spelling of "+m.Name, orNull(typeOf(m)))})
		}
	}
	return closed(properties)
}

func typeOf(m *qmp.Member) object {
	switch m.JSON {
	case qmp.JSONBool:
		return object{{"type", "boolean"}}
	case qmp.JSONInt:
		return object{{"type", "integer"}}
	case qmp.JSONFloat:
		return object{{"type", "number"}}
	case qmp.JSONObject:
		return membersOf(m.Members)
	case qmp.JSONAny:
		return object{}
	}
	if m.Enum == nil {
		return object{{"type", "string"}}
	}
	var values, about list
	for _, v := range m.Enum.Values {
		text := "since " + v.Since
		if v.NotSent != "" {
			text += "; never in events: " + v.NotSent
		}
		values = append(values, v.Value)
		about = append(about, text)
	}
	return object{{"enum", values}, {"enumDescriptions", about}}
}

// byEvent makes `property` depend on the event: for each event that has one,
// the definition prefix_NAME holds.
func byEvent(property, prefix string, has func(*qmp.Def) bool, schema func(name string) object) list {
	var all list
	for _, d := range qmp.Defs() {
		if !has(d) {
			continue
		}
		all = append(all, object{
			{"if", object{
				{"properties", object{{"event", object{{"const", d.Name}}}}},
				{"required", list{"event"}},
			}},
			{"then", object{{"properties", object{{property, schema(prefix + d.Name)}}}}},
		})
	}
	return all
}
