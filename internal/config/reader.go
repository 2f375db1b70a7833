package config

import (
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// reader collects findings while it walks the file.
type reader struct {
	list *diag.List
	dir  string // the paths in the file are relative to it

	// expanded are the values that held ${…}; true: nothing else.
	expanded map[*yamldoc.Node]bool

	wanted []wantedAlert // by matchers
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

// duration reads a duration of at least least; absent is the default.
func (r *reader) duration(n *yamldoc.Node, key string, def, least time.Duration) time.Duration {
	v := n.Get(key)
	if v == nil {
		return def
	}
	d, ok := v.AsDuration(r.list)
	switch {
	case !ok:
		return def
	case d < least:
		r.list.Errorf(diag.BadValue, v.Pos, "`%s` must be at least %s", key, duration.Format(least))
		return def
	}
	return d
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
	twin := key + "_file"
	value, _ := r.text(n, key)
	file, _ := r.text(n, twin)
	if value != "" && file != "" {
		r.secretTwice(n, key)
	}
	if value != "" {
		return r.inline(n.Get(key), key, check)
	}
	if file != "" {
		return Secret{file: r.path(file), pos: n.Get(twin).Pos}
	}
	return Secret{}
}

// secrets reads one or several of them, while they are changed: old and new.
func (r *reader) secrets(n *yamldoc.Node, key string) []Secret {
	twin := key + "_file"
	if n.Get(key) != nil && n.Get(twin) != nil {
		r.secretTwice(n, key)
	}
	var out []Secret
	for _, name := range []string{key, twin} {
		v := n.Get(name)
		if v == nil {
			continue
		}
		nodes, _ := v.AsScalarList(r.list)
		for _, node := range nodes {
			switch {
			case node.Kind != yamldoc.Scalar || node.IsNull(): // reported
			case node.Value == "":
				r.list.Errorf(diag.BadValue, node.Pos, "`%s` is an empty text", name)
			case name == twin:
				out = append(out, Secret{file: r.path(node.Value), pos: node.Pos})
			default:
				out = append(out, r.inline(node, name, nil))
			}
		}
	}
	return out
}

// inline is a secret that stands in the file.
func (r *reader) inline(n *yamldoc.Node, key string, check func(string) string) Secret {
	value := n.Value
	if check != nil {
		if problem := check(value); problem != "" {
			r.list.Errorf(diag.BadAddress, n.Pos, "`%s` %s", key, problem)
		}
	}
	return Secret{value: &value, pos: n.Pos}
}

func (r *reader) secretTwice(n *yamldoc.Node, key string) {
	twin := key + "_file"
	r.list.Add(diag.New(diag.SecretTwice, n.Key(twin).Pos, "both `%s` and `%s` are given", key, twin).
		WithHint("keep one of them").WithRelated(n.Key(key).Pos, "the other one"))
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
