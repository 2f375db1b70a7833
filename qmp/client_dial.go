package qmp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"
)

// Pauses between attempts while a monitor's queue of waiting clients is full.
const (
	firstRetry = 10 * time.Millisecond
	lastRetry  = 250 * time.Millisecond
)

// Dial connects to a monitor ("unix" and a path, or "tcp" and host:port) and
// negotiates as NewClient does. It blocks until then, at most for about three
// times the greeting's deadline and a command's, or until ctx ends.
//
// A unix monitor whose queue of waiting clients is full refuses with EAGAIN;
// Dial tries again until the greeting's deadline is over, and then returns
// ErrBusy: it is the same case as a monitor that never greets.
func Dial(ctx context.Context, network, addr string, opt ClientOptions) (*Client, error) {
	opt = opt.withDefaults()
	dialCtx, cancel := context.WithTimeout(ctx, opt.GreetingTimeout)
	defer cancel()
	var dialer net.Dialer
	var full error // the last refusal of that kind
	for pause := firstRetry; ; pause = min(2*pause, lastRetry) {
		conn, err := dialer.DialContext(dialCtx, network, addr)
		switch {
		case err == nil:
			return NewClient(ctx, conn, opt)
		case errors.Is(err, syscall.EAGAIN):
			full = err
		case full == nil || !errors.Is(err, context.DeadlineExceeded):
			return nil, err
		}
		retry := time.NewTimer(pause)
		select {
		case <-retry.C:
		case <-dialCtx.Done():
			retry.Stop()
			if err := context.Cause(ctx); err != nil {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %w", ErrBusy, full)
		}
	}
}
