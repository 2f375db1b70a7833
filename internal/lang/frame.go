package lang

import (
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
)

// MaxSteps bounds one evaluation. A step is one item of a list that is looked
// at or made, or the work of some dozens of bytes of text; operators on plain
// values are free, because MaxSource and the bound on nodes limit them. An
// evaluation that takes more steps gives nil and is counted.
const MaxSteps = 100_000

// bytesPerStep is how much text is produced or searched in one step.
const bytesPerStep = 64

// Frame is what an expression is evaluated on. One Frame is used again and
// again, by one goroutine, so that an evaluation allocates nothing.
type Frame struct {
	Event *event.Event // nil: members and fixed names are nil
	// Time, if set, is what the name time means instead of the time of Event,
	// in microseconds since 1970 UTC.
	Time                qmp.Opt[int64]
	Count               int64
	FirstTime, LastTime int64 // microseconds since 1970 UTC, or qmp.NoTime
	// Aggregates are the values of the aggregates of the rule, by their index in
	// Aggregates.List. One that is missing is nil.
	Aggregates []qmp.Value
	// Values are those of the variables that ValueVar makes, by their index. One
	// that is missing is nil.
	Values []qmp.Value

	// Exhausted counts evaluations that were given up because they took more
	// than MaxSteps; Faults those that met a defect in a function of this
	// package. Both gave nil. They only ever grow.
	Exhausted, Faults int64

	data   qmp.Data // of Event, if it is of the kind that the program knows
	steps  int      // taken by this evaluation
	locals []qmp.Value
}

// enter prepares the frame for reading members of events of one kind. An event
// of another kind has none of them: slots mean something else there.
func (f *Frame) enter(kind qmp.Kind) {
	f.steps = 0
	f.data = nil
	if f.Event != nil && f.Event.Kind == kind {
		f.data = f.Event.Data
	}
}

// begin prepares the frame for one evaluation of p.
func (f *Frame) begin(p *Program) {
	f.enter(p.kind)
	if p.locals > len(f.locals) {
		f.locals = make([]qmp.Value, p.locals)
	}
}

// end reports whether the evaluation was finished within its bounds.
func (f *Frame) end() bool {
	if f.steps > MaxSteps {
		f.Exhausted++
		return false
	}
	return true
}

// step takes n steps and reports whether the evaluation may go on. Whatever
// loops or allocates asks first.
func (f *Frame) step(n int) bool {
	f.steps = min(f.steps, MaxSteps) + min(n, MaxSteps+1)
	return f.steps <= MaxSteps
}

// stepBytes takes the steps for n bytes of text.
func (f *Frame) stepBytes(n int) bool { return f.step(1 + n/bytesPerStep) }

// field returns the member in a slot of the event that the program knows.
func (f *Frame) field(slot int) qmp.Value {
	if f.data == nil {
		return qmp.Value{}
	}
	return f.data.Field(slot)
}

// aggregate returns the value of an aggregate by its index.
func (f *Frame) aggregate(index int) qmp.Value {
	if index >= len(f.Aggregates) {
		return qmp.Value{}
	}
	return f.Aggregates[index]
}

// time returns what the name time means.
func (f *Frame) time() qmp.Value {
	switch {
	case f.Time.Set:
		return timeValue(f.Time.V)
	case f.Event == nil:
		return qmp.Value{}
	case f.Event.Time != qmp.NoTime:
		return qmp.Time(f.Event.Time)
	}
	return timeValue(f.Event.Received)
}
