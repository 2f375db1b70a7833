package lang

import (
	"slices"

	"github.com/qmpalert/qmpalert/qmp"
)

// AggFunc is what an aggregate tells about the matches of a window.
type AggFunc uint8

// The aggregates. All but AggCount and AggRate are about an argument and skip
// the matches where it is nil.
const (
	AggCount      AggFunc = iota // count: how many matches
	AggCountIf                   // countif(p): how many for which p holds
	AggDistinct                  // distinct(x): how many different values
	AggSum                       // sum(x)
	AggAvg                       // avg(x)
	AggMin                       // min(x)
	AggMax                       // max(x)
	AggFirst                     // first(x): of the oldest match that has one
	AggLast                      // last(x): of the newest match that has one
	AggStddev                    // stddev(x): of the population
	AggPercentile                // percentile(x, 95)
	AggChanges                   // changes(x): neighbours that differ
	AggRate                      // rate: matches per second of the window
	AggFirstSeen                 // first_seen(x): no earlier match has the newest one's x
)

var aggNames = [...]string{
	"count", "countif", "distinct", "sum", "avg", "min", "max", "first", "last", "stddev", "percentile", "changes", "rate", "first_seen",
}

// String is the name by which rules call it.
func (a AggFunc) String() string {
	if int(a) < len(aggNames) {
		return aggNames[a]
	}
	return "aggregate"
}

// Aggregate is one aggregate of a rule. It is the same for every kind of event
// that the rule is about; its argument is compiled for each of them.
type Aggregate struct {
	Func   AggFunc
	P      float64 // of AggPercentile: 0 to 100
	Source string  // distinct(node_name), in a normal spelling, for people

	key  string // its canonical form: two aggregates with the same one are one
	args []argument
}

// argument is the argument of an aggregate for one kind of event.
type argument struct {
	kind    qmp.Kind
	name    string // of the event; "" for all that are not in the table
	program *Program
}

// Arg evaluates the argument for the event of f: what is to be pushed into the
// accumulator of the aggregate. Nil is to be pushed too: such a match counts
// for nothing. AggCountIf gives a bool; AggCount and AggRate give true. Strings
// may share memory with the event. A list or object beyond MaxText is nil and
// counted as exhausted.
func (a *Aggregate) Arg(f *Frame) qmp.Value {
	if !takesArgument(a.Func) {
		return qmp.Bool(true)
	}
	p := a.program(f)
	if a.Func == AggCountIf {
		return qmp.Bool(p != nil && p.True(f))
	}
	if p == nil {
		return qmp.Value{}
	}
	v := p.Value(f)
	if (v.Kind() == qmp.ListValue || v.Kind() == qmp.ObjectValue) && textSize(v) > MaxText {
		f.Exhausted++
		return qmp.Value{}
	}
	return v
}

// program is that for the event of f, nil if the rule is not about such events.
func (a *Aggregate) program(f *Frame) *Program {
	if f.Event == nil {
		return nil
	}
	var untyped *Program
	for i := range a.args {
		switch arg := &a.args[i]; {
		case arg.kind != f.Event.Kind:
		case arg.kind != qmp.Unknown || arg.name == f.Event.Name:
			return arg.program
		case arg.name == "":
			untyped = arg.program
		}
	}
	return untyped
}

// Aggregates are the aggregates of one rule: the same table is in the Env of
// every Compile and CompileText about that rule, its having first. An aggregate
// has the same index in List and in Frame.Aggregates for good. Compiling
// changes the table; afterwards it may be read concurrently.
type Aggregates struct{ list []Aggregate }

// List returns the aggregates in order of their index. The caller must not
// change the slice, nor keep it over another Compile.
func (t *Aggregates) List() []Aggregate { return t.list }

// clone returns a copy that may be changed.
func (t *Aggregates) clone() *Aggregates {
	list := slices.Clone(t.list)
	for i := range list {
		list[i].args = slices.Clip(list[i].args)
	}
	return &Aggregates{list}
}
