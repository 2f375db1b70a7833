package lang

import (
	"math"
	"slices"
	"strconv"

	"github.com/qmpalert/qmpalert/qmp"
)

// numberTable are the functions of numbers and those that convert.
var numberTable = []function{
	{FuncDoc: FuncDoc{"int", "int(x)", "x as a whole number, its fraction cut off; nil if it is none"}, call: toInt},
	{FuncDoc: FuncDoc{"float", "float(x)", "x as a float; nil if it is no number"}, call: toFloat},
	{FuncDoc: FuncDoc{"string", "string(x)", "x as {{ x }} prints it"}, call: toString},
	{FuncDoc: FuncDoc{"type", "type(x)", `"nil", "bool", "int", "float", "string", "array", "map", "time" or "duration"`}, call: typeOf, takesNil: true},
	{FuncDoc: FuncDoc{"abs", "abs(x)", "x without its sign"}, call: absolute},
	{FuncDoc: FuncDoc{"ceil", "ceil(x)", "the least whole number that is not below x"}, call: rounded(math.Ceil)},
	{FuncDoc: FuncDoc{"floor", "floor(x)", "the greatest whole number that is not above x"}, call: rounded(math.Floor)},
	{FuncDoc: FuncDoc{"round", "round(x)", "the nearest whole number, halves away from zero"}, call: rounded(math.Round)},
	{FuncDoc: FuncDoc{"min", "min(a, b, …)", "the least of numbers or lists of numbers"}, call: extreme(-1)},
	{FuncDoc: FuncDoc{"max", "max(a, b, …)", "the greatest of numbers or lists of numbers"}, call: extreme(1)},
	{FuncDoc: FuncDoc{"mean", "mean(a, b, …)", "the mean of numbers or lists of numbers"}, call: mean},
	{FuncDoc: FuncDoc{"median", "median(a, b, …)", "the median of numbers or lists of numbers"}, call: median},
	{FuncDoc: FuncDoc{"bitand", "bitand(a, b)", "the bits that are in both"}, call: bitwise(func(a, b uint64) uint64 { return a & b })},
	{FuncDoc: FuncDoc{"bitor", "bitor(a, b)", "the bits that are in one of both"}, call: bitwise(func(a, b uint64) uint64 { return a | b })},
	{FuncDoc: FuncDoc{"bitxor", "bitxor(a, b)", "the bits that are in exactly one of both"}, call: bitwise(func(a, b uint64) uint64 { return a ^ b })},
	{FuncDoc: FuncDoc{"bitnand", "bitnand(a, b)", "the bits of a that are not in b"}, call: bitwise(func(a, b uint64) uint64 { return a &^ b })},
	{FuncDoc: FuncDoc{"bitnot", "bitnot(a)", "all bits of a turned round"}, call: bitNot},
	{FuncDoc: FuncDoc{"bitshl", "bitshl(a, n)", "a shifted to the left by n bits"}, call: shifted(func(a uint64, _ bool, n uint) uint64 { return a << n })},
	{FuncDoc: FuncDoc{"bitshr", "bitshr(a, n)", "a shifted to the right by n bits, keeping its sign"}, call: shifted(shiftRight)},
	{FuncDoc: FuncDoc{"bitushr", "bitushr(a, n)", "a shifted to the right by n bits, filled with 0"}, call: shifted(func(a uint64, _ bool, n uint) uint64 { return a >> n })},
}

func toInt(_ *Frame, args []qmp.Value) qmp.Value {
	v := args[0]
	switch v.Kind() {
	case qmp.IntValue, qmp.UintValue:
		return v
	case qmp.FloatValue:
		f, _ := v.AsFloat()
		v = qmp.Float(math.Trunc(f))
		if n, ok := v.AsInt(); ok {
			return qmp.Int(n)
		}
		if n, ok := v.AsUint(); ok {
			return qmp.Uint(n)
		}
	case qmp.StringValue:
		s, _ := v.AsString()
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return qmp.Int(n)
		}
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			return qmp.Uint(n)
		}
	case qmp.DurationValue: // of time.Duration: nanoseconds
		d, _ := v.AsDuration()
		return qmp.Int(int64(d))
	}
	return qmp.Value{}
}

func toFloat(_ *Frame, args []qmp.Value) qmp.Value {
	if f, ok := args[0].AsFloat(); ok {
		return qmp.Float(f)
	}
	s, ok := args[0].AsString()
	f, err := strconv.ParseFloat(s, 64)
	if !ok || err != nil {
		return qmp.Value{}
	}
	return finite(f)
}

func toString(f *Frame, args []qmp.Value) qmp.Value {
	if args[0].Kind() == qmp.StringValue {
		return args[0]
	}
	if !f.makes(textSize(args[0])) {
		return qmp.Value{}
	}
	return qmp.String(args[0].Text())
}

func typeOf(_ *Frame, args []qmp.Value) qmp.Value {
	switch k := args[0].Kind(); k {
	case qmp.UintValue:
		return qmp.String("int")
	case qmp.ListValue:
		return qmp.String("array")
	case qmp.ObjectValue:
		return qmp.String("map")
	default:
		return qmp.String(k.String())
	}
}

func absolute(_ *Frame, args []qmp.Value) qmp.Value {
	v := args[0]
	if order, ok := qmp.Compare(v, qmp.Int(0)); ok && order < 0 {
		return negate(v)
	} else if !ok {
		return qmp.Value{}
	}
	return v
}

func rounded(round func(float64) float64) func(*Frame, []qmp.Value) qmp.Value {
	return func(_ *Frame, args []qmp.Value) qmp.Value {
		f, ok := args[0].AsFloat()
		if !ok {
			return qmp.Value{}
		}
		return finite(round(f))
	}
}

// numbers visits the numbers in args and in the lists in it, and returns false
// if there is anything else.
func (f *Frame) numbers(args []qmp.Value, visit func(qmp.Value)) bool {
	for _, v := range args {
		switch {
		case !f.step(1):
			return false
		case v.IsNumber():
			visit(v)
		case v.Kind() != qmp.ListValue || !f.numbers(itemsOf(v), visit):
			return false
		}
	}
	return true
}

// extreme is min (-1) or max (1).
func extreme(sign int) func(*Frame, []qmp.Value) qmp.Value {
	return func(f *Frame, args []qmp.Value) qmp.Value {
		var best qmp.Value
		ok := f.numbers(args, func(v qmp.Value) {
			if order, _ := qmp.Compare(v, best); best.IsNil() || order == sign {
				best = v
			}
		})
		if !ok {
			return qmp.Value{}
		}
		return best
	}
}

// floats collects what numbers visits.
func (f *Frame) floats(args []qmp.Value) ([]float64, bool) {
	var all []float64
	ok := f.numbers(args, func(v qmp.Value) {
		x, _ := v.AsFloat()
		all = append(all, x)
	})
	return all, ok && len(all) > 0
}

func mean(f *Frame, args []qmp.Value) qmp.Value {
	all, ok := f.floats(args)
	if !ok {
		return qmp.Value{}
	}
	sum := 0.0
	for _, x := range all {
		sum += x
	}
	return finite(sum / float64(len(all)))
}

func median(f *Frame, args []qmp.Value) qmp.Value {
	all, ok := f.floats(args)
	if !ok || !f.step(sortSteps*len(all)) {
		return qmp.Value{}
	}
	slices.Sort(all)
	middle := len(all) / 2
	if len(all)%2 == 1 {
		return qmp.Float(all[middle])
	}
	return finite((all[middle-1] + all[middle]) / 2)
}

// bitsOf returns the 64 bits of a whole number, and whether they are unsigned.
func bitsOf(v qmp.Value) (b uint64, unsigned, ok bool) {
	w, ok := wholeOf(v)
	b = w.mag
	if w.neg {
		b = -w.mag
	}
	return b, v.Kind() == qmp.UintValue, ok
}

// fromBits is the reverse of bitsOf.
func fromBits(b uint64, unsigned bool) qmp.Value {
	if unsigned {
		return qmp.Uint(b)
	}
	return qmp.Int(int64(b))
}

func bitwise(op func(a, b uint64) uint64) func(*Frame, []qmp.Value) qmp.Value {
	return func(_ *Frame, args []qmp.Value) qmp.Value {
		a, unsignedA, okA := bitsOf(args[0])
		b, unsignedB, okB := bitsOf(args[1])
		if !okA || !okB {
			return qmp.Value{}
		}
		return fromBits(op(a, b), unsignedA || unsignedB)
	}
}

func bitNot(_ *Frame, args []qmp.Value) qmp.Value {
	a, unsigned, ok := bitsOf(args[0])
	if !ok {
		return qmp.Value{}
	}
	return fromBits(^a, unsigned)
}

func shifted(shift func(a uint64, unsigned bool, n uint) uint64) func(*Frame, []qmp.Value) qmp.Value {
	return func(_ *Frame, args []qmp.Value) qmp.Value {
		a, unsigned, okA := bitsOf(args[0])
		n, okN := args[1].AsUint()
		if !okA || !okN || args[1].Kind() == qmp.FloatValue {
			return qmp.Value{}
		}
		return fromBits(shift(a, unsigned, uint(min(n, 64))), unsigned)
	}
}

func shiftRight(a uint64, unsigned bool, n uint) uint64 {
	if unsigned {
		return a >> n
	}
	return uint64(int64(a) >> n)
}
