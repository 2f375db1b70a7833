package daemon

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// heartbeatTimeout bounds one call.
const heartbeatTimeout = 10 * time.Second

// beat calls the heartbeat's URL as long as the loop turns, so that somebody
// else notices when qmpalert does not run any more. It returns when ctx is done.
func (d *daemon) beat(ctx context.Context) {
	client := post.NewClient(post.Options{Timeout: heartbeatTimeout})
	defer client.CloseIdleConnections()
	well := true
	for {
		cfg := d.reload.heartbeat()
		wait := cfg.Interval
		if !cfg.URL.IsSet() {
			wait = time.Minute
		} else {
			err := d.beatOnce(ctx, client, cfg)
			if ctx.Err() != nil {
				return
			}
			d.metrics.Heartbeat(err == nil)
			if err != nil && well {
				d.log.Error("the heartbeat was not taken", "err", err)
			}
			well = err == nil
		}
		select {
		case <-ctx.Done():
			return
		case <-d.reload.beatChanged:
		case <-time.After(wait):
		}
	}
}

// beatOnce makes one call, if all is well. The URL is a secret: errors do not
// have it.
func (d *daemon) beatOnce(ctx context.Context, client *http.Client, cfg config.Heartbeat) error {
	if err := (&backend{d}).Healthy(); err != nil {
		return err
	}
	url, err := cfg.URL.Read()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return errors.New("its URL is none")
	}
	return post.Send(client, req, "heartbeat", time.Now(), post.URLSecrets(req.URL)...)
}
