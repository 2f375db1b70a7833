package aggregate

import (
	"fmt"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// BenchmarkStep is a match that comes while one leaves, in a window of 1,000:
// push, pop and value.
func BenchmarkStep(b *testing.B) {
	texts, numbers, floats := make([]qmp.Value, 64), make([]qmp.Value, 64), make([]qmp.Value, 64)
	for i := range texts {
		texts[i] = qmp.String(fmt.Sprintf("node-%d", i*7%32))
		numbers[i] = qmp.Int(int64(i * 7919 % 1009))
		floats[i] = qmp.Float(float64(i*7919%1009) / 10)
	}
	for _, f := range every {
		for name, values := range map[string][]qmp.Value{"texts": texts, "numbers": numbers, "floats": floats} {
			takesTexts := f == lang.AggDistinct || f == lang.AggChanges || f == lang.AggFirstSeen
			takesFloats := f == lang.AggSum || f == lang.AggAvg || f == lang.AggStddev
			if name == "texts" && !takesTexts || name == "numbers" && takesTexts || name == "floats" && !takesFloats {
				continue
			}
			b.Run(f.String()+"/"+name, func(b *testing.B) {
				acc := New(f, 95, time.Minute)
				for i := range 1_000 {
					acc.Push(values[i%64])
				}
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					acc.Push(values[i%64])
					acc.Pop()
					acc.Value()
					i++
				}
			})
		}
	}
}
