package diag

// Severity says what a finding means for the one who asked.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"   // the file is not taken
	Warning Severity = "warning" // taken, but probably not what was meant
	Info    Severity = "info"    // taken; worth knowing
)

// Code names a kind of finding. Codes are stable: one that was published is
// never given another meaning and never used again after it was retired.
// Q1xx are errors, Q2xx warnings, Q3xx information.
type Code string

// The codes of files and keys.
const (
	YAMLSyntax      Code = "Q101"
	UnknownKey      Code = "Q102"
	DuplicateKey    Code = "Q103"
	WrongType       Code = "Q104"
	FurtherDocument Code = "Q105"
	TagOrAnchor     Code = "Q106"
	CutByComment    Code = "Q107"
	BadDuration     Code = "Q108"
	MissingKey      Code = "Q109"
	NotSupported    Code = "Q110"
	TooLarge        Code = "Q111"
	Unreadable      Code = "Q112"
	BadValue        Code = "Q113"
)

// The codes of rules.
const (
	UnknownEvent       Code = "Q120"
	UnknownMember      Code = "Q121"
	ExprSyntax         Code = "Q122"
	ExprType           Code = "Q123"
	NotInEnum          Code = "Q124"
	ExprRefused        Code = "Q125"
	TextError          Code = "Q126"
	LabelCollision     Code = "Q127"
	DuplicateAlert     Code = "Q128"
	KeyCombination     Code = "Q129"
	UnknownReceiver    Code = "Q130"
	BadGlob            Code = "Q133"
	KeyNotDefinedByAll Code = "Q134"
)

// The codes of what rules say about each other, and of the rest of their keys.
const (
	RecordCycle    Code = "Q131"
	BadRecordName  Code = "Q132"
	NotInRecord    Code = "Q135"
	UnknownAlert   Code = "Q136"
	UnknownQuery   Code = "Q137"
	BadDate        Code = "Q138"
	BadDefinition  Code = "Q139"
	AttachRefused  Code = "Q147"
	TooManyOfForms Code = "Q148"
)

// MisusedAggregate is the code of aggregates.
const MisusedAggregate Code = "Q160"

// The codes of the configuration.
const (
	UnsetVariable     Code = "Q140"
	UnreadableSecret  Code = "Q141"
	SecretTwice       Code = "Q142"
	MissingSecret     Code = "Q143"
	DuplicateReceiver Code = "Q144"
	BadAddress        Code = "Q145"
	NoReceiver        Code = "Q146"
	BadMatcher        Code = "Q170"
	BadInterval       Code = "Q171"
	UnknownInterval   Code = "Q172"
	DuplicateInterval Code = "Q173"
	UnreachableRoute  Code = "Q223"
	MatchesNoAlert    Code = "Q224"
	UnusedName        Code = "Q308"
)

// The codes of warnings and information.
const (
	Unreachable        Code = "Q201"
	ForBelowLateness   Code = "Q202"
	ForNotBelowWithin  Code = "Q203"
	ResolveTakesAway   Code = "Q204"
	EventNeverSent     Code = "Q205"
	ExpiredException   Code = "Q206"
	NoEffect           Code = "Q207"
	NoFileMatches      Code = "Q208"
	LatenessTooShort   Code = "Q209"
	ResolveLacksMember Code = "Q301"
	RuleWithoutTest    Code = "Q302"
	MoreFindings       Code = "Q304"
)

// The codes of comments that silence findings.
const (
	BadIgnore     Code = "Q210"
	UselessIgnore Code = "Q305"
)

// The codes of what only QEMU's behaviour makes questionable.
const (
	TextForPeople     Code = "Q211"
	EmptyDevice       Code = "Q212"
	YoungerThanQEMU   Code = "Q213"
	FailureAsSuccess  Code = "Q214"
	ResumeFlaps       Code = "Q215"
	SeveralForOne     Code = "Q216"
	ComesOnce         Code = "Q217"
	GeneratedNodeName Code = "Q218"
	JobIdentity       Code = "Q219"
	NeverTwice        Code = "Q220"
	NotSentInEvents   Code = "Q221"
	UnrelatedEnd      Code = "Q222"
	NeverEmpty        Code = "Q225"
	NeedsSwitch       Code = "Q306"
	ShutdownNotLast   Code = "Q307"
)

// The codes of tests.
const (
	TestEvent          Code = "Q150"
	TestMember         Code = "Q151"
	TestValue          Code = "Q152"
	TestRaw            Code = "Q153"
	TestLabel          Code = "Q154"
	TestExpectsNothing Code = "Q155"
	DuplicateTest      Code = "Q156"
	TestAlertname      Code = "Q157"
	TestWithoutRules   Code = "Q158"
)

// codes is the one place where a code gets its meaning. Sorted by code.
var codes = []struct {
	code    Code
	meaning string
}{
	{YAMLSyntax, "the file is not well-formed YAML"},
	{UnknownKey, "a key that nobody knows"},
	{DuplicateKey, "a key that stands twice in the same mapping"},
	{WrongType, "a value of the wrong type"},
	{FurtherDocument, "a second YAML document in the file"},
	{TagOrAnchor, "a YAML tag, anchor, alias or merge key"},
	{CutByComment, "a value that was cut by a comment"},
	{BadDuration, "a duration that cannot be read"},
	{MissingKey, "a key that is needed and not there"},
	{NotSupported, "a key or value that this version does not support"},
	{TooLarge, "a file or value beyond its bound"},
	{Unreadable, "a file that cannot be read"},
	{BadValue, "a value that is not allowed here"},
	{UnknownEvent, "an event that nobody knows"},
	{UnknownMember, "a member that the event does not have"},
	{ExprSyntax, "an expression that cannot be parsed"},
	{ExprType, "an expression whose types do not fit"},
	{NotInEnum, "a literal that is not a value of the member's enum"},
	{ExprRefused, "an expression that is refused because it could be too expensive"},
	{TextError, "a text whose {{ }} cannot be evaluated"},
	{LabelCollision, "a label that collides with a built-in one"},
	{DuplicateAlert, "an alert name that stands twice in the rule set"},
	{KeyCombination, "keys that do not go together"},
	{UnknownReceiver, "a receiver that the configuration does not have"},
	{RecordCycle, "records that are made from each other in a circle"},
	{BadRecordName, "a name that a record cannot have"},
	{BadGlob, "a glob that is malformed or matches no event"},
	{KeyNotDefinedByAll, "a by member that one of the events does not define"},
	{NotInRecord, "a key that a record cannot have"},
	{UnknownAlert, "an alert that no rule has"},
	{UnknownQuery, "a query that qmpalert does not ask"},
	{BadDate, "a date that cannot be read"},
	{BadDefinition, "a list or macro that cannot be used"},
	{UnsetVariable, "an environment variable that is not set, or a malformed ${}"},
	{UnreadableSecret, "a secret file that cannot be read"},
	{SecretTwice, "a secret given both inline and as a file"},
	{MissingSecret, "a secret that is needed and not there"},
	{DuplicateReceiver, "a receiver name that stands twice"},
	{BadAddress, "an address, URL or path that cannot be used"},
	{NoReceiver, "a configuration without a usable receiver"},
	{AttachRefused, "extra evidence that the configuration does not allow"},
	{TooManyOfForms, "more than one condition in a rule"},
	{TestEvent, "an event of a test that nobody knows"},
	{TestMember, "a member in a test that the event does not have"},
	{TestValue, "a value in a test that the member cannot have"},
	{TestRaw, "a recorded line in a test that is not an event"},
	{TestLabel, "an expectation about a label that the alert never has"},
	{TestExpectsNothing, "a test that expects nothing"},
	{DuplicateTest, "a test name that stands twice"},
	{TestAlertname, "an alert in a test that no rule has"},
	{TestWithoutRules, "a test file whose rule files cannot be used"},
	{MisusedAggregate, "an aggregate, or a member beside one, where it means nothing"},
	{BadMatcher, "a matcher that cannot be read"},
	{BadInterval, "a time interval that cannot be read"},
	{UnknownInterval, "a time interval that the configuration does not have"},
	{DuplicateInterval, "a time interval name that stands twice"},
	{Unreachable, "a threshold that QEMU's throttling makes unreachable"},
	{ForBelowLateness, "a for shorter than the lateness of the rule"},
	{ForNotBelowWithin, "a for not shorter than within"},
	{ResolveTakesAway, "a resolve that takes away a whole event"},
	{EventNeverSent, "an event that no supported QEMU sends"},
	{ExpiredException, "an exception whose date is over"},
	{NoEffect, "a key that does nothing here"},
	{NoFileMatches, "a pattern that matches no file"},
	{LatenessTooShort, "a lateness shorter than what a rule must wait for"},
	{BadIgnore, "a comment qmpalert:ignore that cannot be obeyed"},
	{TextForPeople, "a condition on text that QEMU writes for people"},
	{EmptyDevice, "a device name that is empty with -blockdev"},
	{YoungerThanQEMU, "something that the oldest QEMU in use does not send"},
	{FailureAsSuccess, "an event taken for success that failures send, too"},
	{ResumeFlaps, "an alert that RESUME ends and the next failed request begins anew"},
	{SeveralForOne, "a count of events of which one occurrence sends several"},
	{ComesOnce, "a count of an event that comes once until it is armed again"},
	{GeneratedNodeName, "a condition on a node name that QEMU makes up"},
	{JobIdentity, "a job that one event calls device and the other id"},
	{NeverTwice, "a count for each value of a member that is new every time"},
	{NotSentInEvents, "a value that the event never carries"},
	{UnrelatedEnd, "an end or a step that cannot follow what the rule matches"},
	{UnreachableRoute, "a route that no alert can reach"},
	{MatchesNoAlert, "a matcher for an alert that no rule has"},
	{NeverEmpty, "a having that asks for an empty window"},
	{ResolveLacksMember, "a resolve event that lacks a by member"},
	{RuleWithoutTest, "a rule without a test"},
	{MoreFindings, "more findings about a file than are kept"},
	{UselessIgnore, "a comment qmpalert:ignore that silences nothing"},
	{NeedsSwitch, "an event that QEMU sends only when something is switched on"},
	{ShutdownNotLast, "a SHUTDOWN that need not come, or not be the last event"},
	{UnusedName, "a receiver or time interval that nothing names"},
}

// Codes lists every code, in order. The slice is the caller's.
func Codes() []Code {
	all := make([]Code, len(codes))
	for i, c := range codes {
		all[i] = c.code
	}
	return all
}

// Meaning explains the code in one line, or "" for one that is not known.
func (c Code) Meaning() string {
	for _, known := range codes {
		if known.code == c {
			return known.meaning
		}
	}
	return ""
}

// Severity is the severity of all findings with this code, read off its number.
func (c Code) Severity() Severity {
	switch {
	case len(c) > 1 && c[1] == '2':
		return Warning
	case len(c) > 1 && c[1] == '3':
		return Info
	default:
		return Error
	}
}
