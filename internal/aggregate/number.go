package aggregate

import (
	"math"

	"github.com/qmpalert/qmpalert/qmp"
)

// number is a number as a window keeps it: without a pointer, so that the
// garbage collector passes by. Its zero is none: what was skipped.
type number struct {
	bits uint64
	kind qmp.ValueKind // qmp.NilValue, IntValue, UintValue or FloatValue
}

func numberOf(v qmp.Value) number {
	switch v.Kind() {
	case qmp.IntValue:
		n, _ := v.AsInt()
		return number{uint64(n), qmp.IntValue}
	case qmp.UintValue:
		n, _ := v.AsUint()
		return number{n, qmp.UintValue}
	case qmp.FloatValue:
		f, _ := v.AsFloat()
		if !math.IsNaN(f) && !math.IsInf(f, 0) {
			return number{math.Float64bits(f), qmp.FloatValue}
		}
	}
	return number{}
}

func (n number) float() float64 { return math.Float64frombits(n.bits) }

// finite returns f as a value, nil if it is none of the numbers there are.
func finite(f float64) qmp.Value {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return qmp.Value{}
	}
	return qmp.Float(f)
}
