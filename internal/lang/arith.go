package lang

import (
	"math"
	"math/bits"
	"time"

	"github.com/qmpalert/qmpalert/qmp"
)

// whole is a whole number as sign and magnitude: wide enough for int64 and
// uint64 alike. Zero is never negative.
type whole struct {
	neg bool
	mag uint64
}

func wholeOf(v qmp.Value) (whole, bool) {
	switch v.Kind() {
	case qmp.IntValue:
		n, _ := v.AsInt()
		if n < 0 {
			return whole{true, -uint64(n)}, true
		}
		return whole{false, uint64(n)}, true
	case qmp.UintValue:
		n, _ := v.AsUint()
		return whole{false, n}, true
	}
	return whole{}, false
}

// value returns w as a Value, or false when it is below -2^63.
func (w whole) value() (qmp.Value, bool) {
	switch {
	case !w.neg:
		return qmp.Uint(w.mag), true
	case w.mag <= 1<<63:
		return qmp.Int(int64(-w.mag)), true
	}
	return qmp.Value{}, false
}

func (w whole) negated() whole { return whole{!w.neg && w.mag != 0, w.mag} }

// plus returns false when the sum does not fit.
func (w whole) plus(o whole) (whole, bool) {
	if w.neg == o.neg {
		sum, carry := bits.Add64(w.mag, o.mag, 0)
		return whole{w.neg, sum}, carry == 0
	}
	if w.mag < o.mag {
		w, o = o, w
	}
	diff := w.mag - o.mag
	return whole{w.neg && diff != 0, diff}, true
}

// times returns false when the product does not fit.
func (w whole) times(o whole) (whole, bool) {
	hi, lo := bits.Mul64(w.mag, o.mag)
	return whole{w.neg != o.neg && lo != 0, lo}, hi == 0
}

// finite returns f as a Value, nil unless it is finite: no other number exists.
func finite(f float64) qmp.Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return qmp.Value{}
	}
	return qmp.Float(f)
}

// arithmetic applies op to two numbers: exactly to whole ones as long as the
// result fits, else to floats. Anything but numbers gives nil.
func arithmetic(a, b qmp.Value, exact func(a, b whole) (whole, bool), float func(a, b float64) float64) qmp.Value {
	if x, ok := wholeOf(a); ok {
		if y, ok := wholeOf(b); ok {
			if z, ok := exact(x, y); ok {
				if v, ok := z.value(); ok {
					return v
				}
			}
		}
	}
	x, okA := a.AsFloat()
	y, okB := b.AsFloat()
	if !okA || !okB {
		return qmp.Value{}
	}
	return finite(float(x, y))
}

func addWhole(a, b whole) (whole, bool) { return a.plus(b) }
func subWhole(a, b whole) (whole, bool) { return a.plus(b.negated()) }
func mulWhole(a, b whole) (whole, bool) { return a.times(b) }

func addFloat(a, b float64) float64 { return a + b }
func subFloat(a, b float64) float64 { return a - b }
func mulFloat(a, b float64) float64 { return a * b }

// add is the operator + of everything but strings.
func add(a, b qmp.Value) qmp.Value {
	switch {
	case a.IsNumber():
		return arithmetic(a, b, addWhole, addFloat)
	case a.Kind() == qmp.DurationValue && b.Kind() == qmp.TimeValue:
		return shift(b, a, 1)
	case a.Kind() == qmp.TimeValue:
		return shift(a, b, 1)
	}
	return spans(a, b, addWhole)
}

// subtract is the operator -.
func subtract(a, b qmp.Value) qmp.Value {
	if a.IsNumber() {
		return arithmetic(a, b, subWhole, subFloat)
	}
	from, okA := a.AsTime()
	to, okB := b.AsTime()
	switch {
	case okA && okB:
		us := qmp.Int(from)
		return microseconds(arithmetic(us, qmp.Int(to), subWhole, subFloat))
	case okA:
		return shift(a, b, -1)
	}
	return spans(a, b, subWhole)
}

// multiply is the operator *.
func multiply(a, b qmp.Value) qmp.Value {
	if a.IsNumber() && b.IsNumber() {
		return arithmetic(a, b, mulWhole, mulFloat)
	}
	if a.IsNumber() {
		a, b = b, a
	}
	d, ok := a.AsDuration()
	if !ok {
		return qmp.Value{}
	}
	if e, ok := b.AsDuration(); ok { // as in Go, and as expr has it
		b = qmp.Int(int64(e))
	}
	return nanoseconds(arithmetic(qmp.Int(int64(d)), b, mulWhole, mulFloat))
}

// divide is the operator /. What is divided by zero is not finite, so nil.
func divide(a, b qmp.Value) qmp.Value {
	x, okA := a.AsFloat()
	y, okB := b.AsFloat()
	if !okA || !okB {
		return qmp.Value{}
	}
	return finite(x / y)
}

// modulo is the operator %: the remainder has the sign of a, as in Go.
func modulo(a, b qmp.Value) qmp.Value {
	x, okA := wholeOf(a)
	y, okB := wholeOf(b)
	if !okA || !okB || y.mag == 0 {
		return qmp.Value{}
	}
	rest := x.mag % y.mag
	v, _ := whole{x.neg && rest != 0, rest}.value()
	return v
}

// power is the operators ** and ^.
func power(a, b qmp.Value) qmp.Value {
	x, okA := a.AsFloat()
	y, okB := b.AsFloat()
	if !okA || !okB {
		return qmp.Value{}
	}
	return finite(math.Pow(x, y))
}

// negate is the operator - of one number.
func negate(a qmp.Value) qmp.Value {
	if f, ok := a.AsFloat(); ok && a.Kind() == qmp.FloatValue {
		return qmp.Float(-f)
	}
	return arithmetic(qmp.Int(0), a, subWhole, subFloat)
}

// shift moves a time by a span.
func shift(at, by qmp.Value, sign int64) qmp.Value {
	us, okA := at.AsTime()
	d, okB := by.AsDuration()
	if !okA || !okB {
		return qmp.Value{}
	}
	step := sign * d.Microseconds()
	if sum := us + step; (sum > us) == (step > 0) {
		return timeValue(sum)
	}
	return qmp.Value{}
}

// spans adds or subtracts two spans.
func spans(a, b qmp.Value, op func(a, b whole) (whole, bool)) qmp.Value {
	x, okA := a.AsDuration()
	y, okB := b.AsDuration()
	if !okA || !okB {
		return qmp.Value{}
	}
	return nanoseconds(arithmetic(qmp.Int(int64(x)), qmp.Int(int64(y)), op, addFloat))
}

// nanoseconds returns the span that is v long, nil when it does not fit.
func nanoseconds(v qmp.Value) qmp.Value {
	f, ok := v.AsFloat()
	if !ok || f <= math.MinInt64 || f >= math.MaxInt64 {
		return qmp.Value{}
	}
	if n, ok := v.AsInt(); ok {
		return qmp.Duration(time.Duration(n))
	}
	return qmp.Duration(time.Duration(f))
}

func microseconds(v qmp.Value) qmp.Value {
	return nanoseconds(arithmetic(v, qmp.Int(1000), mulWhole, mulFloat))
}

// timeValue returns a time, nil for qmp.NoTime.
func timeValue(us int64) qmp.Value {
	if us == qmp.NoTime {
		return qmp.Value{}
	}
	return qmp.Time(us)
}
