package config

import (
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var (
	httpKeys = yamldoc.Keys{
		Where: "http_config",
		Known: []string{"authorization", "basic_auth", "tls_config"},
		Unsupported: []string{"oauth2", "proxy_url", "no_proxy", "proxy_from_environment", "proxy_connect_header",
			"follow_redirects", "enable_http2", "bearer_token", "bearer_token_file", "http_headers"},
	}
	authorizationKeys = yamldoc.Keys{
		Where:       "authorization",
		Known:       []string{"credentials", "credentials_file"},
		Unsupported: []string{"type", "credentials_ref"},
	}
	basicAuthKeys = yamldoc.Keys{
		Where:       "basic_auth",
		Known:       []string{"username", "password", "password_file"},
		Unsupported: []string{"username_file", "username_ref", "password_ref"},
	}
)

// http reads the http_config of a receiver.
func (r *reader) http(receiver *yamldoc.Node) HTTP {
	n := receiver.Get("http_config")
	if n == nil || !n.AsMapping(r.list) {
		return HTTP{}
	}
	n.CheckKeys(r.list, httpKeys)
	h := HTTP{TLS: r.tls(n)}
	if v := n.Get("authorization"); v != nil && v.AsMapping(r.list) {
		v.CheckKeys(r.list, authorizationKeys)
		h.Credentials = r.secret(v, "credentials", nil)
		if !given(v, "credentials") {
			r.list.Errorf(diag.MissingSecret, v.Pos, "authorization needs the key `credentials` or `credentials_file`")
		}
	}
	if v := n.Get("basic_auth"); v != nil && v.AsMapping(r.list) {
		v.CheckKeys(r.list, basicAuthKeys)
		h.BasicAuth.Username, _ = r.required(v, "basic_auth", "username")
		h.BasicAuth.Password = r.secret(v, "password", nil)
		if !given(v, "password") {
			r.list.Errorf(diag.MissingSecret, v.Pos, "basic_auth needs the key `password` or `password_file`")
		}
	}
	if n.Get("authorization") != nil && n.Get("basic_auth") != nil {
		r.list.Errorf(diag.KeyCombination, n.Key("basic_auth").Pos, "`authorization` and `basic_auth` exclude each other")
	}
	return h
}

var tlsKeys = yamldoc.Keys{
	Where:       "tls_config",
	Known:       []string{"ca_file", "cert_file", "key_file", "server_name", "insecure_skip_verify"},
	Unsupported: []string{"ca", "ca_ref", "cert", "cert_ref", "key", "key_ref", "min_version", "max_version"},
}

func (r *reader) tls(n *yamldoc.Node) TLS {
	v := n.Get("tls_config")
	if v == nil || !v.AsMapping(r.list) {
		return TLS{}
	}
	v.CheckKeys(r.list, tlsKeys)
	t := TLS{
		CAFile:             r.file(v, "ca_file"),
		CertFile:           r.file(v, "cert_file"),
		KeyFile:            r.file(v, "key_file"),
		ServerName:         r.name(v, "server_name"),
		InsecureSkipVerify: r.boolean(v, "insecure_skip_verify", false),
	}
	if (v.Get("cert_file") == nil) != (v.Get("key_file") == nil) {
		r.list.Errorf(diag.KeyCombination, v.Pos, "`cert_file` and `key_file` go together")
	}
	return t
}
