package config

import (
	"net/mail"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// reader collects findings while it walks the file.
type reader struct {
	list *diag.List
	dir  string // the paths in the file are relative to it
}

// path joins a path of the file to the file's directory.
func (r *reader) path(p string) string {
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(r.dir, p)
}

// text reads a key that may be absent; ok is false when it is, or is no text.
func (r *reader) text(n *yamldoc.Node, key string) (string, bool) {
	v := n.Get(key)
	if v == nil {
		return "", false
	}
	s, ok := v.AsString(r.list)
	if ok && s == "" {
		r.list.Errorf(diag.BadValue, v.Pos, "`%s` is an empty text", key)
		return "", false
	}
	return s, ok
}

// required is text for a key that must be there.
func (r *reader) required(n *yamldoc.Node, where, key string) (string, bool) {
	if n.Require(r.list, where, key) == nil {
		return "", false
	}
	return r.text(n, key)
}

// name is text without control characters and white space.
func (r *reader) name(n *yamldoc.Node, key string) string {
	s, ok := r.text(n, key)
	if ok && (s != diag.Printable(s) || strings.ContainsAny(s, " \t")) {
		r.list.Errorf(diag.BadValue, n.Get(key).Pos, "`%s` must be one word", key)
	}
	return s
}

// file is text for the path of a file.
func (r *reader) file(n *yamldoc.Node, key string) string {
	if s, ok := r.text(n, key); ok {
		return r.path(s)
	}
	return ""
}

// boolean reads true or false; absent is the default.
func (r *reader) boolean(n *yamldoc.Node, key string, def bool) bool {
	if v := n.Get(key); v != nil {
		if b, ok := v.AsBool(r.list); ok {
			return b
		}
	}
	return def
}

// secret reads a key and its twin with _file. check, if there is one, says
// what is wrong with a value that stands in the file.
func (r *reader) secret(n *yamldoc.Node, key string, check func(string) string) Secret {
	var s Secret
	if value, ok := r.text(n, key); ok {
		s.value, s.pos = &value, n.Get(key).Pos
		if check != nil {
			if problem := check(value); problem != "" {
				r.list.Errorf(diag.BadAddress, s.pos, "`%s` %s", key, problem)
			}
		}
	}
	twin := key + "_file"
	if s.file = r.file(n, twin); s.file == "" {
		return s
	}
	if s.value != nil {
		r.list.Add(diag.New(diag.SecretTwice, n.Key(twin).Pos, "both `%s` and `%s` are given", key, twin).
			WithHint("keep one of them").WithRelated(n.Key(key).Pos, "the other one"))
		return s
	}
	s.pos = n.Get(twin).Pos
	return s
}

// given reports whether a secret or its twin stands in the mapping, good or not.
func given(n *yamldoc.Node, key string) bool {
	return n.Get(key) != nil || n.Get(key+"_file") != nil
}

// headerName is the token of RFC 9110 without signs that nobody uses.
var headerName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// headers reads a mapping of header names to values.
func (r *reader) headers(n *yamldoc.Node) []Header {
	v := n.Get("headers")
	if v == nil || !v.AsMapping(r.list) {
		return nil
	}
	var out []Header
	seen := map[string]bool{}
	v.Each(func(key, value *yamldoc.Node) {
		text, ok := value.AsString(r.list)
		switch {
		case !ok:
		case !headerName.MatchString(key.Value):
			r.list.Errorf(diag.BadValue, key.Pos, "%q is not the name of a header", key.Value)
		case text != diag.Printable(text):
			r.list.Errorf(diag.BadValue, value.Pos, "the header `%s` has a control character in it", key.Value)
		case seen[strings.ToLower(key.Value)]:
			r.list.Errorf(diag.DuplicateKey, key.Pos, "the header `%s` stands here for the second time", key.Value)
		default:
			seen[strings.ToLower(key.Value)] = true
			out = append(out, Header{key.Value, text})
		}
	})
	return out
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
