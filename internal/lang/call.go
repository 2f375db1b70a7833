package lang

import (
	"reflect"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/conf"

	"github.com/qmpalert/qmpalert/qmp"
)

// function is a function whose arguments are values.
type function struct {
	FuncDoc
	call     func(f *Frame, args []qmp.Value) qmp.Value
	takesNil bool // else an argument that is nil makes the result nil
	takes    reflect.Type
	gives    reflect.Type
}

// builtinValue lowers a call of one of expr's own functions.
func (c *compiler) builtinValue(n *ast.BuiltinNode) eval {
	if v := c.predicateValue(n); v != nil {
		return v
	}
	if fn := functions[n.Name]; fn != nil {
		return c.call(fn, n.Arguments)
	}
	return c.unsupported(n)
}

// callValue lowers a call of one of our functions.
func (c *compiler) callValue(n *ast.CallNode) eval {
	if id, ok := n.Callee.(*ast.IdentifierNode); ok && functions[id.Value] != nil {
		return c.call(functions[id.Value], n.Arguments)
	}
	return c.unsupported(n)
}

// call lowers a call. The arguments have a place of their own in the Frame, so
// that a call does not allocate.
func (c *compiler) call(fn *function, arguments []ast.Node) eval {
	parts := c.values(arguments)
	base := c.local(len(parts))
	return func(f *Frame) qmp.Value {
		args := f.locals[base : base+len(parts)]
		for i, part := range parts {
			v := part(f)
			if v.IsNil() && !fn.takesNil {
				return v
			}
			args[i] = v
		}
		return f.guarded(fn, args)
	}
}

// guarded calls a function. A defect in it costs its result, not the daemon.
func (f *Frame) guarded(fn *function, args []qmp.Value) (v qmp.Value) {
	defer func() {
		if r := recover(); r != nil {
			f.Faults++
			v = qmp.Value{}
		}
	}()
	return fn.call(f, args)
}

// customFunction reports whether name is one of the functions that expr does
// not have.
func customFunction(name string) bool {
	fn := functions[name]
	return fn != nil && fn.gives != nil
}

// checkedFunctions are those functions as the type checker wants them.
var checkedFunctions = func() conf.FunctionsTable {
	table := conf.FunctionsTable{}
	for key, fn := range functions {
		if fn.gives != nil {
			signature := reflect.FuncOf([]reflect.Type{fn.takes}, []reflect.Type{fn.gives}, false)
			table[key] = &builtin.Function{Name: fn.Name, Types: []reflect.Type{signature}}
		}
	}
	return table
}()

// The types of arguments and results of our functions.
var (
	anyArgument      = reflect.TypeFor[any]()
	timeArgument     = reflect.TypeFor[time.Time]()
	durationArgument = reflect.TypeFor[time.Duration]()
	intResult        = reflect.TypeFor[int]()
	floatResult      = reflect.TypeFor[float64]()
	stringResult     = reflect.TypeFor[string]()
)
