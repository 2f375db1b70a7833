package aggregate

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/qmp"
)

// pool gives a number to each different value of a window and counts it.
type pool struct {
	ids     map[identity]int32
	entries []entry
	free    []int32
	scratch []byte
}

type entry struct {
	key   identity
	count int32
}

// identity is what == compares: two values are equal only if theirs are. Lists
// and objects are written out.
type identity struct {
	kind qmp.ValueKind
	num  uint64
	text string
}

// skipped is the number of what is in no pool.
const skipped = -1

// take counts v and returns its number. Texts are copied: a value outlives the
// match that brought it as long as another match has the same.
func (p *pool) take(v qmp.Value) int32 {
	if v.IsNil() {
		return skipped
	}
	key := identity{kind: v.Kind()}
	switch v.Kind() {
	case qmp.StringValue:
		key.text, _ = v.AsString()
	case qmp.ListValue, qmp.ObjectValue:
		p.scratch = appendIdentity(p.scratch[:0], v)
		if id, ok := p.ids[identity{kind: v.Kind(), text: string(p.scratch)}]; ok {
			p.entries[id].count++
			return id
		}
		key.text = string(p.scratch)
	default:
		key = scalarIdentity(v)
	}
	if id, ok := p.ids[key]; ok {
		p.entries[id].count++
		return id
	}
	key.text = strings.Clone(key.text)
	return p.enter(key)
}

func (p *pool) enter(key identity) int32 {
	if p.ids == nil {
		p.ids = map[identity]int32{}
	}
	var id int32
	if n := len(p.free); n > 0 {
		id, p.free = p.free[n-1], p.free[:n-1]
		p.entries[id] = entry{key, 1}
	} else {
		id = int32(len(p.entries))
		p.entries = append(p.entries, entry{key, 1})
	}
	p.ids[key] = id
	return id
}

// manyEntries is from where the memory of an empty pool is given back.
const manyEntries = 64

// drop is the reverse of take.
func (p *pool) drop(id int32) {
	if id == skipped {
		return
	}
	e := &p.entries[id]
	if e.count--; e.count > 0 {
		return
	}
	delete(p.ids, e.key)
	*e = entry{}
	p.free = append(p.free, id)
	if len(p.ids) == 0 && len(p.entries) > manyEntries {
		*p = pool{}
	}
}

// scalarIdentity is that of everything but strings, lists and objects. A number
// has the same whatever its form is.
func scalarIdentity(v qmp.Value) identity {
	if v.IsNumber() {
		if n, ok := v.AsInt(); ok {
			return identity{kind: qmp.IntValue, num: uint64(n)}
		}
		if n, ok := v.AsUint(); ok {
			return identity{kind: qmp.UintValue, num: n}
		}
		f, _ := v.AsFloat()
		return identity{kind: qmp.FloatValue, num: math.Float64bits(f)}
	}
	key := identity{kind: v.Kind()}
	if b, ok := v.AsBool(); ok && b {
		key.num = 1
	}
	if t, ok := v.AsTime(); ok {
		key.num = uint64(t)
	}
	if d, ok := v.AsDuration(); ok {
		key.num = uint64(d)
	}
	return key
}

// appendIdentity writes a value so that two texts are the same only if the
// values are: every part begins with its kind and has its length.
func appendIdentity(b []byte, v qmp.Value) []byte {
	switch v.Kind() {
	case qmp.StringValue:
		s, _ := v.AsString()
		return appendText(append(b, byte(qmp.StringValue)), s)
	case qmp.ListValue:
		b = binary.AppendUvarint(append(b, byte(qmp.ListValue)), uint64(v.Len()))
		for i := range v.Len() {
			b = appendIdentity(b, v.At(i))
		}
		return b
	case qmp.ObjectValue:
		return appendObject(b, v)
	}
	key := scalarIdentity(v)
	return binary.BigEndian.AppendUint64(append(b, byte(key.kind)), key.num)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendObject(b []byte, v qmp.Value) []byte {
	order := make([]int, v.Len())
	for i := range order {
		order[i] = i
	}
	names := v.Names()
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(names[i], names[j]) })
	b = binary.AppendUvarint(append(b, byte(qmp.ObjectValue)), uint64(v.Len()))
	for _, i := range order {
		b = appendIdentity(appendText(b, names[i]), v.At(i))
	}
	return b
}
