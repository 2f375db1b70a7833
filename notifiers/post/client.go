package post

import (
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Options of a client.
type Options struct {
	// Timeout bounds one request from dialling to the last byte of the answer;
	// 0: 15s.
	Timeout time.Duration
	// TLS may be nil.
	TLS *tls.Config
	// Proxy, "" for that of the environment (HTTPS_PROXY, NO_PROXY). Behind a
	// proxy it is the proxy that resolves names: addresses are checked only
	// where the URL names them.
	Proxy *url.URL
}

// NewClient returns a client that follows no redirects, keeps no cookies and
// connects to no forbidden address (see Forbidden), whatever a name resolves
// to. Idle connections close after 30 seconds.
func NewClient(o Options) *http.Client {
	if o.Timeout <= 0 {
		o.Timeout = 15 * time.Second
	}
	proxy := http.ProxyFromEnvironment
	if o.Proxy != nil {
		proxy = http.ProxyURL(o.Proxy)
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: guard}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            dialer.DialContext,
			TLSClientConfig:        o.TLS,
			TLSHandshakeTimeout:    10 * time.Second,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           4,
			IdleConnTimeout:        30 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
