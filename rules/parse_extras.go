package rules

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// extras reads the keys that change how the condition is taken and what is made
// of the alert.
func (p *fileParser) extras(n *yamldoc.Node, s *spec) {
	if v := n.Get("exceptions"); v != nil {
		s.Exceptions = p.exceptions(v)
	}
	if v := n.Get("confirm"); v != nil {
		s.Confirm = p.confirm(v)
	}
	s.KeepOnExit = p.word(n, "on_vm_exit", "keep", "leave it out to end the alerts of a VM that went away")
	s.Shadow = p.word(n, "mode", "shadow", "leave it out to notify")
	s.Inhibits = p.list(n, "inhibits")
	s.Attach = p.list(n, "attach")
}

// word reads a key that has a single value.
func (p *fileParser) word(n *yamldoc.Node, key, word, otherwise string) bool {
	v := p.text(n.Get(key))
	if v == nil {
		return false
	}
	if v.Value != word {
		p.found.Add(diag.New(diag.BadValue, v.Pos, "`%s` can only be `%s`, not `%s`", key, word, v.Value).WithHint("%s", otherwise))
		return false
	}
	return true
}

// exceptions reads matches that do not count. Their names tell them apart.
func (p *fileParser) exceptions(n *yamldoc.Node) []exceptionSpec {
	items := []*yamldoc.Node{n}
	if n.Kind == yamldoc.Scalar {
		p.found.Add(diag.New(diag.WrongType, n.Pos, "`exceptions` must be a list of named conditions").
			WithHint("write `exceptions: [{name: why, expr: 'node_name == \"scratch\"'}]`"))
		return nil
	}
	if n.Kind != yamldoc.Mapping {
		var ok bool
		if items, ok = n.AsSequence(p.found); !ok {
			return nil
		}
		if len(items) == 0 {
			p.found.Errorf(diag.BadValue, n.Pos, "`exceptions` is an empty list")
		}
	}
	if len(items) > maxList {
		p.tooMany(n, "exceptions", maxList)
		return nil
	}
	var all []exceptionSpec
	first := map[string]diag.Pos{}
	for _, item := range items {
		if !item.AsMapping(p.found) {
			continue
		}
		x := p.exception(item)
		if x.Name != nil {
			if before, twice := first[x.Name.Value]; twice {
				p.found.Add(diag.New(diag.BadValue, x.Name.Pos, "the exception `%s` stands twice", x.Name.Value).
					WithHint("give each a name of its own: it says which one took a match away").WithRelated(before, "first here"))
			} else {
				first[x.Name.Value] = x.Name.Pos
			}
		}
		if x.Expr != nil {
			all = append(all, x)
		}
	}
	return all
}

func (p *fileParser) exception(n *yamldoc.Node) (x exceptionSpec) {
	p.checkKeys(n, exceptionKeys, exceptionWords)
	if name := p.require(n, exceptionKeys, exceptionWords, "name"); name != nil {
		x.Name = p.name(name, "an exception")
	}
	x.Expr = p.text(p.require(n, exceptionKeys, exceptionWords, "expr"))
	if x.Expires = p.text(n.Get("expires")); x.Expires != nil {
		x.until = p.endOfDay(x.Expires)
	}
	return x
}

// endOfDay is the end of a date in UTC, in microseconds since 1970.
func (p *fileParser) endOfDay(n *yamldoc.Node) int64 {
	day, err := time.Parse(time.DateOnly, n.Value)
	if err != nil || day.Year() < 1970 {
		f := diag.New(diag.BadDate, n.Pos, "`%s` is not a date", n.Value).
			WithHint("write year, month and day, such as 2027-01-31: the exception holds until the end of that day in UTC")
		if err != nil && len(n.Value) > len(time.DateOnly) {
			if _, err := time.Parse(time.DateOnly, n.Value[:len(time.DateOnly)]); err == nil {
				f = f.WithHint("write the day only: `%s`; the exception holds until its end in UTC", n.Value[:len(time.DateOnly)])
			}
		}
		p.found.Add(f)
		return 0
	}
	return day.AddDate(0, 0, 1).UnixMicro()
}

func (p *fileParser) confirm(n *yamldoc.Node) *confirmSpec {
	if n.Kind == yamldoc.Scalar && !n.IsNull() {
		p.found.Add(diag.New(diag.WrongType, n.Pos, "`confirm` must have a query and what its answer must be").
			WithHint("write `confirm: {query: query-status, expr: 'status == \"io-error\"'}`"))
		return nil
	}
	if !n.AsMapping(p.found) {
		return nil
	}
	p.checkKeys(n, confirmKeys, confirmWords)
	c := &confirmSpec{
		Query: p.text(p.require(n, confirmKeys, confirmWords, "query")),
		Expr:  p.text(p.require(n, confirmKeys, confirmWords, "expr")),
	}
	if c.Query == nil {
		return nil
	}
	return c
}
