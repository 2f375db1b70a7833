package aggregate

import (
	"math"
	"math/bits"

	"github.com/qmpalert/qmpalert/qmp"
)

// total is the exact sum of numbers: whole ones in 128 bits, floats in a fixed
// point that holds every float there is.
type total struct {
	wholes, floats int
	hi, lo         uint64 // two's complement
	fixed          *fixed // of the floats; nil before the first
}

func (t *total) add(n number) {
	switch n.kind {
	case qmp.IntValue:
		t.wholes++
		t.addWhole(n.bits, uint64(int64(n.bits)>>63))
	case qmp.UintValue:
		t.wholes++
		t.addWhole(n.bits, 0)
	case qmp.FloatValue:
		t.floats++
		if t.fixed == nil {
			t.fixed = new(fixed)
		}
		t.fixed.add(n.float())
	}
}

func (t *total) remove(n number) {
	switch n.kind {
	case qmp.IntValue, qmp.UintValue:
		t.wholes--
		high := uint64(0)
		if n.kind == qmp.IntValue {
			high = uint64(int64(n.bits) >> 63)
		}
		var borrow uint64
		t.lo, borrow = bits.Sub64(t.lo, n.bits, 0)
		t.hi, _ = bits.Sub64(t.hi, high, borrow)
	case qmp.FloatValue:
		t.floats--
		t.fixed.add(-n.float())
	}
}

func (t *total) addWhole(lo, hi uint64) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, lo, 0)
	t.hi, _ = bits.Add64(t.hi, hi, carry)
}

func (t *total) count() int { return t.wholes + t.floats }

// everything is the sum of whole numbers and floats.
func (t *total) everything() fixed {
	var x fixed
	if t.floats > 0 {
		x = *t.fixed
	}
	x.addWhole(t.hi, t.lo)
	return x
}

// whole returns the sum if it is one of whole numbers that has a form.
func (t *total) whole() (qmp.Value, bool) {
	switch {
	case t.floats > 0:
	case t.hi == 0:
		return qmp.Uint(t.lo), true
	case t.hi == math.MaxUint64 && int64(t.lo) < 0:
		return qmp.Int(int64(t.lo)), true
	}
	return qmp.Value{}, false
}

// sum is the sum of the numbers.
type sum struct {
	total
	all ring[number]
}

func (s *sum) Push(v qmp.Value) {
	n := numberOf(v)
	s.add(n)
	s.all.push(n)
}

func (s *sum) Pop() { s.remove(s.all.pop()) }

func (s *sum) Value() qmp.Value {
	if s.total.count() == 0 {
		return qmp.Value{}
	}
	if v, ok := s.whole(); ok {
		return v
	}
	x := s.everything()
	return finite(x.over(1))
}

// avg is their mean.
type avg struct{ sum }

// exactFloat is up to where every whole number is a float.
const exactFloat = 1 << 53

func (a *avg) Value() qmp.Value {
	n := a.total.count()
	if n == 0 {
		return qmp.Value{}
	}
	if v, ok := a.whole(); ok {
		if w, ok := v.AsInt(); ok && -exactFloat <= w && w <= exactFloat {
			return qmp.Float(float64(w) / float64(n)) // one rounding, that of the division
		}
	}
	x := a.everything()
	return finite(x.over(uint64(n)))
}
