package qmp

import (
	"math"
	"strconv"
)

// This file reads members of events into their Opt. Each function takes the
// index of the value and returns the one behind it. A value of the wrong type,
// null included, leaves the member absent, also when an earlier one of the same
// name had set it: the last of several wins.

// mistype skips a value of the wrong type.
func (p *parser) mistype(i int) int {
	p.mistyped++
	return p.skip(i, p.depth)
}

// unknownMember skips a member that the table does not have.
func (p *parser) unknownMember(i int) int {
	p.unknown++
	return p.skip(i, p.depth)
}

func (p *parser) optString(i int, o *Opt[string]) int {
	if p.b[i] != '"' {
		*o = Opt[string]{}
		return p.mistype(i)
	}
	if o.V, i = p.string(i); len(o.V) > maxText {
		o.V = cut(o.V)
	}
	o.Set = true
	return i
}

func (p *parser) optBool(i int, o *Opt[bool]) int {
	switch p.b[i] {
	case 't':
		*o = Some(true)
		return p.literal(i, "true")
	case 'f':
		*o = Some(false)
		return p.literal(i, "false")
	}
	*o = Opt[bool]{}
	return p.mistype(i)
}

func (p *parser) optInt(i int, o *Opt[int64]) int {
	*o = Opt[int64]{}
	if !isNumber(p.b[i]) {
		return p.mistype(i)
	}
	mag, negative, whole, i := p.number(i)
	switch {
	case whole && !negative && mag <= math.MaxInt64:
		*o = Some(int64(mag))
	case whole && negative && mag <= 1<<63:
		*o = Some(-int64(mag))
	default:
		p.mistyped++
	}
	return i
}

// optUint also reads what QEMU up to 2.9 made of numbers above 2^63-1: negative
// ones.
func (p *parser) optUint(i int, o *Opt[uint64]) int {
	*o = Opt[uint64]{}
	if !isNumber(p.b[i]) {
		return p.mistype(i)
	}
	mag, negative, whole, i := p.number(i)
	switch {
	case whole && !negative:
		*o = Some(mag)
	case whole && mag <= 1<<63:
		*o = Some(-mag)
	default:
		p.mistyped++
	}
	return i
}

// optSmallUint reads a number that the schema makes narrower than 64 bits.
func optSmallUint[T uint32 | uint16](p *parser, i int, o *Opt[T]) int {
	*o = Opt[T]{}
	if !isNumber(p.b[i]) {
		return p.mistype(i)
	}
	mag, negative, whole, i := p.number(i)
	if whole && mag <= uint64(^T(0)) && (!negative || mag == 0) {
		*o = Some(T(mag))
	} else {
		p.mistyped++
	}
	return i
}

func (p *parser) optFloat(i int, o *Opt[float64]) int {
	*o = Opt[float64]{}
	if !isNumber(p.b[i]) {
		return p.mistype(i)
	}
	start := i
	_, _, _, i = p.number(i)
	if i < 0 {
		return i
	}
	f, err := strconv.ParseFloat(alias(p.b[start:i]), 64)
	if err != nil {
		p.mistyped++
		return i
	}
	*o = Some(f)
	return i
}

// optAny reads a member that may be anything, null too.
func (p *parser) optAny(i int, o *Opt[Value]) int {
	v, i := p.value(i, p.depth)
	*o = Some(v)
	return i
}

// decodable is what the generated structs can do.
type decodable interface {
	decode(p *parser, i int) int
}

// decodableData is the same for the struct of an event.
type decodableData interface {
	Data
	decodable
	assign(same Data)   // takes over the members of an event of the same kind
	detach(mover) mover // moves all strings; by value, or it would have to be allocated
}

// optNested reads a nested object.
func optNested[T any, P interface {
	*T
	decodable
}](p *parser, i int, o *Opt[T]) int {
	*o = Opt[T]{}
	if p.b[i] != '{' {
		return p.mistype(i)
	}
	o.Set = true
	p.depth++
	i = P(&o.V).decode(p, i)
	p.depth--
	return i
}
