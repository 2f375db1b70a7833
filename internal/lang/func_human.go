package lang

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// helperTable are the functions that expr does not have.
var helperTable = []function{
	{
		FuncDoc: FuncDoc{"human_bytes", "human_bytes(x)", "a number of bytes for people: 1.5 GiB"},
		takes:   anyArgument, gives: stringResult, call: humanBytes,
	},
	{
		FuncDoc: FuncDoc{"human_duration", "human_duration(x)", "seconds, or a duration, for people: 1h 3m"},
		takes:   anyArgument, gives: stringResult, call: humanDuration,
	},
}

// helperTypes are the types that helpers make something of.
var helperTypes = map[string][]string{
	"human_bytes":    {"int", "float"},
	"human_duration": {"int", "float", "duration"},
}

// checkHelper reports a helper of what it never makes anything of. A type that is
// not known is left to the events.
func (c *compiler) checkHelper(n *ast.CallNode) {
	id, ok := n.Callee.(*ast.IdentifierNode)
	if !ok || helperTypes[id.Value] == nil || len(n.Arguments) != 1 {
		return
	}
	t := typeOfNode(n.Arguments[0])
	if t == "" || t == "nil" || slices.Contains(helperTypes[id.Value], t) {
		return
	}
	hint := "int(x) and float(x) read numbers from text"
	if t != "string" {
		hint = formOf(id.Value)
	}
	c.reportNode(n.Arguments[0], diag.ExprType, fmt.Sprintf("%s() does not take %s, but a number", id.Value, article(t)), hint)
}

var byteUnits = []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}

// humanBytes prints the largest unit of which there is at least one, with one
// digit behind the point if that is not 0.
func humanBytes(_ *Frame, args []qmp.Value) qmp.Value {
	x, ok := args[0].AsFloat()
	if !ok {
		return qmp.Value{}
	}
	unit := 0
	for unit < len(byteUnits)-1 && math.Abs(oneDigit(x)) >= 1024 {
		x /= 1024
		unit++
	}
	return qmp.String(strconv.FormatFloat(oneDigit(x), 'f', -1, 64) + " " + byteUnits[unit])
}

// oneDigit rounds to one digit behind the point, so that 1023.99 KiB become
// 1 MiB and not 1024 KiB. Numbers that large have none to lose.
func oneDigit(x float64) float64 {
	if math.Abs(x) > 1e15 {
		return x
	}
	return math.Round(x*10)/10 + 0 // + 0 turns -0 into 0
}

// spanUnits are those that humanDuration prints, largest first.
var spanUnits = []struct {
	name string
	ms   int64
}{{"d", 24 * 3600_000}, {"h", 3600_000}, {"m", 60_000}, {"s", 1000}, {"ms", 1}}

// humanDuration prints the two largest units that are needed: 2d 4h, 1h 3m,
// 45s, 350ms. Seconds have no fraction above 10 s, milliseconds none at all.
func humanDuration(_ *Frame, args []qmp.Value) qmp.Value {
	seconds, ok := args[0].AsFloat()
	if d, isSpan := args[0].AsDuration(); isSpan {
		seconds, ok = d.Seconds(), true
	}
	if !ok || math.Abs(seconds) > time.Duration(math.MaxInt64).Seconds() {
		return qmp.Value{}
	}
	sign := ""
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	ms := int64(math.Round(seconds * 1000))
	if ms >= 10_000 {
		ms = (ms + 500) / 1000 * 1000
	}
	if ms == 0 {
		return qmp.String("0s")
	}
	return qmp.String(sign + twoUnits(ms))
}

func twoUnits(ms int64) string {
	text := ""
	for i, unit := range spanUnits {
		n := ms / unit.ms
		if n == 0 {
			continue
		}
		text = strconv.FormatInt(n, 10) + unit.name
		if i+1 < len(spanUnits) {
			next := spanUnits[i+1]
			if m := ms % unit.ms / next.ms; m > 0 {
				text += " " + strconv.FormatInt(m, 10) + next.name
			}
		}
		break
	}
	return text
}
