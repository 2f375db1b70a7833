package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// DefaultPaths is where the configuration is looked for, in this order.
var DefaultPaths = []string{"qmpalert.yml", "/etc/qmpalert/qmpalert.yml"}

// Find returns the first of DefaultPaths that exists, "" if none does. One
// that exists but cannot be read is returned: LoadFile says why.
func Find() string {
	for _, path := range DefaultPaths {
		if _, err := os.Lstat(path); err == nil {
			return path
		}
	}
	return ""
}

// LoadFile reads a configuration from disk, with the environment of the
// process. shown is the text of the file with secrets masked, to print findings
// with (see Mask). The Config is nil if and only if a finding is an error.
func LoadFile(path string) (c *Config, shown []byte, list diag.List) {
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		var src []byte
		// One byte more than is taken, so that Load sees that it is too much.
		if src, err = io.ReadAll(io.LimitReader(f, yamldoc.MaxBytes+1)); err == nil {
			c, list = Load(path, src, os.LookupEnv)
			return c, Mask(src), list
		}
	}
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		err = pe.Err // the finding has the name
	}
	list.Errorf(diag.Unreadable, diag.Pos{File: path}, "the configuration cannot be read: %v", err)
	return nil, nil, list
}

// CheckFiles reads every secret file once and reports those that cannot be
// read. The file may come later: it is read again at each use.
func (c *Config) CheckFiles() diag.List {
	var list diag.List
	for _, s := range c.secrets() {
		if s.file == "" {
			continue
		}
		if _, err := s.Read(); err != nil {
			list.Errorf(diag.UnreadableSecret, s.pos, "%v", err)
		}
	}
	list.Sort()
	return list
}

// secrets lists all of them, also those that are not set.
func (c *Config) secrets() []Secret {
	all := []Secret{c.Web.Token, c.Heartbeat.URL}
	web := func(h HTTP) { all = append(all, h.Credentials, h.BasicAuth.Password) }
	for i := range c.Receivers {
		r := &c.Receivers[i]
		for _, s := range r.Slack {
			all = append(all, s.Token, s.SocketModeToken, s.WebhookURL)
		}
		for _, e := range r.Email {
			all = append(all, e.AuthPassword)
		}
		for _, w := range r.Webhook {
			all = append(append(all, w.URL), w.SigningSecrets...)
			all = append(all, w.Body.secrets()...)
			web(w.HTTP)
		}
		for _, a := range r.Alertmanager {
			all = append(all, a.URL)
			web(a.HTTP)
		}
	}
	return all
}

// behind a key stands its value: quoted, a variable, or plain; perhaps in a
// list where none is meant.
const behind = `(?:["']\s*:|\s*:[ \t])[ \t]*(?:\[[ \t]*)?("[^"\n]*"|'[^'\n]*'|\$\{[^}\n]*\}|[^\s#{\[|>"'](?:[^\n,}]|[,}][^\s,}])*)`

// secretText finds what looks like a secret in a line: the value behind a key
// with a telling name, Slack's tokens and webhooks, and passwords in URLs.
var secretText = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(?:tok|pass|secret|cred|auth|cookie|key)[a-z_-]*` + behind),
	regexp.MustCompile(`(?i)\bx-[a-z-]*` + behind), // headers that a service made up
	regexp.MustCompile(`(?i)(?:tok|pass|secret|cred|auth|url)[a-z_]*["']?\s*:[ \t]*[|>][-+0-9]*[ \t]*\n[ \t]+([^\n]+)`),
	regexp.MustCompile(`(?i)(?:\b|webhook_)url` + behind),
	regexp.MustCompile(`(?i)signing_secret["']?\s*:[ \t]*\[([^\]]*)`), // a list of them
	regexp.MustCompile(`(?i)signing_secret["']?\s*:[ \t]*\r?\n((?:[ \t]*-[^\n]*\n?)+)`),
	regexp.MustCompile(`whsec_([^\s"',}]+)`),
	regexp.MustCompile(`((?:xox[a-z]|xapp)-[^\s"',}]+)`),
	regexp.MustCompile(`hooks\.slack\.com/([^\s"',}]+)`),
	regexp.MustCompile(`://[^\s/@:]*:([^\s/@]+)@`),
}

// harmless are the values that stay readable: the names of files and
// variables, which are what most findings are about.
var harmless = regexp.MustCompile(`(?i)(?:_file|auth_username)["']?\s*:|^["']?\$\{[A-Za-z0-9_]*\}["']?$`)

// Mask replaces what looks like a secret in the text of a configuration by
// asterisks, one for each character, so that columns stay as they are. It is
// for showing lines next to findings, where a misspelled key may be beside a
// token.
func Mask(src []byte) []byte {
	hide := make([]bool, len(src))
	for _, re := range secretText {
		for _, m := range re.FindAllSubmatchIndex(src, -1) {
			if harmless.Match(src[m[0]:m[2]]) || harmless.Match(bytes.TrimSpace(src[m[2]:m[3]])) {
				continue
			}
			for i := m[2]; i < m[3]; i++ {
				hide[i] = true
			}
		}
	}
	out := make([]byte, 0, len(src))
	for i := 0; i < len(src); {
		_, n := utf8.DecodeRune(src[i:])
		if hide[i] && src[i] > ' ' {
			out = append(out, '*')
		} else {
			out = append(out, src[i:i+n]...)
		}
		i += n
	}
	return out
}
