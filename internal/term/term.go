package term

import (
	"strconv"
	"strings"
)

// Term is a node of an expression.
type Term struct {
	Head string // operator, name, "member", "call lower", "distinct", …; "" for a literal
	Args []*Term
	Text string // of a string
	Str  bool   // it is a string
	Lit  string // any other literal as it is written: 5, 1.5f, true, null
}

// Parse reads a normal form; nil for "" and for what is none. All methods may be
// called on nil.
func Parse(s string) *Term {
	p := &termParser{s}
	t := p.term()
	if strings.TrimSpace(p.rest) != "" {
		return nil
	}
	return t
}

type termParser struct{ rest string }

func (p *termParser) term() *Term {
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
		return &Term{Text: text, Str: true}
	case p.rest[0] != '(':
		if word := p.word(); word != "" {
			return &Term{Lit: word}
		}
		return nil
	}
	p.rest = p.rest[1:]
	t := &Term{Head: p.word()}
	if strings.HasPrefix(p.rest, "(") { // (distinct((host))) is the same as (distinct (host))
		p.rest = p.rest[1:]
		if t.Head == "" || !p.args(t) || !strings.HasPrefix(p.rest, ")") {
			return nil
		}
		p.rest = p.rest[1:]
		return t
	}
	if t.Head == "call" || t.Head == "let" || t.Head == "not" { // "not in" is one operator in some trees
		p.secondWord(t)
	}
	if !p.args(t) {
		return nil
	}
	return t
}

// args reads what stands up to the closing bracket.
func (p *termParser) args(t *Term) bool {
	for {
		p.rest = strings.TrimLeft(p.rest, " ")
		if p.rest == "" {
			return false
		}
		if p.rest[0] == ')' {
			p.rest = p.rest[1:]
			return true
		}
		arg := p.term()
		if arg == nil {
			return false
		}
		t.Args = append(t.Args, arg)
	}
}

// secondWord takes the name of a function or variable into the head.
func (p *termParser) secondWord(t *Term) {
	after := strings.TrimLeft(p.rest, " ")
	if after == "" || strings.ContainsRune(`("_)`, rune(after[0])) || after[0] >= '0' && after[0] <= '9' || after[0] == '-' {
		return
	}
	if t.Head == "not" && !strings.HasPrefix(after, "in ") {
		return // (not true)
	}
	p.rest = after
	t.Head += " " + p.word()
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

// Walk calls f for t and everything in it, from the outside.
func (t *Term) Walk(f func(*Term)) {
	if t == nil {
		return
	}
	f(t)
	for _, a := range t.Args {
		a.Walk(f)
	}
}

// Path is the member that t reads, as expressions spell it: node_name,
// client.host, also for data["node-name"]; "" if t is none.
func (t *Term) Path() string {
	switch {
	case t == nil:
		return ""
	case t.Head == "member" && len(t.Args) == 2 && t.Args[1].Str:
		name := strings.ReplaceAll(t.Args[1].Text, "-", "_")
		switch of := t.Args[0].Path(); of {
		case "":
			return ""
		case "data":
			return name
		default:
			return of + "." + name
		}
	case t.Head != "" && len(t.Args) == 0 && t.Head != "list" && t.Head != "object":
		return t.Head
	}
	return ""
}

// Reads reports whether a member is read anywhere in t.
func (t *Term) Reads(path string) bool {
	found := false
	t.Walk(func(n *Term) { found = found || n.Path() == path })
	return found
}

// Strings lists the string literals in t that are not empty.
func (t *Term) Strings() []string {
	var all []string
	t.Walk(func(n *Term) {
		if n.Head == "member" {
			return
		}
		for _, a := range n.Args {
			if a.Str && a.Text != "" {
				all = append(all, a.Text)
			}
		}
		if n == t && n.Str && n.Text != "" {
			all = append(all, n.Text)
		}
	})
	return all
}

// Comparison is a place where an expression compares something with strings.
type Comparison struct {
	Op    string
	Value *Term // what is compared
	With  []string
}

// Comparisons lists the comparisons in t whose one side has string literals
// and whose other side reads a member.
func (t *Term) Comparisons() []Comparison {
	var all []Comparison
	t.Walk(func(n *Term) {
		switch n.Head {
		case "==", "!=", "in", "not in", "contains", "startsWith", "endsWith", "matches":
		default:
			return
		}
		if len(n.Args) != 2 {
			return
		}
		for i, side := range n.Args {
			if with := n.Args[1-i].Strings(); len(with) > 0 && len(side.Strings()) == 0 {
				all = append(all, Comparison{n.Head, side, with})
			}
		}
	})
	return all
}

// Conjuncts are the conditions that must all hold for t to hold.
func (t *Term) Conjuncts() []*Term {
	if t == nil {
		return nil
	}
	if t.Head == "and" {
		var all []*Term
		for _, a := range t.Args {
			all = append(all, a.Conjuncts()...)
		}
		return all
	}
	return []*Term{t}
}
