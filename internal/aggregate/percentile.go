package aggregate

import (
	"math"
	"slices"

	"github.com/qmpalert/qmpalert/qmp"
)

// percentile keeps the numbers sorted: finding the place takes log n steps,
// making room moves at most 80 kB.
type percentile struct {
	q      float64 // 0 to 1
	all    ring[number]
	sorted []float64
}

func (p *percentile) Push(v qmp.Value) {
	f, _ := v.AsFloat()
	n := numberOf(v)
	if n.kind != qmp.NilValue {
		n = number{math.Float64bits(f + 0), qmp.FloatValue} // + 0 turns -0 into 0
		i, _ := slices.BinarySearch(p.sorted, n.float())
		p.sorted = slices.Insert(p.sorted, i, n.float())
	}
	p.all.push(n)
}

func (p *percentile) Pop() {
	n := p.all.pop()
	if n.kind == qmp.NilValue {
		return
	}
	i, _ := slices.BinarySearch(p.sorted, n.float())
	p.sorted = slices.Delete(p.sorted, i, i+1)
	if cap(p.sorted) > 4*minRing && len(p.sorted)*4 <= cap(p.sorted) {
		p.sorted = append(make([]float64, 0, cap(p.sorted)/2), p.sorted...)
	}
}

func (p *percentile) Value() qmp.Value {
	if len(p.sorted) == 0 {
		return qmp.Value{}
	}
	r := p.q * float64(len(p.sorted)-1)
	i := int(math.Floor(r))
	low := p.sorted[i]
	high := p.sorted[min(i+1, len(p.sorted)-1)]
	w := r - math.Floor(r)
	if w == 0 || low == high {
		return qmp.Float(low)
	}
	// The conversions keep a compiler from rounding only once on some machines.
	return qmp.Float(float64(low*(1-w)) + float64(high*w))
}
