package qmp

// Def describes one kind of event: what QEMU (or qmpalert itself) sends, since
// when, how often. Facts come from events.json.
type Def struct {
	Kind       Kind
	Name       string // BLOCK_IO_ERROR
	Summary    string
	Category   string
	Since      string // first QEMU release that sends it; of qmpalert for own events
	Removed    string // first release without it, or ""
	Deprecated string
	DataSince  string    // first release that sends members, or ""
	Gate       string    // what must be switched on before QEMU sends it, or ""
	Condition  string    // build option of QEMU that it needs, or ""
	Unstable   bool      // QEMU may change or drop it without notice
	Own        bool      // made by qmpalert (QMPALERT_*)
	Members    []*Member // top level, in schema order
	Slots      []*Member // every member that Data.Field can return, by slot
	Throttle   *Throttle // nil: never rate-limited in any version
	Correlate  []string  // suggested `by` members, best first
	Follows    []Follow
	Quirks     []string
}

// Member is one member of an event or of a nested object.
type Member struct {
	Name  string // as QMP spells it: node-name
	Ident string // as expressions spell it: node_name
	Path  string // from the top: client.host, tray-open
	// IdentPath is the path as expressions spell it: client.host, tray_open.
	IdentPath string
	Type      string // QAPI type
	JSON      JSONType
	Unit      string    // "bytes", "sectors of 512 bytes", … or ""
	Optional  bool      // in the newest schema that has the event
	Since     string    // first release that sends it; for a nested one, that can
	Enum      *Enum     // known values, or nil
	Members   []*Member // of a nested object; for a union those of all branches
	Branch    string    // values of the discriminator that this member needs, joined by "|", or ""
	Aliases   []string  // other spellings seen: sector-count
	Slot      int       // what Data.Field calls it
}

// JSONType is the kind of JSON value that a member has on the wire.
type JSONType string

// The kinds of members.
const (
	JSONString JSONType = "string"
	JSONBool   JSONType = "boolean"
	JSONInt    JSONType = "int"    // int64 or uint64, see Member.Type
	JSONFloat  JSONType = "number" // own events only
	JSONObject JSONType = "object"
	JSONAny    JSONType = "value" // anything
)

// Enum is a set of allowed strings.
type Enum struct {
	Name   string
	Values []EnumValue
}

// EnumValue is one value of an Enum. NotSent says why events do not carry it,
// or is "".
type EnumValue struct {
	Value, Since, NotSent string
}

// Throttle says that QEMU sends at most one event per PeriodMS and distinct
// value of Key (empty: per event name).
type Throttle struct {
	PeriodMS int
	Since    string
	Key      []string
	History  []ThrottleStep // older keys
}

// ThrottleStep is the key that was used from a release on.
type ThrottleStep struct {
	From string
	Key  []string
}

// Follow is a fact about the event that comes next.
type Follow struct{ When, Then string }
