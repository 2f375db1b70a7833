package deliver

import (
	"math/rand/v2"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
)

// Options of a Deliverer. The zero value of each means the default named.
type Options struct {
	// Outbox keeps what waits; NewMemory(QueueSize). What it holds for endpoints is
	// delivered from their first Swap on.
	Outbox     Outbox
	MaxAge     time.Duration  // of a message, from Put; 1h
	QueueSize  int            // messages an endpoint; 1000
	Timeout    time.Duration  // of one try; 30s
	MinBackoff time.Duration  // bound of the first pause; 1s
	MaxBackoff time.Duration  // bound of all pauses; 1m
	Rand       func() float64 // in [0,1), safe for concurrent use; math/rand's

	// OnFailed is told of messages that will not be delivered, OnRetry of each
	// try that failed but will be repeated. They are called by the endpoint's
	// goroutine, never by that of Put, Swap or Close, and hold up that endpoint
	// only. They may call Put.
	OnFailed    func(Failure)
	OnRetry     func(Retry)
	OnDelivered func(Delivery)
	OnBreaker   func(Breaker)
	// OnOutbox is told when the outbox begins to refuse changes, and with nil when
	// everything is stored again. Messages go out meanwhile.
	OnOutbox func(error)
}

// Delivery is a message that was accepted.
type Delivery struct {
	Endpoint EndpointID
	Item     Item
	Tries    int           // the last one included
	Latency  time.Duration // from Item.At, the newest change it tells
}

// Breaker says that nothing but a probe is sent to an endpoint any more, because
// nothing arrives there, or that all is well again.
type Breaker struct {
	Endpoint EndpointID
	Open     bool
	Class    notifiers.Class // Misconfigured or Retry; when it opens
	Err      error           // the last one; nil when it closes
}

// Failure is a message (or, of a full queue, several) that was not delivered.
type Failure struct {
	Receiver string
	Endpoint string
	Reason   Reason
	// Err is the last thing that went wrong; nil for QueueFull, Removed and
	// Stopped when nothing did. It holds no secret, but may hold text from
	// outside.
	Err error
	// Count is the number of messages, and Notification the only or last one.
	Count        int
	Notification notifiers.Notification
	// Partly says that some of the endpoint's addresses have the message.
	Partly bool
	// Stack is the goroutine's stack at a panic, for the log.
	Stack []byte
}

// Retry is a try that failed and will be repeated.
type Retry struct {
	Receiver     string
	Endpoint     string
	Err          error
	Attempt      int           // of this message, from 1
	After        time.Duration // at the earliest
	Notification notifiers.Notification
}

// Reason says in a word why a message was given up. It is printed, and a label
// of metrics.
type Reason string

// The reasons to give up.
const (
	TooOld        Reason = "max age"
	Misconfigured Reason = "misconfigured"
	Rejected      Reason = "rejected"
	QueueFull     Reason = "queue full"
	Panicked      Reason = "panic"
	Removed       Reason = "receiver removed" // by a reload
	Stopped       Reason = "stopped"          // by Close, before it was delivered
	Damaged       Reason = "damaged"          // the outbox cannot read it
)

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, def time.Duration) {
		if *d <= 0 {
			*d = def
		}
	}
	set(&o.MaxAge, time.Hour)
	set(&o.Timeout, 30*time.Second)
	set(&o.MinBackoff, time.Second)
	set(&o.MaxBackoff, time.Minute)
	if o.QueueSize <= 0 {
		o.QueueSize = 1000
	}
	if o.Rand == nil {
		o.Rand = rand.Float64
	}
	if o.Outbox == nil {
		o.Outbox = NewMemory(o.QueueSize)
	}
	if o.OnFailed == nil {
		o.OnFailed = func(Failure) {}
	}
	if o.OnRetry == nil {
		o.OnRetry = func(Retry) {}
	}
	return o
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
