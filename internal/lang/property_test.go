package lang

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/expr-lang/expr"
	"pgregory.net/rapid"

	"github.com/qmpalert/qmpalert/qmp"
)

// term is a random expression: its source, and what it means according to a
// second, naive reading of the rules (see doc.go). A meaning is nil, bool,
// *big.Int, float64, string or []any.
type term struct {
	src   string
	means func(env map[string]any) any
}

// world is what terms are drawn from.
type world struct {
	t     *rapid.T
	plain bool // only what expr itself agrees about: no nil, no division
}

func (w world) pick(label string, n int) int { return rapid.IntRange(0, n-1).Draw(w.t, label) }

func name(n string) term { return term{n, func(env map[string]any) any { return env[n] }} }

func (w world) number(depth int) term {
	if depth == 0 || w.pick("number", 3) == 0 {
		switch w.pick("leaf", 5) {
		case 0:
			return name("a")
		case 1:
			return name("b")
		case 2:
			return name("f")
		}
		n := rapid.Int64Range(-9, 9).Draw(w.t, "n")
		if !w.plain && w.pick("large", 3) == 0 {
			n = rapid.Int64().Draw(w.t, "large n")
		}
		return term{"(" + strconv.FormatInt(n, 10) + ")", func(map[string]any) any { return big.NewInt(n) }}
	}
	ops := []string{"+", "-", "*", "/", "??"}
	if w.plain {
		ops = ops[:3]
	}
	x, y := w.number(depth-1), w.number(depth-1)
	switch k := w.pick("form", len(ops)+2); {
	case k < len(ops):
		op := ops[k]
		return term{"(" + x.src + " " + op + " " + y.src + ")", func(env map[string]any) any { return calculate(op, x.means(env), y.means(env)) }}
	case k == len(ops):
		c := w.condition(depth - 1)
		return term{"(" + c.src + " ? " + x.src + " : " + y.src + ")", func(env map[string]any) any {
			if c.means(env) == true {
				return x.means(env)
			}
			return y.means(env)
		}}
	}
	s := w.text(depth - 1)
	return term{"len(" + s.src + ")", func(env map[string]any) any {
		if s, ok := s.means(env).(string); ok {
			return big.NewInt(int64(len([]rune(s))))
		}
		return nil
	}}
}

func (w world) text(depth int) term {
	if depth == 0 || w.pick("text", 3) == 0 {
		switch w.pick("leaf", 4) {
		case 0:
			return name("s")
		case 1:
			return name("node_name")
		}
		s := rapid.StringOfN(rapid.SampledFrom([]rune("abß")), 0, 3, -1).Draw(w.t, "s")
		return term{strconv.Quote(s), func(map[string]any) any { return s }}
	}
	x := w.text(depth - 1)
	if w.pick("form", 2) == 0 {
		return term{"upper(" + x.src + ")", func(env map[string]any) any {
			if s, ok := x.means(env).(string); ok {
				return strings.ToUpper(s)
			}
			return nil
		}}
	}
	y := w.text(depth - 1)
	return term{"(" + x.src + " + " + y.src + ")", func(env map[string]any) any {
		s, okS := x.means(env).(string)
		u, okU := y.means(env).(string)
		if !okS || !okU {
			return nil
		}
		return s + u
	}}
}

func (w world) list(depth int) term {
	var parts []term
	for range w.pick("items", 4) {
		parts = append(parts, w.number(depth))
	}
	var srcs []string
	for _, p := range parts {
		srcs = append(srcs, p.src)
	}
	return term{"[" + strings.Join(srcs, ", ") + "]", func(env map[string]any) any {
		all := []any{}
		for _, p := range parts {
			all = append(all, p.means(env))
		}
		return all
	}}
}

func (w world) condition(depth int) term {
	if depth == 0 {
		return name([]string{"yes", "no"}[w.pick("bool", 2)])
	}
	binary := func(op string, x, y term, means func(a, b any) any) term {
		return term{"(" + x.src + " " + op + " " + y.src + ")", func(env map[string]any) any { return means(x.means(env), y.means(env)) }}
	}
	switch w.pick("condition", 8) {
	case 0:
		c := w.condition(depth - 1)
		return term{"(not " + c.src + ")", func(env map[string]any) any { return c.means(env) != true }}
	case 1:
		return binary("and", w.condition(depth-1), w.condition(depth-1), func(a, b any) any { return a == true && b == true })
	case 2:
		return binary("or", w.condition(depth-1), w.condition(depth-1), func(a, b any) any { return a == true || b == true })
	case 3:
		return binary("==", w.number(depth-1), w.number(depth-1), func(a, b any) any { return equalMeaning(a, b) })
	case 4:
		return binary("!=", w.text(depth-1), w.text(depth-1), func(a, b any) any { return !equalMeaning(a, b) })
	case 5:
		op := []string{"<", "<=", ">", ">="}[w.pick("ordering", 4)]
		return binary(op, w.number(depth-1), w.number(depth-1), func(a, b any) any {
			if a == nil || b == nil {
				return false
			}
			c := exact(a).Cmp(exact(b))
			return map[string]bool{"<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]
		})
	case 6:
		op := []string{"contains", "startsWith", "endsWith", "not contains"}[w.pick("string test", 4)]
		return binary(op, w.text(depth-1), w.text(depth-1), func(a, b any) any {
			s, okS := a.(string)
			u, okU := b.(string)
			holds := okS && okU && map[string]func(a, b string) bool{
				"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix, "not contains": strings.Contains,
			}[op](s, u)
			return holds != (op == "not contains")
		})
	}
	negated := w.pick("not in", 2) == 1
	op := map[bool]string{false: "in", true: "not in"}[negated]
	return binary(op, w.number(depth-1), w.list(depth-1), func(a, b any) any {
		found := false
		for _, item := range b.([]any) {
			found = found || a != nil && equalMeaning(a, item)
		}
		return found != negated
	})
}

// exact is a number without rounding.
func exact(v any) *big.Rat {
	if n, ok := v.(*big.Int); ok {
		return new(big.Rat).SetInt(n)
	}
	return new(big.Rat).SetFloat64(v.(float64))
}

func equalMeaning(a, b any) bool {
	if a == nil || b == nil {
		return a == b
	}
	if s, ok := a.(string); ok {
		return s == b
	}
	return exact(a).Cmp(exact(b)) == 0
}

var (
	least    = new(big.Int).Neg(new(big.Int).Lsh(big.NewInt(1), 63))
	greatest = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 64), big.NewInt(1))
)

func calculate(op string, a, b any) any {
	if op == "??" {
		if a == nil {
			return b
		}
		return a
	}
	if a == nil || b == nil {
		return nil
	}
	x, wholeX := a.(*big.Int)
	y, wholeY := b.(*big.Int)
	if wholeX && wholeY && op != "/" {
		z := new(big.Int)
		map[string]func(x, y *big.Int) *big.Int{"+": z.Add, "-": z.Sub, "*": z.Mul}[op](x, y)
		if z.Cmp(least) >= 0 && z.Cmp(greatest) <= 0 {
			return z
		}
	}
	u, v := rounding(a), rounding(b)
	if op == "/" && v == 0 {
		return nil
	}
	r := map[string]float64{"+": u + v, "-": u - v, "*": u * v, "/": u / v}[op]
	if r-r != 0 { // not finite
		return nil
	}
	return r
}

func rounding(v any) float64 {
	if n, ok := v.(*big.Int); ok {
		f, _ := new(big.Float).SetInt(n).Float64()
		return f
	}
	return v.(float64)
}

// meaning turns a Value into what terms mean.
func meaning(v qmp.Value) any {
	switch v.Kind() {
	case qmp.BoolValue:
		b, _ := v.AsBool()
		return b
	case qmp.IntValue:
		n, _ := v.AsInt()
		return big.NewInt(n)
	case qmp.UintValue:
		n, _ := v.AsUint()
		return new(big.Int).SetUint64(n)
	case qmp.FloatValue:
		f, _ := v.AsFloat()
		return f
	case qmp.StringValue:
		s, _ := v.AsString()
		return s
	}
	return nil
}

// Every expression means what the naive reading says, with and without members
// that were not sent.
func TestMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world{t: t}
		data, env := testData{}, map[string]any{}
		for ident, path := range map[string]string{"a": "a", "b": "b", "f": "f", "s": "s", "node_name": "node-name", "yes": "yes", "no": "no"} {
			if rapid.Bool().Draw(t, ident+" was sent") {
				data[path] = w.draw(ident)
				env[ident] = meaning(data[path])
			}
		}
		c := w.condition(rapid.IntRange(1, 4).Draw(t, "depth"))
		if want, got := c.means(env) == true, holds(t, c.src, frameOf(data)); got != want {
			t.Fatalf("%s is %v, want %v, with %v", c.src, got, want, env)
		}
		n := w.number(rapid.IntRange(1, 3).Draw(t, "depth"))
		want, got := n.means(env), meaning(evaluate(t, n.src, frameOf(data)))
		if fmt.Sprintf("%T %v", got, got) != fmt.Sprintf("%T %v", want, want) {
			t.Fatalf("%s is %v, want %v, with %v", n.src, got, want, env)
		}
	})
}

func (w world) draw(ident string) qmp.Value {
	switch ident {
	case "a", "b":
		if w.plain {
			return qmp.Int(rapid.Int64Range(-9, 9).Draw(w.t, ident))
		}
		return qmp.Uint(rapid.Uint64().Draw(w.t, ident))
	case "f":
		return qmp.Float(rapid.Float64Range(-100, 100).Draw(w.t, ident))
	case "yes", "no":
		return qmp.Bool(rapid.Bool().Draw(w.t, ident))
	}
	return qmp.String(rapid.StringOfN(rapid.SampledFrom([]rune("abß")), 0, 4, -1).Draw(w.t, ident))
}

// Where nothing is nil, nothing overflows and nothing is divided, an
// expression means what expr's own machine says.
func TestAgreesWithExpr(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := world{t: t, plain: true}
		data, env := testData{}, map[string]any{}
		for ident, path := range map[string]string{"a": "a", "b": "b", "f": "f", "s": "s", "node_name": "node-name", "yes": "yes", "no": "no"} {
			data[path] = w.draw(ident)
			env[ident] = native(data[path])
		}
		c := w.condition(rapid.IntRange(1, 4).Draw(t, "depth"))
		want, err := expr.Eval(c.src, env)
		if err != nil {
			t.Fatalf("%s: %v", c.src, err)
		}
		if got := holds(t, c.src, frameOf(data)); got != want {
			t.Fatalf("%s is %v, expr says %v, with %v", c.src, got, want, env)
		}
	})
}

// native is a Value as expr takes it.
func native(v qmp.Value) any {
	if n, ok := meaning(v).(*big.Int); ok {
		return int(n.Int64())
	}
	return meaning(v)
}
