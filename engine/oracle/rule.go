package oracle

import "time"

// Scope says what besides the `by` values makes the key of a rule.
type Scope int

// The scopes, narrow to wide.
const (
	VM Scope = iota
	Host
	Fleet
)

// Form is what makes the condition of a rule.
type Form int

// The forms of a condition.
const (
	FormMatch Form = iota
	FormCount
	FormHaving
	FormSequence
	FormAllOf
	FormAbsent
)

// Rule is a rule as docs/semantics.md describes it.
type Rule struct {
	Name   string
	Record bool // it makes events of its name, and no alerts
	Form   Form
	Match  Pattern   // of all forms but sequence and all_of
	Steps  []Pattern // of sequence and all_of
	Until  []Pattern
	Scope  Scope
	By     []string // sorted

	Count     int
	Having    Having
	Within    time.Duration // of count, having, sequence and all_of
	AbsentFor time.Duration
	For       time.Duration // 0: none

	Resolve    []Pattern
	Exceptions []Exception

	Keep      time.Duration // only when KeepGiven
	KeepGiven bool

	Lateness      time.Duration // only when LatenessGiven
	LatenessGiven bool

	KeepOnExit bool
	Confirm    *Confirm

	Shown []Agg // aggregates that the rule's text shows; of a rule with having
}

// Pattern matches an event by name and members. An event matches when its name
// is one of Events and every condition is true.
type Pattern struct {
	Events []string
	Conds  []Cond
	By     map[string]string // member of the rule's key → what this event calls it
}

// Cond compares one member (by its path, as QMP spells it, or "vm.name") with a
// literal: string, bool or int64. Op is "==" or "!=". A member that was not sent
// is nil, which is equal to no literal.
type Cond struct {
	Member string
	Op     string
	Value  any
}

// Exception takes matches away, until the end of a day if Until is not NoTime
// (which then is the first instant after it).
type Exception struct {
	Conds []Cond
	Until int64
}

// Confirm is a question that must be answered with a return value of true
// before the alert fires. Fingerprint is that of the alert with these labels.
type Confirm struct {
	Query       string
	Fingerprint func(labels string) string
}

// Having is a boolean expression over aggregates. Op is "and", "or" or "not"
// of others, "is" (the aggregate L, which is a boolean), or a comparison of L
// with R.
type Having struct {
	Op   string
	Of   []Having
	L, R Operand
}

// Operand is an aggregate or a literal: int64, float64, string.
type Operand struct {
	Agg     *Agg
	Literal any
}

// Agg is one aggregate. Func is its name in a rule.
type Agg struct {
	Func string
	Arg  Arg
	If   []Cond  // of countif
	P    float64 // of percentile
}

// Arg is the argument of an aggregate: a member, multiplied with Times if that
// is not 0 (for a member that is a number).
type Arg struct {
	Member string
	Times  float64
}
