package aggregate

import (
	"math/big"

	"github.com/qmpalert/qmpalert/qmp"
)

// squares are the exact sum of numbers and that of their squares. Floats are in
// units of 2^-1074, their squares in those of 2^-2148.
type squares struct {
	n           int64
	sum, square big.Int
}

func (s *squares) add(x, scratch *big.Int) {
	s.n++
	s.sum.Add(&s.sum, x)
	s.square.Add(&s.square, scratch.Mul(x, x))
}

func (s *squares) remove(x, scratch *big.Int) {
	s.n--
	s.sum.Sub(&s.sum, x)
	s.square.Sub(&s.square, scratch.Mul(x, x))
}

// stddev is the standard deviation of the population.
type stddev struct {
	all    ring[number]
	wholes squares
	floats *squares // nil before the first
	x, xx  big.Int  // scratch
}

func (s *stddev) Push(v qmp.Value) {
	n := numberOf(v)
	if of := s.part(n); of != nil {
		of.add(&s.x, &s.xx)
	}
	s.all.push(n)
}

func (s *stddev) Pop() {
	if of := s.part(s.all.pop()); of != nil {
		of.remove(&s.x, &s.xx)
	}
}

// part puts n into s.x and returns the sums that it belongs to.
func (s *stddev) part(n number) *squares {
	switch n.kind {
	case qmp.IntValue:
		s.x.SetInt64(int64(n.bits))
	case qmp.UintValue:
		s.x.SetUint64(n.bits)
	case qmp.FloatValue:
		if s.floats == nil {
			s.floats = new(squares)
		}
		unitsOf(&s.x, n.float())
		return s.floats
	default:
		return nil
	}
	return &s.wholes
}

// unitsOf sets x to f in units of 2^-1074.
func unitsOf(x *big.Int, f float64) {
	var parts fixed
	parts.add(max(f, -f))
	top := len(parts) - 1
	for top > 0 && parts[top] == 0 {
		top--
	}
	var low big.Int
	x.SetUint64(parts[top])
	if top > 0 {
		x.Lsh(x, 64).Add(x, low.SetUint64(parts[top-1]))
		x.Lsh(x, uint(64*(top-1)))
	}
	if f < 0 {
		x.Neg(x)
	}
}

// Value is sqrt(n*sum(x^2) - sum(x)^2) / n, rounded once.
func (s *stddev) Value() qmp.Value {
	n, scale := s.wholes.n, 0
	all := &s.wholes
	if s.floats != nil && s.floats.n > 0 {
		n, scale = n+s.floats.n, lowest
		all = new(squares)
		all.sum.Add(all.sum.Lsh(&s.wholes.sum, lowest), &s.floats.sum)
		all.square.Add(all.square.Lsh(&s.wholes.square, 2*lowest), &s.floats.square)
	}
	if n == 0 {
		return qmp.Value{}
	}
	var d, sq, count big.Int
	count.SetInt64(n)
	d.Mul(&count, &all.square)
	d.Sub(&d, sq.Mul(&all.sum, &all.sum))
	return finite(rootOver(&d, &count, scale))
}

// rootOver returns the float nearest to sqrt(d)/n/2^scale.
func rootOver(d, n *big.Int, scale int) float64 {
	if d.Sign() == 0 {
		return 0
	}
	// So many digits more that those of the quotient are twice what a float has,
	// and that a further one, set if anything is left, decides between neighbours.
	more := max(0, 4*mantissa+2*n.BitLen()-d.BitLen())/2 + 1
	var wide, root, square, rest big.Int
	wide.Lsh(d, uint(2*more))
	root.Sqrt(&wide)
	exact := square.Mul(&root, &root).Cmp(&wide) == 0
	root.QuoRem(&root, n, &rest)
	if !exact || rest.Sign() != 0 {
		root.SetBit(&root, 0, 1)
	}
	f := new(big.Float).SetInt(&root)
	f.SetMantExp(f, -more-scale)
	out, _ := f.Float64()
	return out
}
