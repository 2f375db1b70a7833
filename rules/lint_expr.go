package rules

import (
	"strconv"
	"strings"
)

// term is a node of an expression in its normal form (lang.Program.Canonical):
// macros and lists are in it, brackets and spellings are gone.
type term struct {
	head string // operator, name, "member", "call lower", …; "" for a literal
	args []*term
	text string // of a string
	str  bool   // it is a string
	lit  string // any other literal as it is written: 5, 1.5f, true, null
}

// parseTerm reads a normal form, nil for "" and for what is none.
func parseTerm(s string) *term {
	p := &termParser{s}
	t := p.term()
	if strings.TrimSpace(p.rest) != "" {
		return nil
	}
	return t
}

type termParser struct{ rest string }

func (p *termParser) term() *term {
	p.rest = strings.TrimLeft(p.rest, " ")
	switch {
	case p.rest == "":
		return nil
	case p.rest[0] == '"':
		quoted, err := strconv.QuotedPrefix(p.rest)
		if err != nil {
			return nil
		}
		p.rest = p.rest[len(quoted):]
		text, _ := strconv.Unquote(quoted)
		return &term{text: text, str: true}
	case p.rest[0] != '(':
		return &term{lit: p.word()}
	}
	p.rest = p.rest[1:]
	t := &term{head: p.word()}
	if t.head == "call" || t.head == "let" || t.head == "not" { // "not in" is one operator in some trees
		p.secondWord(t)
	}
	for {
		p.rest = strings.TrimLeft(p.rest, " ")
		if p.rest == "" {
			return nil
		}
		if p.rest[0] == ')' {
			p.rest = p.rest[1:]
			return t
		}
		arg := p.term()
		if arg == nil {
			return nil
		}
		t.args = append(t.args, arg)
	}
}

// secondWord takes the name of a function or variable into the head.
func (p *termParser) secondWord(t *term) {
	after := strings.TrimLeft(p.rest, " ")
	if after == "" || strings.ContainsRune(`("_)`, rune(after[0])) || after[0] >= '0' && after[0] <= '9' || after[0] == '-' {
		return
	}
	if t.head == "not" && !strings.HasPrefix(after, "in ") {
		return // (not true)
	}
	p.rest = after
	t.head += " " + p.word()
}

func (p *termParser) word() string {
	end := strings.IndexAny(p.rest, " ()\"")
	if end < 0 {
		end = len(p.rest)
	}
	word := p.rest[:end]
	p.rest = p.rest[end:]
	if word == "" && p.rest != "" { // nothing that begins a word: the text is no normal form
		p.rest = ""
	}
	return word
}

// walk calls f for t and everything in it, from the outside.
func (t *term) walk(f func(*term)) {
	if t == nil {
		return
	}
	f(t)
	for _, a := range t.args {
		a.walk(f)
	}
}

// path is the member that t reads, as expressions spell it: node_name,
// client.host, also for data["node-name"]; "" if t is none.
func (t *term) path() string {
	switch {
	case t.head == "member" && len(t.args) == 2 && t.args[1].str:
		name := strings.ReplaceAll(t.args[1].text, "-", "_")
		switch of := t.args[0].path(); of {
		case "":
			return ""
		case "data":
			return name
		default:
			return of + "." + name
		}
	case t.head != "" && len(t.args) == 0 && t.head != "list" && t.head != "object":
		return t.head
	}
	return ""
}

// reads reports whether a member is read anywhere in t.
func (t *term) reads(path string) bool {
	found := false
	t.walk(func(n *term) { found = found || n.path() == path })
	return found
}

// strings lists the string literals in t that are not empty.
func (t *term) strings() []string {
	var all []string
	t.walk(func(n *term) {
		if n.head == "member" {
			return
		}
		for _, a := range n.args {
			if a.str && a.text != "" {
				all = append(all, a.text)
			}
		}
		if n == t && n.str && n.text != "" {
			all = append(all, n.text)
		}
	})
	return all
}

// comparison is a place where an expression compares something with strings.
type comparison struct {
	op    string
	value *term // what is compared
	with  []string
}

// comparisons lists the comparisons in t whose one side has string literals
// and whose other side reads a member.
func (t *term) comparisons() []comparison {
	var all []comparison
	t.walk(func(n *term) {
		switch n.head {
		case "==", "!=", "in", "not in", "contains", "startsWith", "endsWith", "matches":
		default:
			return
		}
		if len(n.args) != 2 {
			return
		}
		for i, side := range n.args {
			if with := n.args[1-i].strings(); len(with) > 0 && len(side.strings()) == 0 {
				all = append(all, comparison{n.head, side, with})
			}
		}
	})
	return all
}

// conjuncts are the conditions that must all hold for t to hold.
func (t *term) conjuncts() []*term {
	if t == nil {
		return nil
	}
	if t.head == "and" {
		var all []*term
		for _, a := range t.args {
			all = append(all, a.conjuncts()...)
		}
		return all
	}
	return []*term{t}
}
