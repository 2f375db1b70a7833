package config

import (
	"net"
	"net/mail"
	"strconv"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var emailKeys = yamldoc.Keys{
	Where: "email_configs",
	Known: []string{"to", "from", "smarthost", "hello", "auth_username", "auth_password", "auth_password_file",
		"require_tls", "tls_config", "headers", "send_resolved"},
	Unsupported: []string{"auth_secret", "auth_secret_file", "auth_identity", "force_implicit_tls", "html", "text", "threading"},
}

func (r *reader) email(n *yamldoc.Node) Email {
	n.CheckKeys(r.list, emailKeys)
	e := Email{
		Hello:        r.name(n, "hello"),
		AuthPassword: r.secret(n, "auth_password", nil),
		RequireTLS:   r.boolean(n, "require_tls", true),
		TLS:          r.tls(n),
		Headers:      r.headers(n),
		SendResolved: r.boolean(n, "send_resolved", true),
		Pos:          n.Pos,
	}
	if v := n.Require(r.list, "an e-mail receiver", "to"); v != nil {
		e.To = r.addresses(v)
	}
	if v := n.Get("from"); v != nil {
		switch from := r.addresses(v); {
		case len(from) == 1:
			e.From = from[0]
		case len(from) > 1:
			r.list.Errorf(diag.BadAddress, v.Pos, "`from` must be one address")
		}
	}
	if s, ok := r.required(n, "an e-mail receiver", "smarthost"); ok {
		e.Smarthost = s
		if !hostPort(s) {
			r.list.Add(diag.New(diag.BadAddress, n.Get("smarthost").Pos, "`smarthost` is not a host with a port").
				WithHint("write it as 'mail.example.org:587'"))
		}
	}
	e.AuthUsername, _ = r.text(n, "auth_username")
	if k := n.Key("auth_username"); k != nil && !given(n, "auth_password") {
		r.list.Errorf(diag.KeyCombination, k.Pos, "`auth_username` needs `auth_password` or `auth_password_file`")
	}
	return e
}

func hostPort(s string) bool {
	host, port, err := net.SplitHostPort(s)
	number, portErr := strconv.ParseUint(port, 10, 16)
	return err == nil && portErr == nil && host != "" && number > 0
}

// addresses reads one or more mail addresses, as a list or separated by commas.
func (r *reader) addresses(v *yamldoc.Node) []string {
	nodes, _ := v.AsScalarList(r.list)
	var out []string
	for _, node := range nodes {
		if node.Kind != yamldoc.Scalar || node.IsNull() {
			continue
		}
		parsed, err := mail.ParseAddressList(node.Value)
		if err != nil {
			r.list.Add(diag.New(diag.BadAddress, node.Pos, "%q is not a mail address", node.Value).
				WithHint("write it as ops@example.org or 'Ops <ops@example.org>'"))
			continue
		}
		for _, a := range parsed {
			if a.Name == "" {
				out = append(out, a.Address)
			} else {
				out = append(out, a.String())
			}
		}
	}
	return out
}
