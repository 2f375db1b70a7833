package oracle

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
)

// holds evaluates the expression over a window, which is not empty.
func (h Having) holds(x *run, window []hit) bool {
	switch h.Op {
	case "and":
		return h.Of[0].holds(x, window) && h.Of[1].holds(x, window)
	case "or":
		return h.Of[0].holds(x, window) || h.Of[1].holds(x, window)
	case "not":
		return !h.Of[0].holds(x, window)
	case "is":
		return h.L.value(x, window) == true
	}
	l, r := h.L.value(x, window), h.R.value(x, window)
	switch h.Op {
	case "==":
		return equal(l, r)
	case "!=":
		return !equal(l, r)
	}
	c, ok := compare(l, r)
	if !ok {
		return false // orderings on nil are false
	}
	switch h.Op {
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func (o Operand) value(x *run, window []hit) any {
	if o.Agg == nil {
		return o.Literal
	}
	return o.Agg.over(window, x.r.Within.Seconds())
}

// over is the value of an aggregate over a window (rule 8): nil, bool, int64,
// float64 or string.
func (a Agg) over(window []hit, seconds float64) any {
	var all, sent []any // the argument of each match; the same without nil
	for _, m := range window {
		v := a.Arg.of(m.Event)
		all = append(all, v)
		if v != nil {
			sent = append(sent, v)
		}
	}
	switch a.Func {
	case "count":
		return int64(len(window))
	case "rate":
		return float64(len(window)) / seconds
	case "countif":
		n := int64(0)
		for _, m := range window {
			if allTrue(a.If, m.Event) {
				n++
			}
		}
		return n
	case "distinct":
		var different []any
		for _, v := range sent {
			if !slices.ContainsFunc(different, func(d any) bool { return equal(d, v) }) {
				different = append(different, v)
			}
		}
		return int64(len(different))
	case "changes":
		n := int64(0)
		for i := 1; i < len(sent); i++ {
			if !equal(sent[i-1], sent[i]) {
				n++
			}
		}
		return n
	case "first_seen":
		last := len(all) - 1
		return last >= 0 && all[last] != nil &&
			!slices.ContainsFunc(all[:last], func(v any) bool { return v != nil && equal(v, all[last]) })
	}
	if len(sent) == 0 {
		return nil
	}
	switch a.Func {
	case "first":
		return sent[0]
	case "last":
		return sent[len(sent)-1]
	case "min":
		return slices.MinFunc(sent, mustCompare)
	case "max":
		// Of equal ones (1 and 1.0) the oldest.
		best := sent[0]
		for _, v := range sent {
			if mustCompare(v, best) > 0 {
				best = v
			}
		}
		return best
	case "sum":
		return sum(sent)
	case "avg":
		return nearest(mean(sent))
	case "stddev":
		return stddev(sent)
	case "percentile":
		return percentile(sent, a.P)
	}
	panic("no aggregate " + a.Func)
}

func (a Arg) of(e Event) any {
	v := e.member(a.Member)
	if a.Times == 0 || v == nil {
		return v
	}
	f, _ := rational(v).Float64()
	return f * a.Times
}

// sum is exact: of integers an integer, else the float nearest to the sum.
func sum(vs []any) any {
	total := total(vs)
	for _, v := range vs {
		if _, isInt := v.(int64); !isInt {
			return nearest(total)
		}
	}
	return total.Num().Int64() // the tests keep well below 2^63
}

func total(vs []any) *big.Rat {
	t := new(big.Rat)
	for _, v := range vs {
		t.Add(t, rational(v))
	}
	return t
}

func mean(vs []any) *big.Rat {
	return new(big.Rat).Quo(total(vs), new(big.Rat).SetInt64(int64(len(vs))))
}

// stddev is that of the population: the root of the mean square of what each
// is away from the mean.
func stddev(vs []any) float64 {
	m, squares := mean(vs), new(big.Rat)
	for _, v := range vs {
		d := new(big.Rat).Sub(rational(v), m)
		squares.Add(squares, d.Mul(d, d))
	}
	variance := squares.Quo(squares, new(big.Rat).SetInt64(int64(len(vs))))
	f, _ := new(big.Float).Sqrt(new(big.Float).SetPrec(2000).SetRat(variance)).Float64()
	return f
}

// percentile is Prometheus' quantile: linear between the two nearest ranks.
func percentile(vs []any, p float64) float64 {
	var fs []float64
	for _, v := range vs {
		fs = append(fs, nearest(rational(v)))
	}
	slices.Sort(fs)
	rank := p / 100 * float64(len(fs)-1)
	low := math.Floor(rank)
	i := int(low)
	if rank == low || fs[i] == fs[i+1] {
		return fs[i]
	}
	weight := rank - low
	return fs[i]*(1-weight) + fs[i+1]*weight
}

func nearest(r *big.Rat) float64 {
	f, _ := r.Float64()
	return f
}

// rational is the exact value of a number, nil for anything else.
func rational(v any) *big.Rat {
	switch n := v.(type) {
	case int64:
		return new(big.Rat).SetInt64(n)
	case float64:
		return new(big.Rat).SetFloat64(n)
	}
	return nil
}

func equal(a, b any) bool {
	if x, y := rational(a), rational(b); x != nil && y != nil {
		return x.Cmp(y) == 0
	}
	return a == b
}

// compare orders numbers, and strings by byte; false if there is no order.
func compare(a, b any) (int, bool) {
	if x, y := rational(a), rational(b); x != nil && y != nil {
		return x.Cmp(y), true
	}
	s, ok := a.(string)
	t, ok2 := b.(string)
	return cmp.Compare(s, t), ok && ok2
}

func mustCompare(a, b any) int {
	c, ok := compare(a, b)
	if !ok {
		panic(fmt.Sprintf("no order between %v and %v", a, b))
	}
	return c
}

// text is a value as texts show it: nil as nothing, floats in their shortest
// form.
func text(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case float64:
		format := byte('f')
		if a := math.Abs(x); a != 0 && (a < 1e-6 || a >= 1e21) {
			format = 'e'
		}
		return strconv.FormatFloat(x, format, -1, 64)
	}
	return fmt.Sprint(v)
}
