package yamldoc

import (
	"sync/atomic"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// Kind says what a node is.
type Kind uint8

// The kinds. A Broken node stands where a finding was made already (an alias,
// a mapping as a key): every accessor passes over it in silence.
const (
	Broken Kind = iota
	Scalar
	Sequence
	Mapping
)

// Style says how a scalar is written.
type Style uint8

// The styles of scalars.
const (
	Plain Style = iota
	SingleQuoted
	DoubleQuoted
	Literal // |
	Folded  // >
)

// Node is a value or a key of a document. It does not change once Parse
// returned it and may be read by several goroutines.
type Node struct {
	Kind Kind
	// Pos is where the value begins (its quote, its "|", its first key or
	// "-"), up to its end or the end of that line. The value that is missing
	// behind a "key:" is where that key ends.
	Pos diag.Pos
	// Value is the decoded text of a scalar.
	Value string
	Style Style // of a scalar
	// Pairs are the entries of a mapping as they stand in the file; of a
	// duplicate key only the first is kept.
	Pairs []Pair
	// Items are the entries of a sequence.
	Items []*Node

	name  string // the key this value belongs to; "" at the top of the file
	item  bool   // it is an entry of the list under name
	src   *source
	start int // byte offset of Pos in the source

	trace atomic.Pointer[trace] // made when first asked for
}

// Pair is one entry of a mapping.
type Pair struct{ Key, Value *Node }

// Get returns the value of a key, nil if the node is no mapping or lacks it.
func (n *Node) Get(key string) *Node {
	if p := n.pair(key); p != nil {
		return p.Value
	}
	return nil
}

// Key returns the key itself, for its position; nil if it is not there.
func (n *Node) Key(key string) *Node {
	if p := n.pair(key); p != nil {
		return p.Key
	}
	return nil
}

func (n *Node) pair(key string) *Pair {
	if n == nil {
		return nil
	}
	for i := range n.Pairs {
		if n.Pairs[i].Key.Value == key {
			return &n.Pairs[i]
		}
	}
	return nil
}

// Each calls f for every entry of a mapping in the order of the file.
func (n *Node) Each(f func(key, value *Node)) {
	if n == nil {
		return
	}
	for _, p := range n.Pairs {
		f(p.Key, p.Value)
	}
}

// IsNull reports whether a value is missing or written as null or ~.
func (n *Node) IsNull() bool {
	if n.Kind != Scalar || n.Style != Plain {
		return false
	}
	switch n.Value {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// Name is the key under which the value stands, for an entry of a list that of
// the list; "" at the top of the file.
func (n *Node) Name() string { return n.name }

// what names the node in a message.
func (n *Node) what() string {
	switch {
	case n.name == "" && n.item:
		return "an entry of the list"
	case n.name == "":
		return "the file"
	case n.item:
		return "an entry of `" + n.name + "`"
	default:
		return "`" + n.name + "`"
	}
}

// kind names what the node is, with its article.
func (n *Node) kind() string {
	switch {
	case n.Kind == Mapping:
		return "a mapping"
	case n.Kind == Sequence:
		return "a list"
	case n.IsNull():
		return "empty"
	default:
		return "a text"
	}
}
