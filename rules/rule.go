package rules

import (
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
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
	Group string
	Name  string // alertname
	Pos   diag.Pos

	Scope    Scope
	By       []string      // members of the key as QMP spells them, sorted
	Lateness time.Duration // how long to wait for events that QEMU holds back

	Count  int           // 0: no window; else at least Count matches within Within
	Within time.Duration // 0: no window
	For    time.Duration

	HasResolve    bool
	KeepFiringFor time.Duration // what was written, or the default of the kind of rule
	KeepGiven     bool          // written by the user

	Receivers []string

	// Meaning is a canonical form of everything but labels, annotations,
	// receiver and tests: two rules of one group and name with the same Meaning
	// share their running state across a reload. White space, comments, the
	// order of keys and lists, and one value or a list of one do not matter.
	Meaning string

	patterns patterns
	texts    texts
}

// Notice says that the rule has neither a window nor a resolve pattern: it
// fires once, absorbs further matches and closes when it was quiet.
func (r *Rule) Notice() bool { return r.Count == 0 && !r.HasResolve }
