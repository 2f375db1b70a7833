package lang

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/qmp"
)

// textTable are the functions of texts. Offsets count code points.
var textTable = []function{
	{FuncDoc: FuncDoc{"trim", "trim(s, chars)", "s without white space, or without the characters chars, at both ends"}, call: trim},
	{FuncDoc: FuncDoc{"trimPrefix", "trimPrefix(s, prefix)", "s without the prefix"}, call: affix(strings.TrimPrefix)},
	{FuncDoc: FuncDoc{"trimSuffix", "trimSuffix(s, suffix)", "s without the suffix"}, call: affix(strings.TrimSuffix)},
	{FuncDoc: FuncDoc{"upper", "upper(s)", "s in upper case"}, call: mapText(strings.ToUpper)},
	{FuncDoc: FuncDoc{"lower", "lower(s)", "s in lower case"}, call: mapText(strings.ToLower)},
	{FuncDoc: FuncDoc{"split", "split(s, by, n)", "the parts of s between each by, at most n"}, call: splitter(strings.SplitN)},
	{FuncDoc: FuncDoc{"splitAfter", "splitAfter(s, by, n)", "the parts of s after each by, at most n"}, call: splitter(strings.SplitAfterN)},
	{FuncDoc: FuncDoc{"replace", "replace(s, old, new, n)", "s with new for each old, or for the first n"}, call: replace},
	{FuncDoc: FuncDoc{"join", "join(list, between)", "the strings of a list, one after the other"}, call: join},
	{FuncDoc: FuncDoc{"indexOf", "indexOf(s, part)", "where part begins first in s, or -1"}, call: indexer(strings.Index)},
	{FuncDoc: FuncDoc{"lastIndexOf", "lastIndexOf(s, part)", "where part begins last in s, or -1"}, call: indexer(strings.LastIndex)},
	{FuncDoc: FuncDoc{"hasPrefix", "hasPrefix(s, prefix)", "whether s begins with prefix"}, call: textTest(strings.HasPrefix)},
	{FuncDoc: FuncDoc{"hasSuffix", "hasSuffix(s, suffix)", "whether s ends with suffix"}, call: textTest(strings.HasSuffix)},
	{FuncDoc: FuncDoc{"toBase64", "toBase64(s)", "s in base64"}, call: toBase64},
	{FuncDoc: FuncDoc{"fromBase64", "fromBase64(s)", "the text that s is the base64 of"}, call: fromBase64},
	{FuncDoc: FuncDoc{"toJSON", "toJSON(x)", "x as JSON on one line"}, call: toJSON},
	{FuncDoc: FuncDoc{"fromJSON", "fromJSON(s)", "the value that s is the JSON of"}, call: fromJSON},
}

// texts returns arguments that must all be strings, and takes the steps for
// reading them.
func texts2(f *Frame, args []qmp.Value) (a, b string, ok bool) {
	a, okA := args[0].AsString()
	b, okB := args[1].AsString()
	return a, b, okA && okB && f.stepBytes(len(a)+len(b))
}

func mapText(change func(string) string) func(*Frame, []qmp.Value) qmp.Value {
	return func(f *Frame, args []qmp.Value) qmp.Value {
		s, ok := args[0].AsString()
		if !ok || !f.makes(len(s)) {
			return qmp.Value{}
		}
		return qmp.String(change(s))
	}
}

func trim(f *Frame, args []qmp.Value) qmp.Value {
	if len(args) == 1 {
		return mapText(strings.TrimSpace)(f, args)
	}
	s, chars, ok := texts2(f, args)
	if !ok || !f.step(len(s)*(1+len(chars)/bytesPerStep)/bytesPerStep) {
		return qmp.Value{}
	}
	return qmp.String(strings.Trim(s, chars))
}

// affix takes something off an end: a space if nothing else is given, as expr
// has it.
func affix(cut func(s, part string) string) func(*Frame, []qmp.Value) qmp.Value {
	return func(f *Frame, args []qmp.Value) qmp.Value {
		if len(args) == 1 {
			return mapText(func(s string) string { return cut(s, " ") })(f, args)
		}
		s, part, ok := texts2(f, args)
		if !ok {
			return qmp.Value{}
		}
		return qmp.String(cut(s, part))
	}
}

func textTest(test func(s, part string) bool) func(*Frame, []qmp.Value) qmp.Value {
	return func(f *Frame, args []qmp.Value) qmp.Value {
		s, part, ok := texts2(f, args)
		if !ok {
			return qmp.Value{}
		}
		return qmp.Bool(test(s, part))
	}
}

func indexer(index func(s, part string) int) func(*Frame, []qmp.Value) qmp.Value {
	return func(f *Frame, args []qmp.Value) qmp.Value {
		s, part, ok := texts2(f, args)
		if !ok {
			return qmp.Value{}
		}
		i := index(s, part)
		if i > 0 {
			i = utf8.RuneCountInString(s[:i])
		}
		return qmp.Int(int64(i))
	}
}

// optionalInt is the argument at i; what is not written is -1: no limit.
func optionalInt(args []qmp.Value, i int) (int, bool) {
	if len(args) <= i {
		return -1, true
	}
	n, ok := args[i].AsInt()
	return int(max(-1, min(n, maxText))), ok
}

func splitter(split func(s, by string, n int) []string) func(*Frame, []qmp.Value) qmp.Value {
	return func(f *Frame, args []qmp.Value) qmp.Value {
		s, by, ok := texts2(f, args)
		n, okN := optionalInt(args, 2)
		if !ok || !okN {
			return qmp.Value{}
		}
		parts := strings.Count(s, by) + 1
		if n >= 0 {
			parts = min(parts, n)
		}
		if !f.step(parts) {
			return qmp.Value{}
		}
		items := []qmp.Value{}
		for _, part := range split(s, by, n) {
			items = append(items, qmp.String(part))
		}
		return qmp.List(items)
	}
}

func replace(f *Frame, args []qmp.Value) qmp.Value {
	s, old, ok := texts2(f, args)
	with, okWith := args[2].AsString()
	n, okN := optionalInt(args, 3)
	if !ok || !okWith || !okN {
		return qmp.Value{}
	}
	times := strings.Count(s, old)
	if n >= 0 {
		times = min(times, n)
	}
	if !f.makes(len(s) + times*(len(with)-len(old))) {
		return qmp.Value{}
	}
	return qmp.String(strings.Replace(s, old, with, n))
}

func join(f *Frame, args []qmp.Value) qmp.Value {
	between := ""
	if len(args) == 2 {
		var ok bool
		if between, ok = args[1].AsString(); !ok {
			return qmp.Value{}
		}
	}
	list := args[0]
	if list.Kind() != qmp.ListValue || !f.step(1+list.Len()) {
		return qmp.Value{}
	}
	var parts []string
	size := 0
	for i := range list.Len() {
		part, ok := list.At(i).AsString()
		if size += len(part) + len(between); !ok || size > maxText {
			return qmp.Value{}
		}
		parts = append(parts, part)
	}
	if !f.makes(size) {
		return qmp.Value{}
	}
	return qmp.String(strings.Join(parts, between))
}

func toBase64(f *Frame, args []qmp.Value) qmp.Value {
	return mapText(func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) })(f, args)
}

func fromBase64(f *Frame, args []qmp.Value) qmp.Value {
	s, ok := args[0].AsString()
	if !ok || !f.makes(len(s)) {
		return qmp.Value{}
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return qmp.Value{}
	}
	return qmp.String(string(b))
}

func toJSON(f *Frame, args []qmp.Value) qmp.Value {
	if !f.makes(textSize(args[0])) {
		return qmp.Value{}
	}
	return qmp.String(string(args[0].AppendJSON(nil)))
}

func fromJSON(f *Frame, args []qmp.Value) qmp.Value {
	s, ok := args[0].AsString()
	if !ok || !f.step(1+len(s)) {
		return qmp.Value{}
	}
	return qmp.ParseValue([]byte(s))
}
