package main

import (
	"bytes"
	"fmt"
	"strings"
)

// writeTable writes the Def of every event. Nested members come from functions,
// because each place where a type is used needs Members of its own.
func writeTable(b *bytes.Buffer, s *schema) {
	for _, t := range s.Types {
		fmt.Fprintf(b, "\nfunc membersOf%s() []*Member {\n\treturn ", t.Name)
		writeMembers(b, t.Fields)
		b.WriteString("\n}\n")
	}
	b.WriteString("\nvar defs = []*Def{\n\tUnknown: nil,\n")
	for _, e := range s.Events {
		fmt.Fprintf(b, "\t%s: (&Def{\n\t\tKind: %s,\n", e.KindConstant, e.KindConstant)
		writeDef(b, e)
		b.WriteString("\t}).Finish(),\n")
	}
	b.WriteString("}\n")
}

func writeDef(b *bytes.Buffer, e *event) {
	for _, f := range []struct{ name, value string }{
		{"Name", e.Name}, {"Summary", e.Summary}, {"Category", e.Category}, {"Since", e.Since},
		{"Removed", e.Removed}, {"Deprecated", e.Deprecated}, {"DataSince", e.DataSince},
		{"Gate", e.Gate}, {"Condition", e.Condition},
	} {
		if f.value != "" {
			fmt.Fprintf(b, "\t\t%s: %q,\n", f.name, f.value)
		}
	}
	for _, f := range e.Features {
		if f == "unstable" {
			b.WriteString("\t\tUnstable: true,\n")
		}
	}
	if e.Own {
		b.WriteString("\t\tOwn: true,\n")
	}
	if len(e.Fields) > 0 {
		b.WriteString("\t\tMembers: ")
		writeMembers(b, e.Fields)
		b.WriteString(",\n")
	}
	if t := e.Throttled; t != nil {
		fmt.Fprintf(b, "\t\tThrottle: &Throttle{PeriodMS: %d, Since: %q, Key: %s, History: []ThrottleStep{\n", t.PeriodMS, t.Since, list(t.Key))
		for _, h := range t.History {
			fmt.Fprintf(b, "\t\t\t{From: %q, Key: %s},\n", h.From, list(h.Key))
		}
		b.WriteString("\t\t}},\n")
	}
	if len(e.Correlate) > 0 {
		fmt.Fprintf(b, "\t\tCorrelate: %s,\n", list(e.Correlate))
	}
	if len(e.Follows) > 0 {
		b.WriteString("\t\tFollows: []Follow{\n")
		for _, f := range e.Follows {
			fmt.Fprintf(b, "\t\t\t{When: %q, Then: %q},\n", f.When, f.Then)
		}
		b.WriteString("\t\t},\n")
	}
	if len(e.Quirks) > 0 {
		b.WriteString("\t\tQuirks: []string{\n")
		for _, q := range e.Quirks {
			fmt.Fprintf(b, "\t\t\t%q,\n", q)
		}
		b.WriteString("\t\t},\n")
	}
}

func writeMembers(b *bytes.Buffer, fields []*field) {
	b.WriteString("[]*Member{\n")
	for _, f := range fields {
		fmt.Fprintf(b, "\t\t\t{Name: %q, Type: %q, JSON: %s", f.Name, f.Type, jsonTypes[f.JSON])
		if f.Unit != "" {
			fmt.Fprintf(b, ", Unit: %q", f.Unit)
		}
		if f.Optional {
			b.WriteString(", Optional: true")
		}
		if f.Since != "" {
			fmt.Fprintf(b, ", Since: %q", f.Since)
		}
		if f.Enum != nil {
			fmt.Fprintf(b, ", Enum: enum%s", f.Type)
		}
		if f.Object != nil {
			fmt.Fprintf(b, ", Members: membersOf%s()", f.Type)
		}
		if f.Branch != "" {
			fmt.Fprintf(b, ", Branch: %q", f.Branch)
		}
		if len(f.Aliases) > 0 {
			fmt.Fprintf(b, ", Aliases: %s", list(f.Aliases))
		}
		b.WriteString("},\n")
	}
	b.WriteString("\t\t}")
}

var jsonTypes = map[string]string{
	"string": "JSONString", "boolean": "JSONBool", "int": "JSONInt",
	"number": "JSONFloat", "object": "JSONObject", "value": "JSONAny",
}

func list(items []string) string {
	if len(items) == 0 {
		return "nil"
	}
	var q []string
	for _, s := range items {
		q = append(q, fmt.Sprintf("%q", s))
	}
	return "[]string{" + strings.Join(q, ", ") + "}"
}
