package lang

import (
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/qmp"
)

// Env says what the names of an expression mean.
type Env struct {
	// Event is the definition of the event that the expression is about: its
	// members are names. Nil for an event that is not in the table; then every
	// name without another meaning is a member of any type.
	Event *qmp.Def
	// Name is the name of the event in messages; "" takes that of Event.
	Name string
	// Vars are further names.
	Vars []Var
	// Aggregates takes up the aggregates that are used. Nil: there are none here,
	// because the rule has no window that they could be about.
	Aggregates *Aggregates
	// Defs are the lists and macros of the file, or nil.
	Defs *Definitions
}

// Type is the static type of a variable.
type Type uint8

// The types of variables.
const (
	AnyType Type = iota
	BoolType
	IntType
	FloatType
	StringType
	TimeType
	DurationType
)

// Var is a name that is not a member of the event. Get must be pure, return a
// value of the Type or nil, and be safe for concurrent use.
type Var struct {
	Name string
	Type Type
	Get  func(*Frame) qmp.Value
}

// WindowVars are the variables that texts have besides the members: count,
// first_time and last_time, read from the fields of the Frame.
func WindowVars() []Var {
	return []Var{
		{Name: "count", Type: IntType, Get: func(f *Frame) qmp.Value { return qmp.Int(f.Count) }},
		{Name: "first_time", Type: TimeType, Get: func(f *Frame) qmp.Value { return timeValue(f.FirstTime) }},
		{Name: "last_time", Type: TimeType, Get: func(f *Frame) qmp.Value { return timeValue(f.LastTime) }},
	}
}

// ValueVar is a variable that has the value of that index in Frame.Values, for
// expressions about something else than an event. The values must have the Type
// or be nil.
func ValueVar(name string, t Type, index int) Var {
	return Var{name, t, func(f *Frame) qmp.Value {
		if index >= len(f.Values) {
			return qmp.Value{}
		}
		return f.Values[index]
	}}
}

// Want says what an expression is for.
type Want uint8

// Condition wants a bool or a value of unknown type; AnyValue takes any type.
// Having wants a condition about the aggregates of a window: a name of a single
// event has its place only inside of an aggregate there.
const (
	Condition Want = iota
	AnyValue
	Having
)

// Problem is one complaint about a source.
type Problem struct {
	Offset, End int       // bytes of the source it is about: [Offset, End)
	Code        diag.Code // Q121 to Q126, Q139, Q160
	Message     string    // one sentence without a full stop
	Hint        string    // how to mend it, or ""

	// Macro is the name of the macro inside of which the problem is, or "". Then
	// Offset and End are those of its use, and these are bytes of its own source.
	Macro                 string
	MacroOffset, MacroEnd int
}
