package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/qmpalert/qmpalert/alert"
)

// The bounds of the server.
const (
	maxConnections = 256
	maxRequests    = 64 // at one time, without streams
	maxStreams     = 32
	maxBody        = 1 << 20
	maxHeader      = 64 << 10
	maxURL         = 16 << 10

	headerTimeout  = 5 * time.Second
	readTimeout    = 30 * time.Second
	requestTimeout = time.Minute // of what a request asks the backend for
	writeTimeout   = 90 * time.Second
	idleTimeout    = 2 * time.Minute
)

// Options say what to serve.
type Options struct {
	Backend Backend
	// Token returns what has to stand behind "Authorization: Bearer"; it is called
	// for each request. Nil: no token, which only loopback allows. An error or an
	// empty token refuses all.
	Token func() (string, error)
	// Hosts are further names that a Host header may have on loopback: that of
	// external_url, when a proxy stands before us.
	Hosts []string
	// Metrics serves /metrics; may be nil.
	Metrics http.Handler
	// OnRequest is told of each answer, with the pattern that the request matched,
	// "other" for none; may be nil. It must be quick.
	OnRequest func(route string, code int)
	// Now is the clock that decides, in microseconds since 1970.
	Now func() int64
	Log *slog.Logger
	// Heartbeat is the pause between comments on a stream where nothing happens;
	// 15s when 0.
	Heartbeat time.Duration
}

// Server serves the API on one listener.
type Server struct {
	opts     Options
	mux      *http.ServeMux
	http     *http.Server
	hub      *hub
	slots    chan struct{} // a token for each request at work
	loopback bool          // set before the first request
}

// New makes a server that listens to nobody yet.
func New(o Options) *Server {
	if o.Heartbeat <= 0 {
		o.Heartbeat = 15 * time.Second
	}
	s := &Server{opts: o, mux: http.NewServeMux(), hub: newHub(), slots: make(chan struct{}, maxRequests)}
	s.routes()
	s.http = &http.Server{
		Handler:           s.guard(http.HandlerFunc(s.dispatch)),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug), // what broken clients cause
	}
	return s
}

// ErrNoToken says that the API would be open to the network.
var ErrNoToken = errors.New("a token is needed to listen anywhere but on loopback")

// Listen opens the address of the configuration ("127.0.0.1:9595"). Without a
// token an address that is not loopback is ErrNoToken, so that a start or a
// reload can be refused before anything is touched.
func Listen(ctx context.Context, address string, token bool) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if !token && !isLoopback(l.Addr()) {
		l.Close()
		return nil, fmt.Errorf("%s: %w", address, ErrNoToken)
	}
	return l, nil
}

// Serve answers on l until Shutdown, and then returns nil. It closes l. It may
// be called once.
func (s *Server) Serve(l net.Listener) error {
	s.loopback = isLoopback(l.Addr())
	if !s.loopback && s.opts.Token == nil {
		l.Close()
		return fmt.Errorf("%s: %w", l.Addr(), ErrNoToken)
	}
	err := s.http.Serve(newLimited(l, maxConnections))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler answers requests as Serve does, for whoever has a listener of another
// kind. It takes everybody for somebody on the network: the Host header is not
// looked at, and without a token all may ask.
func (s *Server) Handler() http.Handler { return s.http.Handler }

// Shutdown ends the streams, waits for requests that are at work until ctx is
// done, and cuts those that are left.
func (s *Server) Shutdown(ctx context.Context) error {
	s.hub.close()
	if err := s.http.Shutdown(ctx); err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}

// Publish sends a change to everybody who listens to the stream. It never
// blocks: whoever does not keep up is dropped. The change must not be modified
// afterwards.
func (s *Server) Publish(c *alert.Change) { s.hub.publish(c) }

func isLoopback(a net.Addr) bool {
	t, ok := a.(*net.TCPAddr)
	return ok && t.IP.IsLoopback()
}
