package web

// These types are the JSON of the API, in both directions. Members are spelled
// as in the line of an alert change; a member that says "optional" is left out
// when there is nothing to say. Texts may hold what a guest chose: whoever shows
// them escapes them.

// Status is how the daemon is.
type Status struct {
	Version   string   `json:"version"`
	Host      string   `json:"host"`
	StartedAt Time     `json:"startedAt"`
	Now       Time     `json:"now"` // the clock that decides: it never goes back
	Config    string   `json:"config,omitempty"`
	Storage   Storage  `json:"storage"`
	Reload    Reload   `json:"reload"`
	Events    Events   `json:"events"`
	Counts    Counts   `json:"counts"`
	Outbox    []Outbox `json:"outbox"` // an entry an endpoint, by receiver and name
	Buttons   *Buttons `json:"buttons,omitempty"`
}

// Buttons says whether presses in Slack are heard. Left out when the
// configuration has no socket_mode_token.
type Buttons struct {
	Apps      int `json:"apps"`
	Connected int `json:"connected"`
}

// Storage is how the disk is.
type Storage struct {
	Path string `json:"path,omitempty"` // left out: nothing is kept on disk
	// Degraded says why decisions are kept in memory only: the disk is full. Left
	// out while all is well.
	Degraded     string `json:"degraded,omitempty"`
	JournalBytes int64  `json:"journalBytes"`
	Damaged      int64  `json:"damaged"` // records in quarantine since the start
	Position     uint64 `json:"position"`
}

// Reload is how the last attempt to take over the files ended.
type Reload struct {
	At    Time   `json:"at"`
	OK    bool   `json:"ok"`
	Error string `json:"error,omitempty"` // the first finding
}

// Events counts since the start: Received is always Evaluated + Dropped +
// Pending.
type Events struct {
	Received  uint64 `json:"received"`
	Evaluated uint64 `json:"evaluated"`
	Dropped   uint64 `json:"dropped"`
	Pending   uint64 `json:"pending"`
	Late      uint64 `json:"late"`
}

// Counts are sums for a first look.
type Counts struct {
	Rules      int `json:"rules"`
	Sources    int `json:"sources"`
	Connected  int `json:"connected"`
	Pending    int `json:"pending"`
	Firing     int `json:"firing"`
	Muted      int `json:"muted"` // of those firing: silenced, inhibited, outside their hours
	Silences   int `json:"silences"`
	DeadLetter int `json:"deadLetters"`
}

// Outbox is the queue of one endpoint of a receiver.
type Outbox struct {
	Receiver  string `json:"receiver"`
	Endpoint  string `json:"endpoint"`
	Queued    int    `json:"queued"`
	OldestAt  Time   `json:"oldestAt,omitzero"` // optional: when what waits longest was put
	Delivered uint64 `json:"delivered"`
	Dead      uint64 `json:"dead"`
	Paused    string `json:"paused,omitempty"` // optional: why nothing but a probe is tried
}

// Source is a connection, or a pattern that nothing matches.
type Source struct {
	Source  string       `json:"source"`
	Host    string       `json:"host"`
	VM      *VM          `json:"vm,omitempty"` // optional: not known yet
	State   string       `json:"state"`        // connected, waiting, busy, denied, not QMP
	Since   Time         `json:"since"`
	Reason  string       `json:"reason,omitempty"`
	Version string       `json:"version,omitempty"`
	Counts  SourceCounts `json:"counts"`
}

// VM is a virtual machine.
type VM struct {
	Name string `json:"name"`
	UUID string `json:"uuid,omitempty"`
}

// SourceCounts are those of sources.Counts.
type SourceCounts struct {
	Received       uint64 `json:"received"`
	Emitted        uint64 `json:"emitted"`
	Dropped        uint64 `json:"dropped"`
	Pending        uint64 `json:"pending"`
	Damaged        uint64 `json:"damaged"`
	Oversized      uint64 `json:"oversized"`
	Unmatched      uint64 `json:"unmatched"`
	Mistyped       uint64 `json:"mistyped"`
	UnknownMembers uint64 `json:"unknownMembers"`
}

// Rule is a rule that runs.
type Rule struct {
	Group       string   `json:"group"`
	Name        string   `json:"name"`
	Kind        string   `json:"kind"` // alert, record
	File        string   `json:"file"`
	Line        int      `json:"line"`
	Form        string   `json:"form"` // match, count, having, sequence, all_of, absent_for
	Fires       string   `json:"fires"`
	Notes       []string `json:"notes"`
	Shadow      bool     `json:"shadow"`
	Suspended   bool     `json:"suspended"`
	Evaluations uint64   `json:"evaluations"`
	Seconds     float64  `json:"seconds"` // spent on them
	Keys        int      `json:"keys"`    // whose state is kept
	Pending     int      `json:"pending"`
	Firing      int      `json:"firing"`
}

// Alert is one life of an alert, as its newest change left it.
type Alert struct {
	ID AlertID `json:"id"`
	Change
	Muted []Mute   `json:"mutedBy"`       // what hides it from everybody
	Ack   *Ack     `json:"ack,omitempty"` // optional
	Told  []string `json:"told"`          // receivers that know of it
}

// Ack says that somebody takes care.
type Ack struct {
	By      string `json:"by"`
	Comment string `json:"comment"`
	At      Time   `json:"at"`
}

// AckRequest is the body of an acknowledgement.
type AckRequest struct {
	By      string `json:"by"`
	Comment string `json:"comment"`
}

// Silence hides alerts from receivers for a time.
type Silence struct {
	ID        string   `json:"id,omitempty"`
	Matchers  []string `json:"matchers"` // in Alertmanager's form: severity="critical"
	StartsAt  Time     `json:"startsAt"`
	EndsAt    Time     `json:"endsAt"`
	CreatedBy string   `json:"createdBy"`
	Comment   string   `json:"comment"`
	UpdatedAt Time     `json:"updatedAt,omitzero"`
	State     string   `json:"state,omitempty"` // active, pending, expired
}

// SilenceRequest is the body that makes or changes a silence.
type SilenceRequest struct {
	ID        string   `json:"id,omitempty"` // of the one to change
	Matchers  []string `json:"matchers"`
	StartsAt  Time     `json:"startsAt,omitzero"` // default: now
	EndsAt    Time     `json:"endsAt,omitzero"`   // either this
	Duration  string   `json:"duration,omitempty"`
	CreatedBy string   `json:"createdBy"`
	Comment   string   `json:"comment"`
}

// DeadLetter is a message that was given up.
type DeadLetter struct {
	ID       string `json:"id"`
	Receiver string `json:"receiver"`
	Endpoint string `json:"endpoint"`
	Group    string `json:"group"`
	Kind     string `json:"kind"`
	Status   string `json:"status"`
	At       Time   `json:"at"`     // when it was decided
	DiedAt   Time   `json:"diedAt"` // when it was given up
	Reason   string `json:"reason"` // one word: rejected, expired, …
	Error    string `json:"error,omitempty"`
	Tries    int    `json:"tries"`
	Alerts   int    `json:"alerts"` // in the message
	Summary  string `json:"summary"`
}

// Reloaded says what became of each rule.
type Reloaded struct {
	Rules    int       `json:"rules"`
	Verdicts []Verdict `json:"verdicts"`
	Warnings []string  `json:"warnings"`
}

// Verdict is what a reload did to one rule.
type Verdict struct {
	Group  string `json:"group"`
	Rule   string `json:"rule"`
	Action string `json:"action"` // kept, added, changed, removed
}
