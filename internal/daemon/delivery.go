package daemon

import (
	"log/slog"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

// deliverOptions says who hears of what becomes of messages: the log, the
// metrics, and rules.
func (d *daemon) deliverOptions(m *memory) deliver.Options {
	o := d.opts.Deliver
	if m.state != nil {
		o.Outbox = m.state.Outbox()
	} else {
		o.Outbox = deliver.NewMemory(o.QueueSize)
	}
	d.outbox = o.Outbox
	o.OnDelivered = func(x deliver.Delivery) {
		d.log.Debug("delivered", "receiver", x.Endpoint.Receiver, "endpoint", x.Endpoint.Name, "tries", x.Tries, "latency", x.Latency)
		d.metrics.Tried(x.Endpoint.Receiver, x.Endpoint.Name, "accepted")
		d.metrics.Accepted(x.Endpoint.Receiver, x.Endpoint.Name, x.Latency)
	}
	o.OnRetry = func(r deliver.Retry) {
		d.log.Warn("delivery will be tried again", "receiver", r.Receiver, "endpoint", r.Endpoint,
			"attempt", r.Attempt, "after", r.After, "err", r.Err)
		d.metrics.Tried(r.Receiver, r.Endpoint, r.Class.String())
	}
	o.OnFailed = func(f deliver.Failure) {
		logFailure(d.log, f)
		d.metrics.Died(f.Receiver, f.Endpoint, string(f.Reason), f.Count)
		d.failed(f.Receiver, string(f.Reason))
	}
	o.OnBreaker = func(b deliver.Breaker) {
		if !b.Open {
			d.log.Info("the receiver takes messages again", "receiver", b.Endpoint.Receiver, "endpoint", b.Endpoint.Name)
			return
		}
		d.log.Error("the receiver takes nothing; messages wait for it", "receiver", b.Endpoint.Receiver,
			"endpoint", b.Endpoint.Name, "class", b.Class.String(), "err", b.Err)
		d.failed(b.Endpoint.Receiver, b.Class.String())
	}
	o.OnOutbox = func(err error) {
		if err != nil {
			d.log.Error("the outbox cannot be changed on disk; messages go out all the same", "err", err)
		} else {
			d.log.Info("the outbox is on disk again")
		}
	}
	return o
}

// failed tells the rules that a receiver was not reached.
func (d *daemon) failed(receiver, reason string) {
	d.loop.own(&qmp.QMPAlertDeliveryFailed{Receiver: qmp.Some(receiver), Reason: qmp.Some(reason)})
}

func logFailure(log *slog.Logger, f deliver.Failure) {
	args := []any{"receiver", f.Receiver, "endpoint", f.Endpoint, "reason", string(f.Reason), "messages", f.Count}
	if f.Err != nil { // else it was never tried
		args = append(args, "err", f.Err)
	}
	if len(f.Stack) > 0 {
		args = append(args, "stack", string(f.Stack))
	}
	log.Error("not delivered", args...)
}

// goneEndpoint stands for the endpoints of a receiver that is not in the
// configuration any more: what it was to be told becomes a dead letter.
const goneEndpoint = "gone"

// wanted says which endpoints are to get a message. A receiver may have none.
func (l *loop) wanted(n *notifiers.Notification) []deliver.EndpointID {
	to, known := l.deliver.Wanted(n)
	if known || l.receivers[n.Receiver] {
		return to
	}
	l.log.Error("no such receiver", "receiver", n.Receiver, "group", n.GroupKey)
	return []deliver.EndpointID{{Receiver: n.Receiver, Name: goneEndpoint}}
}

// namesOf are the receivers that there are.
func namesOf(c *dispatch.Config) map[string]bool {
	names := make(map[string]bool, len(c.Receivers))
	for _, r := range c.Receivers {
		names[r.Name] = true
	}
	return names
}
