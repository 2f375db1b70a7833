package rules

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/lang"
	"github.com/qmpalert/qmpalert/qmp"
)

// Scope says what besides the `by` values is in the key of a rule.
type Scope uint8

// The scopes: host and VM, host, nothing.
const (
	ScopeVM Scope = iota
	ScopeHost
	ScopeFleet
)

var scopeNames = [...]string{ScopeVM: "vm", ScopeHost: "host", ScopeFleet: "fleet"}

// String returns the word that stands for the scope in a rule file.
func (s Scope) String() string { return scopeNames[s] }

// Form is what makes the condition of a rule.
type Form uint8

// The forms of a condition.
const (
	FormMatch    Form = iota // each match: a notice, or a state with resolve
	FormCount                // Count matches within Within
	FormHaving               // an expression over the aggregates of Within
	FormSequence             // the steps in order within Within
	FormAllOf                // the steps in any order within Within
	FormAbsent               // no match for AbsentFor
)

var formNames = [...]string{
	FormMatch: "match", FormCount: "count", FormHaving: "having",
	FormSequence: "sequence", FormAllOf: "all_of", FormAbsent: "absent_for",
}

// String returns the key that stands for the form in a rule file, "match" for
// a rule without one.
func (f Form) String() string { return formNames[f] }

// MaxSteps bounds the patterns of a sequence or all_of.
const MaxSteps = 20

// Role is what an event is to a rule.
type Role uint8

// An event that resolves is nothing else: a match is an event that matches no
// resolve pattern of the rule.
const (
	RoleNone Role = iota
	RoleMatch
	RoleResolve
)

// Rule is a compiled, checked rule: what the engine runs. It is immutable and
// safe for concurrent use.
type Rule struct {
	Group  string
	Name   string // alertname, or the name of the record
	Record string // name of the event that the rule makes; "" for an alert
	Pos    diag.Pos

	Form     Form
	Scope    Scope
	By       []string      // members of the key as QMP spells them, sorted
	Lateness time.Duration // how long to wait for events that QEMU holds back

	// Level is 0 for a rule that uses no record, else one more than the greatest
	// of those that it uses. WideRecords is the widest scope of these, and of those
	// that they are made from.
	Level       int
	WideRecords Scope

	Count     int           // FormCount: at least Count matches within Within
	Within    time.Duration // 0: no window
	AbsentFor time.Duration // FormAbsent
	Steps     int           // patterns of FormSequence and FormAllOf, at most MaxSteps
	HasUntil  bool
	For       time.Duration

	HasResolve    bool
	KeepFiringFor time.Duration // what was written, or the default of the kind of rule
	KeepGiven     bool          // written by the user

	Confirm    *Confirm // what a VM is asked before the alert fires; nil: nothing
	KeepOnExit bool     // alerts outlive their VM
	Shadow     bool     // evaluate and record, do not notify
	Inhibits   []string // names of the alerts that are silent while this one fires, sorted
	Attach     []string // queries whose answers are evidence, and "screendump"
	Receivers  []string

	// Meaning is a canonical form of everything that decides when the condition
	// of the rule holds and what becomes of it: all but labels, annotations,
	// receiver, tests, inhibits, attach and mode. Two rules of one group and name
	// with the same Meaning share their running state across a reload. White
	// space, comments, the order of keys and lists (but for steps), and one value
	// or a list of one do not matter.
	Meaning string

	patterns   patterns
	having     *lang.Program    // of FormHaving
	aggregates *lang.Aggregates // of having and texts; nil without having
	keyDef     *qmp.Def         // the members of the key; of records and FormAbsent
	texts      texts
	tests      []Test
}

// Notice says that the rule is a match, or a completed sequence or all_of,
// that nothing ends: its alert fires once, absorbs further matches and closes
// when it was quiet.
func (r *Rule) Notice() bool {
	return r.Record == "" && !r.HasResolve &&
		(r.Form == FormMatch || r.Form == FormSequence || r.Form == FormAllOf)
}
