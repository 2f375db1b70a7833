package rules

import (
	"strconv"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	maxDefinitions = 1000 // lists and macros of a file
	maxListItems   = 1000
)

// definitions reads the lists and macros of a file.
func (p *fileParser) definitions(root *yamldoc.Node) *fileSpec {
	spec := &fileSpec{macros: map[string]*yamldoc.Node{}}
	at := map[string]*yamldoc.Node{}
	var lists []lang.NamedList
	p.eachDefinition(root, "lists", func(key, value *yamldoc.Node) {
		if items, ok := p.listItems(value); ok {
			at[key.Value] = key
			lists = append(lists, lang.NamedList{Name: key.Value, Items: items})
		}
	})
	var macros []lang.Macro
	p.eachDefinition(root, "macros", func(key, value *yamldoc.Node) {
		if before := at[key.Value]; before != nil {
			p.found.Add(diag.New(diag.BadDefinition, key.Pos, "`%s` is a list already", key.Value).
				WithHint("rename one of them").WithRelated(before.Pos, "the list"))
			return
		}
		if src, ok := value.AsString(p.found); ok {
			at[key.Value] = key
			spec.macros[key.Value] = value
			macros = append(macros, lang.Macro{Name: key.Value, Source: src})
		}
	})
	if len(at) == 0 {
		return spec
	}
	defs, problems := lang.NewDefinitions(lists, macros)
	spec.defs, spec.lists, spec.sources = defs, lists, macros
	for _, d := range problems {
		pos := at[d.Name].Pos
		if value := spec.macros[d.Name]; value != nil && !d.OfName {
			pos = value.Range(d.Offset, d.End)
		}
		f := diag.New(d.Code, pos, "%s", d.Message)
		f.Hint = d.Hint
		p.found.Add(f)
	}
	return spec
}

func (p *fileParser) eachDefinition(root *yamldoc.Node, key string, f func(key, value *yamldoc.Node)) {
	n := root.Get(key)
	if n == nil || !n.AsMapping(p.found) {
		return
	}
	if len(n.Pairs) > maxDefinitions {
		p.tooMany(n, key, maxDefinitions)
		return
	}
	n.Each(f)
}

// listItems reads the values of a list: texts, numbers, true and false.
func (p *fileParser) listItems(n *yamldoc.Node) ([]qmp.Value, bool) {
	nodes, ok := n.AsScalarList(p.found)
	if !ok {
		return nil, false
	}
	if len(nodes) > maxListItems {
		p.tooMany(n, n.Name(), maxListItems)
		return nil, false
	}
	items := make([]qmp.Value, len(nodes))
	for i, item := range nodes {
		items[i] = listItem(item)
	}
	return items, true
}

// listItem is a number, true or false only where it is written without quotes.
func listItem(n *yamldoc.Node) qmp.Value {
	if n.Style != yamldoc.Plain {
		return qmp.String(n.Value)
	}
	if n.Value == "true" || n.Value == "false" {
		return qmp.Bool(n.Value == "true")
	}
	if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
		return qmp.Int(i)
	}
	if u, err := strconv.ParseUint(n.Value, 10, 64); err == nil && strconv.FormatUint(u, 10) == n.Value {
		return qmp.Uint(u)
	}
	if x, err := strconv.ParseFloat(n.Value, 64); err == nil && isPlainFloat(n.Value) {
		return qmp.Float(x)
	}
	return qmp.String(n.Value)
}

// isPlainFloat leaves Inf, NaN, hexadecimal numbers and underscores to be texts.
func isPlainFloat(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return false
		}
	}
	return s[0] == '-' || s[0] >= '0' && s[0] <= '9'
}
