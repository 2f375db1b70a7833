package main

import (
	"bytes"
	"fmt"
)

// writeMethods writes what Data demands of events, and the same for nested
// objects.
func writeMethods(b *bytes.Buffer, s *schema) {
	for _, t := range s.Types {
		writeValue(b, t)
		writeAppend(b, t.Name, "appendJSON", t.Fields)
		writeDetach(b, t.Name, t.Fields)
	}
	for _, e := range s.Events {
		fmt.Fprintf(b, "\n// Kind returns %s.\nfunc (*%s) Kind() Kind { return %s }\n", e.KindConstant, e.GoName, e.KindConstant)
		writeField(b, e)
		b.WriteString("\n// AppendJSON appends the members that are present as a JSON object.")
		writeAppend(b, e.GoName, "AppendJSON", e.Fields)
		writeClone(b, e)
	}
}

// receiver names v only where the body needs it.
func receiver(fields []*field) string {
	if len(fields) == 0 {
		return ""
	}
	return "v "
}

func writeValue(b *bytes.Buffer, t *object) {
	fmt.Fprintf(b, "\nfunc (v *%s) value() Value {\n\tvar o objectBuilder\n", t.Name)
	for _, f := range t.Fields {
		fmt.Fprintf(b, "\to.add(%q, %s)\n", f.Name, f.value("v."))
	}
	b.WriteString("\treturn o.value()\n}\n")
}

// value is the expression that makes a Value of f.
func (f *field) value(prefix string) string {
	if f.Object != nil {
		return fmt.Sprintf("optObject(&%s%s)", prefix, f.GoName)
	}
	return fmt.Sprintf("opt%s(%s%s)", f.form(), prefix, f.GoName)
}

func writeField(b *bytes.Buffer, e *event) {
	b.WriteString("\n// Field returns the member in the given slot, nil when it was not sent.\n")
	if len(e.Fields) == 0 {
		fmt.Fprintf(b, "func (*%s) Field(int) Value { return Value{} }\n", e.GoName)
		return
	}
	fmt.Fprintf(b, "func (v *%s) Field(slot int) Value {\n\tswitch slot {\n", e.GoName)
	slot := 0
	var walk func(fields []*field, prefix string)
	walk = func(fields []*field, prefix string) {
		for _, f := range fields {
			fmt.Fprintf(b, "\tcase %d:\n\t\treturn %s\n", slot, f.value(prefix))
			slot++
			if f.Object != nil {
				walk(f.Object.Fields, prefix+f.GoName+".V.")
			}
		}
	}
	walk(e.Fields, "v.")
	b.WriteString("\t}\n\treturn Value{}\n}\n")
}

func writeAppend(b *bytes.Buffer, name, method string, fields []*field) {
	fmt.Fprintf(b, "\nfunc (%s*%s) %s(b []byte) []byte {\n", receiver(fields), name, method)
	if len(fields) == 0 {
		b.WriteString("\treturn append(b, \"{}\"...)\n}\n")
		return
	}
	b.WriteString("\tb = append(b, '{')\n")
	for _, f := range fields {
		fmt.Fprintf(b, "\tif v.%s.Set {\n\t\tb = appendName(b, `\"%s\": `)\n", f.GoName, f.Name)
		switch f.form() {
		case "Object":
			fmt.Fprintf(b, "\t\tb = v.%s.V.appendJSON(b)\n", f.GoName)
		case "String":
			fmt.Fprintf(b, "\t\tb = appendJSONString(b, v.%s.V)\n", f.GoName)
		default:
			fmt.Fprintf(b, "\t\tb = %s.AppendJSON(b)\n", f.value("v."))
		}
		b.WriteString("\t}\n")
	}
	b.WriteString("\treturn append(b, '}')\n}\n")
}

func writeDetach(b *bytes.Buffer, name string, fields []*field) {
	var body bytes.Buffer
	for _, f := range fields {
		switch f.form() {
		case "Object":
			fmt.Fprintf(&body, "\tm = v.%s.V.detach(m)\n", f.GoName)
		case "String":
			fmt.Fprintf(&body, "\tv.%s.V = m.text(v.%s.V)\n", f.GoName, f.GoName)
		}
	}
	if body.Len() == 0 {
		fmt.Fprintf(b, "\nfunc (*%s) detach(m mover) mover { return m }\n", name)
		return
	}
	fmt.Fprintf(b, "\nfunc (v *%s) detach(m mover) mover {\n%s\treturn m\n}\n", name, body.String())
}

func writeClone(b *bytes.Buffer, e *event) {
	writeDetach(b, e.GoName, e.Fields)
	b.WriteString("\n// Clone returns a copy that shares no memory with a read buffer.\n")
	fmt.Fprintf(b, "func (v *%s) Clone() Data {\n\tc := *v\n\tc.detach(mover{})\n\treturn &c\n}\n", e.GoName)
	if len(e.Fields) > 0 {
		fmt.Fprintf(b, "\nfunc (v *%s) assign(same Data) { *v = *same.(*%s) }\n", e.GoName, e.GoName)
	}
}
