package qmp

// This file holds what the generated methods of events are made of.

func optString(o Opt[string]) Value {
	if !o.Set {
		return Value{}
	}
	return String(o.V)
}

func optBool(o Opt[bool]) Value {
	if !o.Set {
		return Value{}
	}
	return Bool(o.V)
}

func optInt(o Opt[int64]) Value {
	if !o.Set {
		return Value{}
	}
	return Int(o.V)
}

func optUint[T uint64 | uint32 | uint16](o Opt[T]) Value {
	if !o.Set {
		return Value{}
	}
	return Uint(uint64(o.V))
}

func optFloat(o Opt[float64]) Value {
	if !o.Set {
		return Value{}
	}
	return Float(o.V)
}

func optAny(o Opt[Value]) Value { return o.V }

// optObject takes a pointer because T's method has a pointer receiver.
func optObject[T any, P interface {
	*T
	value() Value
}](o *Opt[T]) Value {
	if !o.Set {
		return Value{}
	}
	return P(&o.V).value()
}

// objectBuilder collects the members of an object that are present.
type objectBuilder struct {
	names []string
	items []Value
}

func (o *objectBuilder) add(name string, v Value) {
	if !v.IsNil() {
		o.names = append(o.names, name)
		o.items = append(o.items, v)
	}
}

func (o *objectBuilder) value() Value { return Object(o.names, o.items) }

// appendName appends the quoted name of a member and its colon, after a comma
// unless it is the first. No value ends in an opening brace.
func appendName(b []byte, quoted string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ", "...)
	}
	return append(b, quoted...)
}
