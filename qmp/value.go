package qmp

import (
	"math"
	"slices"
	"strconv"
	"time"
	"unsafe"
)

// ValueKind says which of its forms a Value has.
type ValueKind uint8

// The forms of a Value. Int holds every whole number that fits an int64; Uint
// only those above that, so that one number has one form.
const (
	NilValue ValueKind = iota
	BoolValue
	IntValue
	UintValue
	FloatValue
	StringValue
	ListValue
	ObjectValue
	TimeValue
	DurationValue
)

var valueKindNames = [...]string{"nil", "bool", "int", "uint", "float", "string", "list", "object", "time", "duration"}

// String returns the name of the form, as messages to people use it.
func (k ValueKind) String() string {
	if int(k) < len(valueKindNames) {
		return valueKindNames[k]
	}
	return "ValueKind(" + strconv.Itoa(int(k)) + ")"
}

// Value is a member of an event as an expression sees it: a small tagged union
// that is passed by value and, for scalars, allocates nothing. The zero Value
// is nil: "not sent". A Value is never changed once made. Compare Values with
// Equal, never with ==, which does not look at what they point to.
//
// It has three words on purpose: larger ones are not kept in registers by the
// compiler, and reading a member takes five times as long. So the pointer is
// the text of a string, whose length is num, or a composite; only text and
// comp look at it.
type Value struct {
	kind ValueKind
	num  uint64
	ptr  unsafe.Pointer
}

// text is the content of a StringValue.
func (v Value) text() string { return unsafe.String((*byte)(v.ptr), v.num) }

// comp is the content of a ListValue or an ObjectValue.
func (v Value) comp() *composite { return (*composite)(v.ptr) }

// isComposite reports whether v is a list or an object.
func (v Value) isComposite() bool { return v.kind == ListValue || v.kind == ObjectValue }

// composite is the content of a list (names is nil) or an object, in the order
// of the wire.
type composite struct {
	names []string
	items []Value
}

// Bool returns v as a Value.
func Bool(v bool) Value {
	if v {
		return Value{kind: BoolValue, num: 1}
	}
	return Value{kind: BoolValue}
}

// Int returns v as a Value.
func Int(v int64) Value { return Value{kind: IntValue, num: uint64(v)} }

// Uint returns v as a Value: an Int where it fits one.
func Uint(v uint64) Value {
	if v <= math.MaxInt64 {
		return Value{kind: IntValue, num: v}
	}
	return Value{kind: UintValue, num: v}
}

// Float returns v as a Value. A whole number stays a float.
func Float(v float64) Value { return Value{kind: FloatValue, num: math.Float64bits(v)} }

// String returns v as a Value.
func String(v string) Value {
	return Value{kind: StringValue, num: uint64(len(v)), ptr: unsafe.Pointer(unsafe.StringData(v))}
}

// Time returns a point in time, in microseconds since 1970-01-01 UTC.
func Time(us int64) Value { return Value{kind: TimeValue, num: uint64(us)} }

// Duration returns a span of time.
func Duration(v time.Duration) Value { return Value{kind: DurationValue, num: uint64(v)} }

// List returns a list. It keeps items, which the caller must not change.
func List(items []Value) Value {
	return Value{kind: ListValue, ptr: unsafe.Pointer(&composite{items: items})}
}

// Object returns an object whose i-th member is names[i]: items[i]. It keeps
// both slices; they must be of one length and names must differ.
func Object(names []string, items []Value) Value {
	return Value{kind: ObjectValue, ptr: unsafe.Pointer(&composite{names: names, items: items})}
}

// Kind returns the form of v.
func (v Value) Kind() ValueKind { return v.kind }

// IsNil reports whether v stands for a member that was not sent.
func (v Value) IsNil() bool { return v.kind == NilValue }

// IsNumber reports whether v is an Int, Uint or Float.
func (v Value) IsNumber() bool { return v.kind >= IntValue && v.kind <= FloatValue }

// AsBool returns v if it is a bool.
func (v Value) AsBool() (b, ok bool) {
	return v.kind == BoolValue && v.num != 0, v.kind == BoolValue
}

// AsInt returns v if it is a whole number that fits an int64; a float counts
// if it is exactly such a number.
func (v Value) AsInt() (int64, bool) {
	switch v.kind {
	case IntValue:
		return int64(v.num), true
	case FloatValue:
		f := math.Float64frombits(v.num)
		if f >= -1<<63 && f < 1<<63 && f == math.Trunc(f) {
			return int64(f), true
		}
	}
	return 0, false
}

// AsUint returns v if it is a whole number that fits a uint64; a float counts
// if it is exactly such a number.
func (v Value) AsUint() (uint64, bool) {
	switch v.kind {
	case IntValue:
		return v.num, int64(v.num) >= 0
	case UintValue:
		return v.num, true
	case FloatValue:
		f := math.Float64frombits(v.num)
		if f >= 0 && f < 1<<64 && f == math.Trunc(f) {
			return uint64(f), true
		}
	}
	return 0, false
}

// AsFloat returns v if it is a number, rounded to the nearest float64: whole
// numbers above 2^53 may lose their last digits. Compare does not.
func (v Value) AsFloat() (float64, bool) {
	switch v.kind {
	case IntValue:
		return float64(int64(v.num)), true
	case UintValue:
		return float64(v.num), true
	case FloatValue:
		return math.Float64frombits(v.num), true
	}
	return 0, false
}

// AsString returns v if it is a string.
func (v Value) AsString() (string, bool) {
	if v.kind != StringValue {
		return "", false
	}
	return v.text(), true
}

// AsTime returns v if it is a time, in microseconds since 1970-01-01 UTC.
func (v Value) AsTime() (int64, bool) { return int64(v.num), v.kind == TimeValue }

// AsDuration returns v if it is a span of time.
func (v Value) AsDuration() (time.Duration, bool) {
	return time.Duration(v.num), v.kind == DurationValue
}

// Len returns the length of a string in bytes, the number of items of a list
// or of members of an object, and 0 for everything else.
func (v Value) Len() int {
	switch {
	case v.kind == StringValue:
		return int(v.num)
	case v.isComposite():
		return len(v.comp().items)
	}
	return 0
}

// At returns the i-th item of a list, or the i-th member of an object in the
// order of Names; nil when there is none.
func (v Value) At(i int) Value {
	if !v.isComposite() || i < 0 || i >= len(v.comp().items) {
		return Value{}
	}
	return v.comp().items[i]
}

// Get returns the named member of an object, nil when there is none.
func (v Value) Get(name string) Value {
	if v.kind == ObjectValue {
		if i := slices.Index(v.comp().names, name); i >= 0 {
			return v.comp().items[i]
		}
	}
	return Value{}
}

// Names returns the names of an object's members in the order of the wire. The
// caller must not change them.
func (v Value) Names() []string {
	if !v.isComposite() {
		return nil
	}
	return v.comp().names
}
