package yamldoc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// MaxBytes is the size up to which Parse takes a file: about twenty thousand
// rules. ParseLimited takes another bound.
const MaxBytes = 4 << 20

// MaxDepth bounds how deep mappings and lists may be nested, in lines that
// indent and, separately, in brackets. No file of qmpalert needs ten.
const MaxDepth = 64

// Parse reads the document in src; file is only a name for the positions. The
// node is nil if and only if the file could not be read as YAML at all; an
// empty file is a null scalar. The findings are sorted.
func Parse(file string, src []byte) (*Node, diag.List) {
	return ParseLimited(file, src, MaxBytes)
}

// ParseLimited is Parse for files of up to maxBytes bytes. While it is read, a
// file of rules takes some 50 times its size in memory; maxValues keeps one made
// to be expensive ("[a,a,a,…") below one gigabyte.
func ParseLimited(file string, src []byte, maxBytes int) (*Node, diag.List) {
	var l diag.List
	if len(src) > maxBytes {
		l.Add(diag.New(diag.TooLarge, diag.Pos{File: file}, "the file has more than the %d bytes that are read", maxBytes).
			WithHint("split it into several files"))
		return nil, l
	}
	if n := values(src); n > maxValues {
		l.Add(diag.New(diag.TooLarge, diag.Pos{File: file}, "the file has about %d values, more than the %d that are read", n, maxValues).
			WithHint("split it into several files"))
		return nil, l
	}
	s := newSource(file, strings.TrimPrefix(string(src), "\ufeff"))
	if checkBytes(s, &l); len(l) > 0 {
		return nil, l
	}
	p := &parser{src: s, list: &l}
	root := p.document()
	l.Sort()
	return root, l
}

// maxValues bounds the keys and values of a file. Twenty thousand rules have
// half a million.
const maxValues = 800_000

// values estimates from above how many keys and values a file has, by the signs
// that come between them. It is cheap, and made before anything else is.
func values(src []byte) int {
	count := func(signs ...string) (n int) {
		for _, sign := range signs {
			n += bytes.Count(src, []byte(sign))
		}
		return n
	}
	return count(",", "[", "{", "- ", "-\n", "-\r") + 2*count(": ", ":\n", ":\r", "? ", "?\n", "?\r")
}

// parser turns the nodes of the YAML library into ours.
type parser struct {
	src  *source
	list *diag.List
}

// document reads the first document and complains about further ones.
func (p *parser) document() *Node {
	loader, err := yaml.NewLoader(bytes.NewReader([]byte(p.src.text)), yaml.WithPlugin(limits{}))
	if err != nil {
		p.list.Errorf(diag.YAMLSyntax, p.src.pos(0), "%v", err)
		return nil
	}
	var doc yaml.Node
	switch err := load(loader, &doc); {
	case errors.Is(err, io.EOF):
		return p.null()
	case err != nil:
		p.syntaxError(err)
		return nil
	}
	root := p.null()
	if len(doc.Content) > 0 {
		root = p.convert(doc.Content[0], "", false)
	}
	var further yaml.Node
	switch err := load(loader, &further); {
	case errors.Is(err, io.EOF):
	case err != nil:
		p.syntaxError(err)
		return nil
	default:
		at := p.src.offset(further.Line, further.Column)
		p.list.Add(diag.New(diag.FurtherDocument, p.src.span(at, p.src.lineEnd(at)), "a second YAML document").
			WithHint("put it into a file of its own, or remove the line `---`"))
	}
	return root
}

// load keeps a panic of the library inside: it has some for states that it
// believes impossible, and a file must never end the daemon.
func load(loader *yaml.Loader, into *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the YAML library gave up: %v", r)
		}
	}()
	return loader.Load(into)
}

// limits is the library's plug-in for bounds. Aliases are not expanded in a
// tree of nodes, and refused afterwards.
type limits struct{}

func (limits) CheckDepth(depth int, _ *yaml.DepthContext) error {
	if depth > MaxDepth {
		return errTooDeep
	}
	return nil
}

func (limits) CheckAlias(int, int) error { return nil }

var errTooDeep = fmt.Errorf("nested deeper than %d levels", MaxDepth)

func (p *parser) null() *Node {
	return &Node{Kind: Scalar, Pos: p.src.pos(0), src: p.src}
}

// convert makes a node; name and item say where it belongs.
func (p *parser) convert(y *yaml.Node, name string, item bool) *Node {
	start := p.src.offset(y.Line, y.Column)
	n := &Node{name: name, item: item, src: p.src, start: start}
	n.Pos = p.src.span(start, p.wordEnd(start))
	if p.refused(y, n) {
		return n
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.Kind, n.Value, n.Style = Scalar, y.Value, style(y.Style)
		n.Pos = p.src.span(start, p.src.lineEnd(start))
		if n.Style != Literal && n.Style != Folded {
			n.Pos = p.src.span(start, n.end())
		}
	case yaml.SequenceNode:
		n.Kind = Sequence
		for _, child := range y.Content {
			n.Items = append(n.Items, p.entry(child, name))
		}
	case yaml.MappingNode:
		n.Kind = Mapping
		p.pairs(n, y.Content)
	}
	return n
}

// entry converts an entry of a list.
func (p *parser) entry(y *yaml.Node, name string) *Node {
	n := p.convert(y, name, true)
	p.checkCut(n, n.end())
	return n
}

// pairs converts the entries of a mapping; content alternates keys and values.
func (p *parser) pairs(n *Node, content []*yaml.Node) {
	seen := make(map[string]*Node, len(content)/2)
	for i := 0; i+1 < len(content); i += 2 {
		key := p.convert(content[i], n.name, false)
		if !p.goodKey(key, content[i]) {
			if key.Kind == Mapping {
				n.Kind = Broken // {{ … }} was meant as a text
			}
			continue
		}
		value := p.convert(content[i+1], key.Value, false)
		behind := value.end()
		if value.Kind == Scalar && value.Style == Plain && value.Value == "" {
			value.Pos, value.start = key.Pos, key.start
			behind = p.behindColon(key.end())
		}
		p.checkCut(value, behind)
		if first := seen[key.Value]; first != nil {
			p.list.Add(diag.New(diag.DuplicateKey, key.Pos, "the key `%s` stands here for the second time", key.Value).
				WithHint("remove one of them").WithRelated(first.Pos, "first here"))
			continue
		}
		seen[key.Value] = key
		n.Pairs = append(n.Pairs, Pair{key, value})
	}
}

// goodKey takes scalars only. A {{ without quotes arrives here as a mapping
// whose key is a mapping.
func (p *parser) goodKey(key *Node, y *yaml.Node) bool {
	switch {
	case key.Kind == Broken:
		return false
	case key.Kind != Scalar:
		f := diag.New(diag.WrongType, key.Pos, "a key must be a word, not %s", key.kind())
		if y.Style&yaml.FlowStyle != 0 && key.start > 0 && p.src.text[key.start-1] == '{' {
			f = f.WithHint("quote a text that begins with {{: '{{ … }}'")
		}
		p.list.Add(f)
		return false
	case key.Style == Plain && key.Value == "<<":
		p.list.Errorf(diag.TagOrAnchor, key.Pos, "merge keys are not supported: write the keys out")
		return false
	case key.IsNull():
		p.list.Errorf(diag.WrongType, key.Pos, "a key is missing before this `:`")
		return false
	}
	return true
}

// refused complains about tags, anchors and aliases; n is then left Broken,
// and so is everything in it.
func (p *parser) refused(y *yaml.Node, n *Node) bool {
	switch {
	case y.Kind == yaml.AliasNode:
		p.list.Add(diag.New(diag.TagOrAnchor, n.Pos, "`*%s` is a YAML alias, which is not supported", y.Value).
			WithHint("write the value out, or quote it if the * belongs to it"))
		return true
	case y.Style&yaml.TaggedStyle != 0 || y.Tag == "!":
		p.list.Add(diag.New(diag.TagOrAnchor, n.Pos, "a YAML tag, which is not supported").
			WithHint("remove it, or quote the value if the ! belongs to it"))
		return true
	case y.Anchor != "":
		p.list.Add(diag.New(diag.TagOrAnchor, n.Pos, "`&%s` is a YAML anchor, which is not supported", y.Anchor).
			WithHint("remove it, or quote the value if the & belongs to it"))
		return true
	}
	return false
}

func style(s yaml.Style) Style {
	switch {
	case s&yaml.SingleQuotedStyle != 0:
		return SingleQuoted
	case s&yaml.DoubleQuotedStyle != 0:
		return DoubleQuoted
	case s&yaml.LiteralStyle != 0:
		return Literal
	case s&yaml.FoldedStyle != 0:
		return Folded
	}
	return Plain
}

// wordEnd is where the word that begins at off ends, for the caret below
// something that is not a scalar.
func (p *parser) wordEnd(off int) int {
	end := off
	for end < len(p.src.text) && !strings.ContainsRune(" \t\r\n:,[]{}", rune(p.src.text[end])) {
		end++
	}
	return max(end, min(off+1, len(p.src.text)))
}

// behindColon skips the colon behind a key that ends at off.
func (p *parser) behindColon(off int) int {
	text := p.src.text
	for off < len(text) && isBlank(text[off]) {
		off++
	}
	if off < len(text) && text[off] == ':' {
		off++
	}
	return off
}
