package daemon

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/web"
)

// shutdownTime is how long requests at work have at the end.
const shutdownTime = 2 * time.Second

// webServer serves the API; the zero value and nil serve nobody.
type webServer struct {
	server   *web.Server
	listener net.Listener
	daemon   *daemon
}

// listen opens the address that the configuration names. It is opened once: a
// reload that names another one says that it needs a restart.
func (d *daemon) listen(c config.Web, hosts []string) (*webServer, error) {
	if c.Listen == "" {
		return nil, nil
	}
	l, err := web.Listen(context.Background(), c.Listen, c.Token.IsSet())
	if err != nil {
		return nil, fmt.Errorf("web.listen: %w", err)
	}
	d.metrics.Watch((&backend{d}).view)
	s := web.New(web.Options{
		Backend: &backend{d}, Token: secret(c.Token), Hosts: hosts, Metrics: d.metrics.Handler(),
		OnRequest: d.metrics.Request, Now: d.loop.now, Log: d.log,
	})
	return &webServer{s, l, d}, nil
}

// run serves until ctx is done.
func (w *webServer) run(ctx context.Context) {
	if w == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.Background(), shutdownTime)
		defer cancel()
		if err := w.server.Shutdown(end); err != nil {
			w.daemon.log.Debug("requests were cut", "err", err)
		}
	}()
	w.daemon.log.Info("listening", "address", w.listener.Addr().String())
	if err := w.server.Serve(w.listener); err != nil {
		w.daemon.log.Error("the API has ended", "err", err)
	}
	<-done
}

// close gives up the address of one that never ran.
func (w *webServer) close() {
	if w == nil {
		return
	}
	if err := w.listener.Close(); err != nil {
		w.daemon.log.Debug("the address was not given up well", "err", err)
	}
}

// publish sends a change to those who follow.
func (w *webServer) publish(c *alert.Change) {
	if w != nil {
		w.server.Publish(c)
	}
}

// hostsOf are the names by which a proxy of ours may be asked.
func hostsOf(externalURL string) []string {
	u, err := url.Parse(externalURL)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	return []string{u.Hostname()}
}
