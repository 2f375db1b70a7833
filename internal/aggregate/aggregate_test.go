package aggregate

import (
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// every are all aggregates.
var every = []lang.AggFunc{
	lang.AggCount, lang.AggCountIf, lang.AggDistinct, lang.AggSum, lang.AggAvg, lang.AggMin, lang.AggMax, lang.AggFirst, lang.AggLast,
	lang.AggStddev, lang.AggPercentile, lang.AggChanges, lang.AggRate, lang.AggFirstSeen,
}

// show prints a value so that its form can be seen.
func show(v qmp.Value) string {
	if f, ok := v.AsFloat(); ok && v.Kind() == qmp.FloatValue {
		return fmt.Sprintf("float %x", f)
	}
	return v.Kind().String() + " " + string(v.AppendJSON(nil))
}

// values draws what a member may be: mostly few different ones, so that they
// repeat, sometimes at the ends of what there is.
func values(t *rapid.T) *rapid.Generator[qmp.Value] {
	numbers := rapid.OneOf(
		rapid.Map(rapid.Int64Range(-3, 3), qmp.Int),
		rapid.Map(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), 1, 0.1, -0.1, 2.5, 1e16, -1e16, 1e308, -1e308, math.MaxFloat64, math.SmallestNonzeroFloat64, -3 * math.SmallestNonzeroFloat64, 1 << 53}), qmp.Float),
		rapid.Map(rapid.Float64Range(-1e3, 1e3), qmp.Float),
		rapid.Map(rapid.Float64(), func(f float64) qmp.Value { return finite(f) }),
		rapid.SampledFrom([]qmp.Value{qmp.Int(math.MinInt64), qmp.Int(math.MaxInt64), qmp.Uint(math.MaxUint64), qmp.Uint(1 << 63), qmp.Int(1<<53 + 1), qmp.Int(-1<<53 - 1)}),
	)
	few := rapid.SampledFrom([]qmp.Value{qmp.Int(0), qmp.Float(0), qmp.Int(1), qmp.Float(1), qmp.Float(0.1), qmp.Float(0.7), qmp.Float(0.1)})
	equal := rapid.Just(few.Draw(t, "equal"))
	whole := rapid.OneOf(rapid.Map(rapid.Int64(), qmp.Int), rapid.Map(rapid.Int64Range(1<<53, 1<<56), qmp.Int))
	texts := rapid.Map(rapid.SampledFrom([]string{"", "a", "b", "ab", "ä"}), qmp.String)
	a, b := qmp.String("a"), qmp.String("b")
	others := rapid.SampledFrom([]qmp.Value{
		{}, qmp.Bool(true), qmp.Bool(false), qmp.Time(1), qmp.Time(5), qmp.Duration(1), qmp.Duration(time.Hour),
		qmp.List(nil), qmp.List([]qmp.Value{a}), qmp.List([]qmp.Value{qmp.Int(1), b}), qmp.List([]qmp.Value{qmp.Float(1), b}), qmp.List([]qmp.Value{qmp.List([]qmp.Value{a}), b}), qmp.List([]qmp.Value{qmp.List([]qmp.Value{a, b})}),
		qmp.Object([]string{"x", "y"}, []qmp.Value{a, b}), qmp.Object([]string{"y", "x"}, []qmp.Value{b, a}), qmp.Object([]string{"x", "y"}, []qmp.Value{b, a}), qmp.Object(nil, nil),
	})
	none := rapid.Just(qmp.Value{})
	return rapid.SampledFrom([]*rapid.Generator[qmp.Value]{
		rapid.OneOf(numbers, none), rapid.OneOf(whole, none), rapid.OneOf(few, few, few, none), equal, rapid.OneOf(texts, none), others, rapid.OneOf(numbers, texts, others),
		rapid.Map(rapid.Bool(), qmp.Bool),
	}).Draw(t, "kinds")
}

// TestOracle: whatever is pushed and popped, in whatever order, each aggregate
// has the value of the brute force, to the last bit.
func TestOracle(t *testing.T) {
	for _, f := range every {
		t.Run(f.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := rapid.SampledFrom([]float64{0, 5, 50, 95, 99.9, 100}).Draw(t, "p")
				within := rapid.SampledFrom([]time.Duration{time.Second, 300 * time.Millisecond, 7 * time.Minute}).Draw(t, "within")
				value := values(t)
				acc := New(f, p, within)
				var window []qmp.Value
				for _, push := range rapid.SliceOfN(rapid.SampledFrom([]bool{true, true, false}), 1, 60).Draw(t, "steps") {
					if push {
						v := value.Draw(t, "v")
						acc.Push(v)
						window = append(window, v)
					} else {
						acc.Pop()
						window = window[min(1, len(window)):]
					}
					if got, want := show(acc.Value()), show(oracle(f, p, within, window)); got != want {
						t.Fatalf("%s is %s, want %s", f, got, want)
					}
				}
			})
		})
	}
}

// A window that grew to thousands and shrank again holds what it should.
func TestLargeWindows(t *testing.T) {
	for _, f := range every {
		acc := New(f, 95, time.Minute)
		var window []qmp.Value
		next := uint64(1)
		for i := range 12_000 {
			next = next*6364136223846793005 + 1442695040888963407
			v := qmp.Int(int64(next >> 50))
			if i%7 == 3 {
				v = qmp.Value{}
			}
			acc.Push(v)
			window = append(window, v)
			if i >= 3_000 {
				for range 1 + i/4_000%2 {
					acc.Pop()
					window = window[min(1, len(window)):]
				}
			}
			if i%997 == 0 || i > 11_995 {
				if got, want := show(acc.Value()), show(oracle(f, 95, time.Minute, window)); got != want {
					t.Fatalf("%s at %d, of %d, is %s, want %s", f, i, len(window), got, want)
				}
			}
		}
		for range window {
			acc.Pop()
		}
		if got, want := show(acc.Value()), show(oracle(f, 95, time.Minute, nil)); got != want {
			t.Errorf("%s of nothing is %s, want %s", f, got, want)
		}
	}
}

// What is added and taken away again leaves no error, as it does with floats.
func TestNothingIsLeft(t *testing.T) {
	acc := New(lang.AggSum, 0, 0)
	for _, f := range []float64{1e300, 0.1, 0.2} {
		acc.Push(qmp.Float(f))
	}
	acc.Pop()
	tenth, fifth := exactly(qmp.Float(0.1)), exactly(qmp.Float(0.2))
	if got, want := show(acc.Value()), show(rounded(tenth.Add(tenth, fifth))); got != want {
		t.Errorf("0.1 + 0.2 after 1e300 left is %s, want %s", got, want)
	}
	acc.Pop()
	acc.Pop()
	acc.Push(qmp.Int(7))
	if got := show(acc.Value()); got != "int 7" {
		t.Errorf("a whole number after floats is %s", got)
	}
}

// A percentile of equal values is that value, not one beside it.
func TestPercentileOfEqualValues(t *testing.T) {
	for _, f := range []float64{0.1, 0.7, 5.3, 1e-3, 123.456} {
		for _, p := range []float64{1, 33, 66.6, 95, 99} {
			acc := New(lang.AggPercentile, p, 0)
			for n := range 60 {
				acc.Push(qmp.Float(f))
				if got, want := show(acc.Value()), show(qmp.Float(f)); got != want {
					t.Errorf("percentile %v of %d times %v is %s", p, n+1, f, got)
				}
			}
		}
	}
}

// A root that is a little above the middle between two floats is the upper one.
func TestRootBesideTheMiddle(t *testing.T) {
	middle := new(big.Int).Lsh(big.NewInt(1<<53+1), 100)
	d := new(big.Int).Mul(middle, middle)
	if got, want := rootOver(d, big.NewInt(1), 0), math.Ldexp(1<<53, 100); got != want {
		t.Errorf("the middle is %x, want the even neighbour %x", got, want)
	}
	d.Add(d, big.NewInt(1))
	if got, want := rootOver(d, big.NewInt(1), 0), math.Ldexp(1<<53+2, 100); got != want {
		t.Errorf("above the middle it is %x, want %x", got, want)
	}
}

// A text is the engine's only until its match was popped.
func TestTextsAreCopied(t *testing.T) {
	for _, f := range []lang.AggFunc{lang.AggDistinct, lang.AggFirstSeen, lang.AggChanges, lang.AggMin, lang.AggMax, lang.AggLast, lang.AggFirst} {
		text := []byte("vda")
		acc := New(f, 0, 0)
		acc.Push(qmp.String(unsafe.String(&text[0], len(text))))
		acc.Push(qmp.String("vda"))
		acc.Pop()
		copy(text, "xxx")
		acc.Push(qmp.String("vda"))
		vda := qmp.String("vda")
		if got, want := show(acc.Value()), show(oracle(f, 0, 0, []qmp.Value{vda, vda})); got != want {
			t.Errorf("%s is %s, want %s", f, got, want)
		}
	}
}

// A storm does not stay in memory.
func TestMemoryIsGivenBack(t *testing.T) {
	d := new(distinct)
	p := &percentile{q: 0.5}
	for i := range 10_000 {
		d.Push(qmp.String(strings.Repeat("x", i%100) + fmt.Sprint(i)))
		p.Push(qmp.Int(int64(i)))
	}
	for range 10_000 {
		d.Pop()
		p.Pop()
	}
	if len(d.all.buf) > minRing || d.ids != nil || len(p.all.buf) > minRing || cap(p.sorted) > 4*minRing {
		t.Errorf("left: a ring of %d, a pool of %d, a ring of %d, %d sorted", len(d.all.buf), len(d.entries), len(p.all.buf), cap(p.sorted))
	}
}
