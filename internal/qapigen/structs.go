package main

import (
	"bytes"
	"fmt"
	"strings"
)

// writeEnums writes the enums: aliases of string, so that a member compares
// with a literal, and tables of the values.
func writeEnums(b *bytes.Buffer, s *schema) {
	b.WriteString("\n// The enums of QMP. A member of such a type may also hold a value that is newer\n" +
		"// than the table, or a vendor's.\ntype (\n")
	for _, e := range s.Enums {
		var values []string
		for _, v := range e.Values {
			values = append(values, v.Value)
		}
		comment(b, "\t", e.Name+" is one of "+strings.Join(values, ", ")+".")
		fmt.Fprintf(b, "\t%s = string\n", e.Name)
	}
	b.WriteString(")\n")
	for _, e := range s.Enums {
		fmt.Fprintf(b, "\nvar enum%s = &Enum{Name: %q, Values: []EnumValue{\n", e.Name, e.Name)
		for _, v := range e.Values {
			fmt.Fprintf(b, "\t{Value: %q, Since: %q", v.Value, v.Since)
			if v.NotSent != "" {
				fmt.Fprintf(b, ", NotSent: %q", v.NotSent)
			}
			b.WriteString("},\n")
		}
		b.WriteString("}}\n")
	}
	b.WriteString("\nvar enums = []*Enum{\n")
	for _, e := range s.Enums {
		fmt.Fprintf(b, "\tenum%s,\n", e.Name)
	}
	b.WriteString("}\n")
}

// writeTypes writes the structs of nested objects, under their QAPI names.
func writeTypes(b *bytes.Buffer, s *schema) {
	for _, t := range s.Types {
		b.WriteByte('\n')
		text := t.Name + " is a type of QAPI: " + lowerFirst(t.Summary) + "."
		if t.Discriminator != "" {
			text += " Which members are there depends on " + t.Discriminator + "."
		}
		comment(b, "", text)
		if t.Notes != "" {
			comment(b, "", "")
			comment(b, "", t.Notes)
		}
		fmt.Fprintf(b, "type %s struct {\n", t.Name)
		writeFields(b, t.Fields)
		b.WriteString("}\n")
	}
}

// writeEvents writes the structs of events.
func writeEvents(b *bytes.Buffer, s *schema) {
	for _, e := range s.Events {
		b.WriteByte('\n')
		comment(b, "", e.GoName+" is "+e.Name+": "+lowerFirst(e.Summary))
		comment(b, "", "")
		for _, fact := range e.facts() {
			comment(b, "", fact)
		}
		if len(e.Quirks) > 0 {
			comment(b, "", "")
			for _, q := range e.Quirks {
				item(b, q)
			}
		}
		fmt.Fprintf(b, "type %s struct {\n", e.GoName)
		writeFields(b, e.Fields)
		b.WriteString("}\n")
	}
}

// facts says in sentences when and how often an event is sent.
func (e *event) facts() []string {
	of := "QEMU"
	if e.Own {
		of = "qmpalert"
	}
	life := fmt.Sprintf("Since %s %s", of, e.Since)
	if e.Deprecated != "" {
		life += ", deprecated in " + e.Deprecated
	}
	if e.Removed != "" {
		life += ", removed in " + e.Removed
	}
	if e.DataSince != "" {
		life += ", with members since " + e.DataSince
	}
	facts := []string{life + "."}
	if len(e.Fields) == 0 {
		facts = append(facts, "It has no members.")
	}
	if e.Gate != "" {
		facts = append(facts, "Sent only with: "+e.Gate+".")
	}
	if e.Condition != "" {
		facts = append(facts, "Needs a QEMU built with "+e.Condition+".")
	}
	if t := e.Throttled; t != nil {
		text := fmt.Sprintf("Throttled since %s: at most one in %d ms", t.Since, t.PeriodMS)
		if len(t.Key) > 0 {
			text += " for each " + strings.Join(t.Key, ", ")
		}
		facts = append(facts, text+".")
	}
	return facts
}

func writeFields(b *bytes.Buffer, fields []*field) {
	for _, f := range fields {
		fmt.Fprintf(b, "\t%s Opt[%s] // %s\n", f.GoName, f.goType(), f.note())
	}
}

// note is the comment beside a member.
func (f *field) note() string {
	parts := []string{f.Name}
	if len(f.Aliases) > 0 {
		parts[0] += ", also spelled " + strings.Join(f.Aliases, ", ")
	}
	if f.Unit != "" {
		parts = append(parts, f.Unit)
	}
	if f.Branch != "" {
		parts = append(parts, "type "+strings.ReplaceAll(f.Branch, "|", " or "))
	} else if f.Optional {
		parts = append(parts, "optional")
	}
	if f.Since != "" {
		parts = append(parts, "since "+f.Since)
	}
	return strings.Join(parts, "; ")
}

// comment writes text as comment lines of at most 80 columns.
func comment(b *bytes.Buffer, indent, text string) {
	if text == "" {
		b.WriteString(indent + "//\n")
		return
	}
	wrap(b, indent+"// ", indent+"// ", text)
}

// item writes text as an item of a list in a doc comment.
func item(b *bytes.Buffer, text string) { wrap(b, "//   - ", "//     ", text) }

func wrap(b *bytes.Buffer, first, rest, text string) {
	line := first
	empty := true
	for _, word := range strings.Fields(text) {
		if !empty && len(line)+1+len(word) > 80 {
			b.WriteString(line + "\n")
			line, empty = rest, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	b.WriteString(line + "\n")
}

// lowerFirst makes a sentence's beginning fit the middle of another, unless its
// first word is a name.
func lowerFirst(s string) string {
	if len(s) > 1 && s[1] >= 'A' && s[1] <= 'Z' || strings.HasPrefix(s, "Hyper-V") {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
