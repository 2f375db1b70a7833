package deliver

import (
	"math/rand/v2"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// Options of a Deliverer. The zero value of each means the default named.
type Options struct {
	// Outbox keeps what waits; NewMemory(QueueSize). What it holds is delivered
	// from the first Swap on that names its endpoint.
	Outbox     Outbox
	MaxAge     time.Duration  // of a message, from Item.Put; 7 days
	QueueSize  int            // messages an endpoint that are nowhere but in memory; 1000
	Timeout    time.Duration  // of one try, where the endpoint says none; 30s
	MinBackoff time.Duration  // bound of the first pause; 1s
	MaxBackoff time.Duration  // bound of all pauses; 1m
	Probe      time.Duration  // between two tries of an endpoint that is misconfigured; 5m
	Rand       func() float64 // in [0,1), safe for concurrent use; math/rand's

	// The callbacks are called by the goroutines of endpoints, never by that of
	// Put, Swap or Close, and hold up that endpoint only. They may call Put.
	OnDelivered func(Delivery) // a message was accepted
	OnRetry     func(Retry)    // a try failed and will be repeated
	OnFailed    func(Failure)  // a message will not be delivered
	OnBreaker   func(Breaker)  // an endpoint is tried with probes only, or well again
	// OnOutbox is told when the outbox begins to fail, and with nil when everything
	// is stored again. Messages go out meanwhile.
	OnOutbox func(error)
}

// Delivery is a message that was accepted.
type Delivery struct {
	Endpoint EndpointID
	Item     Item
	Tries    int           // the last one included; 0 for an update that had no message to change, and was not sent
	Latency  time.Duration // since Item.At, the newest change it tells
}

// Failure is a message (or, of a full queue, several) that was not delivered.
type Failure struct {
	Receiver string
	Endpoint string
	Reason   Reason
	// Err is the last thing that went wrong; nil when nothing did. It holds no
	// secret, but may hold text from outside.
	Err error
	// Count is the number of decided messages, Item the only or last one.
	Count int
	Item  Item
	// Partly says that some of the endpoint's addresses have the message.
	Partly bool
	// Stack is the goroutine's stack at a panic, for the log.
	Stack []byte
}

// Retry is a try that failed and will be repeated.
type Retry struct {
	Receiver string
	Endpoint string
	Class    notifiers.Class
	Err      error
	Attempt  int           // of this message, from 1; 0 for a standing one (Endpoint.Resend)
	After    time.Duration // at the earliest
	Item     Item
}

// Breaker says that nothing but a probe is sent to an endpoint any more, because
// nothing arrives there, or that all is well again.
type Breaker struct {
	Endpoint EndpointID
	Open     bool
	Class    notifiers.Class // Misconfigured or Retry; when it opens
	Err      error           // the last one; nil when it closes
}

// Reason says in a word why a message was given up. It is printed, and a label
// of metrics.
type Reason string

// The reasons to give up.
const (
	TooOld    Reason = "max age"
	Rejected  Reason = "rejected"
	QueueFull Reason = "queue full"
	Panicked  Reason = "panic"
	Removed   Reason = "receiver removed" // by a reload
	Stopped   Reason = "stopped"          // by Close, with nothing that keeps it
	Damaged   Reason = "damaged"          // the outbox cannot read it
	// Misconfigured: some of the addresses have the message, the others refuse us.
	Misconfigured Reason = "misconfigured"
)

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&o.MaxAge, 7*24*time.Hour)
	set(&o.Timeout, 30*time.Second)
	set(&o.MinBackoff, time.Second)
	set(&o.MaxBackoff, time.Minute)
	set(&o.Probe, 5*time.Minute)
	if o.QueueSize <= 0 {
		o.QueueSize = memoryItems
	}
	if o.Outbox == nil {
		o.Outbox = NewMemory(o.QueueSize)
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	quiet(&o.OnDelivered)
	quiet(&o.OnRetry)
	quiet(&o.OnFailed)
	quiet(&o.OnBreaker)
	quiet(&o.OnOutbox)
	return o
}

// quiet replaces a callback that is missing.
func quiet[T any](f *func(T)) {
	if *f == nil {
		*f = func(T) {}
	}
}

// window is the bound of the pause after the n-th failure in a row, from 1:
// MinBackoff doubled each time, at most MaxBackoff.
func (o *Options) window(n int) time.Duration {
	d := o.MinBackoff
	for ; n > 1 && d < o.MaxBackoff; n-- {
		d *= 2
	}
	return min(d, o.MaxBackoff)
}
