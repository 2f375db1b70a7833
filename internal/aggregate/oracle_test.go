package aggregate

import (
	"math"
	"math/big"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// oracle is each aggregate as one would write it down: over the whole window
// and with numbers that have no error.
func oracle(f lang.AggFunc, p float64, within time.Duration, window []qmp.Value) qmp.Value {
	var sent []qmp.Value
	for _, v := range window {
		if !v.IsNil() {
			sent = append(sent, v)
		}
	}
	switch f {
	case lang.AggCount:
		return qmp.Int(int64(len(window)))
	case lang.AggRate:
		return qmp.Float(float64(len(window)) / within.Seconds())
	case lang.AggCountIf:
		return countWhere(window, func(i int) bool { return qmp.Equal(window[i], qmp.Bool(true)) })
	case lang.AggDistinct:
		return countWhere(sent, func(i int) bool { return !has(sent[:i], sent[i]) })
	case lang.AggChanges:
		return countWhere(sent, func(i int) bool { return i > 0 && !qmp.Equal(sent[i-1], sent[i]) })
	case lang.AggFirstSeen:
		n := len(window) - 1
		return qmp.Bool(n >= 0 && !window[n].IsNil() && !has(window[:n], window[n]))
	case lang.AggFirst, lang.AggLast:
		if len(sent) == 0 {
			return qmp.Value{}
		} else if f == lang.AggFirst {
			return sent[0]
		}
		return sent[len(sent)-1]
	case lang.AggMin:
		return best(sent, func(order int) bool { return order < 0 })
	case lang.AggMax:
		return best(sent, func(order int) bool { return order > 0 })
	}
	return numeric(f, p, sent)
}

func countWhere(values []qmp.Value, holds func(i int) bool) qmp.Value {
	n := int64(0)
	for i := range values {
		if holds(i) {
			n++
		}
	}
	return qmp.Int(n)
}

func has(values []qmp.Value, v qmp.Value) bool {
	return slices.ContainsFunc(values, func(o qmp.Value) bool { return qmp.Equal(o, v) })
}

func best(values []qmp.Value, better func(order int) bool) qmp.Value {
	classes := [][]qmp.ValueKind{{qmp.IntValue, qmp.UintValue, qmp.FloatValue}, {qmp.StringValue}, {qmp.TimeValue}, {qmp.DurationValue}}
	class := func(v qmp.Value) int {
		return slices.IndexFunc(classes, func(kinds []qmp.ValueKind) bool { return slices.Contains(kinds, v.Kind()) })
	}
	var found qmp.Value
	for _, v := range values {
		if class(v) < 0 {
			continue
		}
		order := class(v) - class(found)
		if order == 0 {
			order, _ = qmp.Compare(v, found)
		}
		if found.IsNil() || better(order) {
			found = v
		}
	}
	return found
}

// numeric is sum, avg, stddev and percentile.
func numeric(f lang.AggFunc, p float64, sent []qmp.Value) qmp.Value {
	sum, squares, whole := new(big.Rat), new(big.Rat), true
	var floats []float64
	for _, v := range sent {
		if !v.IsNumber() {
			continue
		}
		x := exactly(v)
		sum.Add(sum, x)
		squares.Add(squares, new(big.Rat).Mul(x, x))
		whole = whole && v.Kind() != qmp.FloatValue
		float, _ := v.AsFloat()
		floats = append(floats, float+0) // -0 is 0
	}
	if len(floats) == 0 {
		return qmp.Value{}
	}
	n := new(big.Rat).SetInt64(int64(len(floats)))
	mean := new(big.Rat).Quo(sum, n)
	switch {
	case f == lang.AggSum && whole && sum.Num().IsInt64():
		return qmp.Int(sum.Num().Int64())
	case f == lang.AggSum && whole && sum.Num().IsUint64():
		return qmp.Uint(sum.Num().Uint64())
	case f == lang.AggSum:
		return rounded(sum)
	case f == lang.AggAvg:
		return rounded(mean)
	case f == lang.AggStddev:
		variance := squares.Quo(squares, n)
		return root(variance.Sub(variance, mean.Mul(mean, mean)))
	}
	slices.Sort(floats)
	rank := p / 100 * float64(len(floats)-1)
	at := int(rank)
	low, high, weight := floats[at], floats[min(at+1, len(floats)-1)], rank-float64(at)
	if low == high || weight == 0 {
		return qmp.Float(low + 0)
	}
	a, b := low*(1-weight), high*weight
	return qmp.Float(a + b)
}

func exactly(v qmp.Value) *big.Rat {
	if n, ok := v.AsInt(); ok {
		return new(big.Rat).SetInt64(n)
	}
	if n, ok := v.AsUint(); ok {
		return new(big.Rat).SetInt(new(big.Int).SetUint64(n))
	}
	f, _ := v.AsFloat()
	return new(big.Rat).SetFloat64(f)
}

func rounded(x *big.Rat) qmp.Value {
	f, _ := x.Float64()
	return finite(f)
}

// root is the float nearest to the square root of x: the one whose distance to
// its neighbours is met by x on the right side.
func root(x *big.Rat) qmp.Value {
	if x.Sign() == 0 {
		return qmp.Float(0)
	}
	wide := new(big.Float).SetPrec(6000).SetRat(x)
	f, _ := wide.Sqrt(wide).Float64()
	// f is off by one place at most; choose between it and its neighbours by
	// comparing squares of the points halfway.
	for {
		up, down := math.Nextafter(f, math.Inf(1)), math.Nextafter(f, math.Inf(-1))
		switch {
		case squared(halfway(f, up)).Cmp(x) < 0:
			f = up
		case squared(halfway(down, f)).Cmp(x) > 0:
			f = down
		default:
			return finite(f)
		}
	}
}

func halfway(a, b float64) *big.Rat {
	if math.IsInf(b, 0) {
		b = a + (a - math.Nextafter(a, 0))
	}
	sum := new(big.Rat).Add(exactly(qmp.Float(a)), exactly(qmp.Float(b)))
	return sum.Quo(sum, big.NewRat(2, 1))
}

func squared(x *big.Rat) *big.Rat { return new(big.Rat).Mul(x, x) }
