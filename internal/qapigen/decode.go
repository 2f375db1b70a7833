package main

import (
	"bytes"
	"fmt"
	"strings"
)

// writeDecode writes the function that reads each struct, and the table of those
// of events.
func writeDecode(b *bytes.Buffer, s *schema) {
	for _, t := range s.Types {
		fmt.Fprintf(b, "\nfunc (v *%s) decode(p *parser, i int) int {\n", t.Name)
		writeLoop(b, t.Fields)
	}
	for _, e := range s.Events {
		if len(e.Fields) > 0 {
			fmt.Fprintf(b, "\nfunc (v *%s) decode(p *parser, i int) int {\n\t*v = %s{}\n", e.GoName, e.GoName)
			writeLoop(b, e.Fields)
		}
	}
	b.WriteString("\n// newData makes the struct of a kind that has members.\nvar newData = [kindCount]func() decodableData{\n")
	for _, e := range s.Events {
		if len(e.Fields) > 0 {
			fmt.Fprintf(b, "\t%s: func() decodableData { return new(%s) },\n", e.KindConstant, e.GoName)
		}
	}
	b.WriteString("}\n")
}

func writeLoop(b *bytes.Buffer, fields []*field) {
	b.WriteString("\tvar key string\n\tvar more bool\n" +
		"\tfor key, i, more = p.open(i); more; key, i, more = p.next(i) {\n\t\tswitch key {\n")
	for _, f := range fields {
		writeCase(b, f, "v.", "")
		if f.Hoist {
			for _, h := range f.Object.Fields {
				writeCase(b, h, "v."+f.GoName+".V.", "v."+f.GoName+".Set = true\n\t\t\t")
			}
		}
	}
	b.WriteString("\t\tdefault:\n\t\t\ti = p.unknownMember(i)\n\t\t}\n\t}\n\treturn i\n}\n")
}

func writeCase(b *bytes.Buffer, f *field, prefix, before string) {
	names := []string{fmt.Sprintf("%q", f.Name)}
	for _, a := range f.Aliases {
		names = append(names, fmt.Sprintf("%q", a))
	}
	fmt.Fprintf(b, "\t\tcase %s:\n\t\t\t%s", strings.Join(names, ", "), before)
	switch t := f.goType(); {
	case f.Object != nil:
		fmt.Fprintf(b, "i = optNested(p, i, &%s%s)\n", prefix, f.GoName)
	case t == "uint32" || t == "uint16":
		fmt.Fprintf(b, "i = optSmallUint(p, i, &%s%s)\n", prefix, f.GoName)
	default:
		fmt.Fprintf(b, "i = p.opt%s(i, &%s%s)\n", f.form(), prefix, f.GoName)
	}
}
