package telemetry

import "time"

// View is a picture of the daemon. Counters count since the start; none ever
// falls.
type View struct {
	Events   Events
	Sources  map[string]int // connections by state: connected, waiting, busy, denied, not QMP
	Rules    []Rule
	Alerts   Alerts
	Silences map[string]int // by state: active, pending
	Outbox   []Endpoint
	// DeadLetters is how many lie there now.
	DeadLetters int
	Journal     Journal
	Store       Store
}

// Events counts events: Received is always Evaluated + Dropped + Pending.
type Events struct {
	Received  uint64
	Evaluated uint64
	Dropped   map[string]uint64 // by reason: queue, closed, …
	Pending   uint64
	Late      uint64            // came before the watermark of a rule
	Skipped   map[string]uint64 // values of sources that are no events: damaged, oversized, …
}

// Rule is what one rule costs. Two entries of one group and name are added up.
type Rule struct {
	Group, Name string
	Evaluations uint64
	Time        time.Duration // spent on them, as far as it is measured
	Windows     int           // keys whose state is kept
	Suspended   bool
}

// Alerts counts alerts that are not over.
type Alerts struct {
	Pending int
	Firing  int
	Muted   map[string]int // of those firing, by reason: silenced, inhibited, hours
}

// Endpoint is the queue of one address of a receiver: Put is always Delivered +
// Queued + what died.
type Endpoint struct {
	Receiver, Name string
	Put            uint64
	Delivered      uint64
	Queued         int
	Oldest         time.Duration // how long the first of the queue waits; 0: nothing waits
	Paused         bool          // nothing but a probe is tried: the breaker is open
}

// Journal is the log of accepted events.
type Journal struct {
	Bytes        int64 // on disk
	Records      uint64
	AppendErrors uint64
}

// Store is the database.
type Store struct {
	Bytes        int64             // of the file
	Damage       map[string]uint64 // records put into quarantine, by kind: checkpoint, outbox, …
	CommitErrors uint64
	Degraded     bool // decisions are kept in memory only
}
