package qmp

import (
	"cmp"
	"math"
)

// Equal reports whether a and b are the same value. Numbers are compared
// exactly, whatever their form; the order of an object's members does not
// matter; nil equals only nil, and NaN nothing.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		if a.IsNumber() && b.IsNumber() {
			c, ok := compareNumbers(a, b)
			return ok && c == 0
		}
		return false
	}
	switch a.kind {
	case FloatValue:
		return math.Float64frombits(a.num) == math.Float64frombits(b.num)
	case StringValue:
		return a.text() == b.text()
	case ListValue:
		return equalLists(a, b)
	case ObjectValue:
		return equalObjects(a, b)
	}
	return a.num == b.num
}

func equalLists(a, b Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i, x := range a.comp().items {
		if !Equal(x, b.comp().items[i]) {
			return false
		}
	}
	return true
}

// equalObjects first tries the members in order, which is how two values from
// one sender look.
func equalObjects(a, b Value) bool {
	if a.Len() != b.Len() {
		return false
	}
	for i, name := range a.comp().names {
		j := i
		if b.comp().names[j] != name {
			if j = indexOf(b.comp().names, name); j < 0 {
				return false
			}
		}
		if !Equal(a.comp().items[i], b.comp().items[j]) {
			return false
		}
	}
	return true
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// Compare orders a and b: negative, zero or positive. ok is false when they
// have no order: numbers, strings (by byte), times and spans each have one
// among themselves, NaN and everything else has none. Whole numbers and floats
// are compared exactly, without rounding either.
func Compare(a, b Value) (c int, ok bool) {
	switch {
	case a.IsNumber() && b.IsNumber():
		return compareNumbers(a, b)
	case a.kind != b.kind:
		return 0, false
	case a.kind == StringValue:
		return cmp.Compare(a.text(), b.text()), true
	case a.kind == TimeValue, a.kind == DurationValue:
		return cmp.Compare(int64(a.num), int64(b.num)), true
	}
	return 0, false
}

func compareNumbers(a, b Value) (int, bool) {
	switch {
	case a.kind == FloatValue && b.kind == FloatValue:
		x, y := math.Float64frombits(a.num), math.Float64frombits(b.num)
		return cmp.Compare(x, y), !math.IsNaN(x) && !math.IsNaN(y)
	case a.kind == FloatValue:
		c, ok := compareWhole(b, math.Float64frombits(a.num))
		return -c, ok
	case b.kind == FloatValue:
		return compareWhole(a, math.Float64frombits(b.num))
	case a.kind == UintValue && b.kind == UintValue:
		return cmp.Compare(a.num, b.num), true
	case a.kind == UintValue: // above every Int by construction
		return 1, true
	case b.kind == UintValue:
		return -1, true
	}
	return cmp.Compare(int64(a.num), int64(b.num)), true
}

// compareWhole compares the Int or Uint a with f. f is cut to a whole number
// first, which is exact; its fraction decides only between equal ones.
func compareWhole(a Value, f float64) (int, bool) {
	switch {
	case math.IsNaN(f):
		return 0, false
	case f >= 1<<64:
		return -1, true
	case f < -1<<63:
		return 1, true
	}
	t := math.Trunc(f)
	var w Value
	if t >= 1<<63 {
		w = Uint(uint64(t))
	} else {
		w = Int(int64(t))
	}
	if c, _ := compareNumbers(a, w); c != 0 {
		return c, true
	}
	return cmp.Compare(t, f), true
}
