package qmp

import (
	"strconv"
	"strings"
)

// Type says what a value on a monitor is.
type Type uint8

// The types of values.
const (
	TypeOther    Type = iota // valid JSON, but nothing that QMP knows
	TypeEvent                // has an "event" that is a string
	TypeGreeting             // has "QMP"
	TypeReturn               // has "return"
	TypeError                // has "error"
)

var typeNames = [...]string{"other", "event", "greeting", "return", "error"}

// String returns the name of the type.
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "Type(" + strconv.Itoa(int(t)) + ")"
}

// Message is one value of a stream. Text, raw members and strings share the
// memory that the value was read into; it is never written again.
type Message struct {
	Type    Type
	Event   Event  // of TypeEvent
	ID      []byte // JSON of "id", of TypeReturn and TypeError; nil when absent
	Return  []byte // JSON of "return", of TypeReturn
	Err     Error  // of TypeError
	Version Version
	// Extra holds the members of an event beside event, data and timestamp, at
	// most MaxExtra of them: host, vm and such in a record of ours. The next
	// call of Next with this Message reuses the slice.
	Extra []RawMember
	Text  []byte // the whole value

	Offset int64 // of the value's first byte in the stream
	Line   int   // of the value's first byte, from 1

	// Mistyped counts members of an event that are null or of the wrong type.
	// They are absent in Event.Data; Event.Raw has them.
	Mistyped int
	// UnknownMembers counts members of an event's data, and of the objects in
	// it, that the table does not have. Event.Raw has them.
	UnknownMembers int
}

// MaxExtra bounds Message.Extra; further members are left out of it.
const MaxExtra = 64

// RawMember is a member of an object as it was received.
type RawMember struct {
	Name string
	Raw  []byte // JSON
}

// Error is the answer to a command that QEMU refused.
type Error struct {
	Class string // GenericError, CommandNotFound, …
	Desc  string // for people, not stable
}

// Error returns class and description.
func (e *Error) Error() string { return e.Class + ": " + e.Desc }

// Version is the release that a greeting names.
type Version struct {
	Major, Minor, Micro int
	Package             string // the distributor's, "" when unpatched
}

// String returns 7.2.22, with the distributor's part in brackets.
func (v Version) String() string {
	s := strconv.Itoa(v.Major) + "." + strconv.Itoa(v.Minor) + "." + strconv.Itoa(v.Micro)
	if v.Package != "" {
		s += " (" + v.Package + ")"
	}
	return s
}

// parseVersion reads the value of "QMP". Monitors before 0.14 wrote the version
// as one string.
func parseVersion(raw []byte) Version {
	version := ParseValue(raw).Get("version")
	qemu := version.Get("qemu")
	var v Version
	v.Package, _ = version.Get("package").AsString()
	v.Package = strings.TrimSpace(v.Package)
	if text, ok := qemu.AsString(); ok {
		numbers := strings.SplitN(text, ".", 3)
		for i, n := range []*int{&v.Major, &v.Minor, &v.Micro} {
			if i < len(numbers) {
				*n, _ = strconv.Atoi(numbers[i])
			}
		}
		return v
	}
	v.Major, v.Minor, v.Micro = asSmallInt(qemu.Get("major")), asSmallInt(qemu.Get("minor")), asSmallInt(qemu.Get("micro"))
	return v
}

func asSmallInt(v Value) int {
	n, _ := v.AsInt()
	return int(n)
}

func parseError(raw []byte) Error {
	v := ParseValue(raw)
	var e Error
	e.Class, _ = v.Get("class").AsString()
	e.Desc, _ = v.Get("desc").AsString()
	return e
}
