package config

import (
	"net"
	"net/netip"
	"strconv"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// What web, storage and heartbeat have when the file does not say it.
const (
	DefaultListen    = "127.0.0.1:9595"
	DefaultStorage   = "/var/lib/qmpalert"
	DefaultRetention = 30 * 24 * time.Hour
	DefaultMaxSize   = 2_000_000_000
	DefaultHeartbeat = time.Minute
)

// The least that makes sense.
const (
	minRetention = time.Hour
	minMaxSize   = 64_000_000
	minHeartbeat = time.Second
)

var webKeys = yamldoc.Keys{
	Where:       "web",
	Known:       []string{"listen", "token", "token_file"},
	Unsupported: []string{"tls_config", "tls_server_config", "basic_auth_users", "http_server_config"},
	Instead: func(string, *yamldoc.Node) string {
		return "leave qmpalert on loopback and put a reverse proxy before it"
	},
}

func (r *reader) web(root *yamldoc.Node) Web {
	n := root.Get("web")
	if n == nil || !n.AsMapping(r.list) {
		return Web{}
	}
	n.CheckKeys(r.list, webKeys)
	w := Web{Listen: DefaultListen, Token: r.secret(n, "token", nil), Pos: n.Pos}
	text, ok := r.text(n, "listen")
	if !ok {
		return w
	}
	w.Listen, w.Pos = text, n.Get("listen").Pos
	host, port, err := net.SplitHostPort(text)
	_, portErr := strconv.ParseUint(port, 10, 16)
	switch {
	case err != nil || portErr != nil:
		r.list.Add(diag.New(diag.BadAddress, w.Pos, "`listen` is not an address with a port").WithHint("write it as '%s'", DefaultListen))
	case !isLoopback(host) && !given(n, "token"):
		r.list.Add(diag.New(diag.MissingSecret, w.Pos, "whoever reaches %s could silence alerts: it needs a token", text).
			WithHint("add `token_file:`, or listen on '127.0.0.1:%s'", port))
	}
	return w
}

// isLoopback takes addresses and the one name that always is.
func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

var storageKeys = yamldoc.Keys{
	Where: "storage",
	Known: []string{"path", "retention", "max_size", "sync"},
}

func (r *reader) storage(root *yamldoc.Node) Storage {
	s := Storage{Retention: DefaultRetention, MaxSize: DefaultMaxSize, Sync: true}
	n := root.Get("storage")
	if n == nil || !n.AsMapping(r.list) {
		return s
	}
	n.CheckKeys(r.list, storageKeys)
	s.Path, s.Pos = DefaultStorage, n.Pos
	if path := r.file(n, "path"); path != "" {
		s.Path, s.Pos = path, n.Get("path").Pos
	}
	s.Retention = r.duration(n, "retention", DefaultRetention, minRetention)
	s.MaxSize = r.size(n, "max_size", DefaultMaxSize, minMaxSize)
	s.Sync = r.boolean(n, "sync", true)
	return s
}

var heartbeatKeys = yamldoc.Keys{
	Where: "heartbeat",
	Known: []string{"url", "url_file", "interval"},
}

func (r *reader) heartbeat(root *yamldoc.Node) Heartbeat {
	n := root.Get("heartbeat")
	if n == nil || !n.AsMapping(r.list) {
		return Heartbeat{}
	}
	n.CheckKeys(r.list, heartbeatKeys)
	if !given(n, "url") {
		r.list.Add(diag.New(diag.MissingKey, n.Pos, "a heartbeat needs the key `url` or `url_file`").
			WithHint("such as the address that a service for missing heartbeats gave you"))
	}
	return Heartbeat{
		URL:      r.secret(n, "url", httpURL),
		Interval: r.duration(n, "interval", DefaultHeartbeat, minHeartbeat),
		Pos:      n.Pos,
	}
}
