package daemon

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/notifiers"
)

// probeTime bounds how long a receiver may take to say whether it will do.
const probeTime = 30 * time.Second

// prober asks receivers that can be asked whether they will take messages,
// before the first one is needed. Nothing waits for it.
type prober struct {
	log   *slog.Logger
	wg    sync.WaitGroup
	asked map[notifiers.Notifier]bool // of the current endpoints
}

// ask asks those that were not asked before.
func (p *prober) ask(ctx context.Context, endpoints []deliver.Endpoint) {
	if len(endpoints) == 0 {
		p.log.Warn("nobody is told of alerts: the configuration has no receiver with a way to be told; " +
			"`receivers: [{name: console}]` prints them here")
	}
	asked := make(map[notifiers.Notifier]bool)
	for _, e := range endpoints {
		c, ok := e.Notifier.(interface{ Check(context.Context) error })
		if !ok {
			continue
		}
		asked[e.Notifier] = true
		if p.asked[e.Notifier] {
			continue
		}
		p.wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, probeTime)
			defer cancel()
			if err := c.Check(ctx); err != nil && context.Cause(ctx) != context.Canceled {
				p.log.Warn("the receiver may not take messages", "receiver", e.Receiver, "endpoint", e.Name, "err", err)
			}
		})
	}
	p.asked = asked
}

// wait returns when all have answered; their context tells them to hurry.
func (p *prober) wait() { p.wg.Wait() }
