package config

import (
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var sourceKeys = yamldoc.Keys{
	Where:       "a source",
	Known:       []string{"qmp", "file", "vm_name"},
	Unsupported: []string{"listen", "libvirt"},
}

func (r *reader) source(n *yamldoc.Node, c *Config) {
	if !n.AsMapping(r.list) {
		return
	}
	n.CheckKeys(r.list, sourceKeys)
	s := Source{Pos: n.Pos}
	for _, other := range sourceKeys.Unsupported {
		if n.Get(other) != nil {
			return // refused already
		}
	}
	qmp, file := n.Get("qmp"), n.Get("file")
	switch {
	case qmp != nil && file != nil:
		r.list.Add(diag.New(diag.KeyCombination, n.Key("file").Pos, "a source is either `qmp` or `file`").
			WithHint("make two entries of it").WithRelated(n.Key("qmp").Pos, "the other one"))
	case qmp == nil && file == nil:
		r.list.Errorf(diag.MissingKey, n.Pos, "a source needs the key `qmp` or `file`")
	}
	if text, ok := r.text(n, "qmp"); ok {
		s.QMP = r.qmp(qmp, text)
	}
	if text, ok := r.text(n, "file"); ok {
		s.File = r.followed(file, text)
	}
	var ok bool
	if s.VMName, ok = r.text(n, "vm_name"); ok {
		r.vmName(n.Get("vm_name"), s)
	}
	r.overlap(s, c.Sources)
	c.Sources = append(c.Sources, s)
}

// mostCompared bounds how many sources each one is compared with.
const mostCompared = 1000

// overlap finds the first source that reads the same.
func (r *reader) overlap(s Source, others []Source) {
	for _, other := range others[:min(len(others), mostCompared)] {
		var what, hint string
		switch {
		case other.QMP == s.QMP && other.File == s.File && s.QMP+s.File != "":
			what, hint = "this source stands here for the second time", "remove one of them: every event would be read twice"
		case covers(s.File, other.File) || covers(other.File, s.File):
			what, hint = "another source reads files of this one, too", "keep the patterns apart: every event of these files would be read twice"
		case covers(s.QMP, other.QMP) || covers(other.QMP, s.QMP):
			what, hint = "another source reads monitors of this one, too", "keep the patterns apart: a monitor serves one client"
		default:
			continue
		}
		r.list.Add(diag.New(diag.NoEffect, s.Pos, "%s", what).WithHint("%s", hint).WithRelated(other.Pos, "the other one"))
		return
	}
}

// covers reports whether a pattern reaches all that another one, or a path, does.
func covers(pattern, other string) bool {
	if pattern == "" || other == "" || strings.Contains(pattern, "://") {
		return false
	}
	matched, err := filepath.Match(pattern, other)
	return err == nil && matched
}

// qmp checks an address and makes a path relative to the working directory.
func (r *reader) qmp(n *yamldoc.Node, text string) string {
	bad := func(hint, format string, args ...any) string {
		r.list.Add(diag.New(diag.BadAddress, n.Pos, format, args...).WithHint("%s", hint))
		return text
	}
	if address, ok := strings.CutPrefix(text, "tcp://"); ok {
		host, port, err := net.SplitHostPort(address)
		number, portErr := strconv.ParseUint(port, 10, 16)
		if err != nil || portErr != nil || host == "" || number == 0 {
			return bad("write it as tcp://127.0.0.1:4444", "%q is not tcp:// with a host and a port", text)
		}
		return text
	}
	if scheme, _, ok := strings.Cut(text, "://"); ok {
		return bad("write the path of a unix socket, or tcp://host:port", "`qmp` does not know %s://", scheme)
	}
	if rest, ok := strings.CutPrefix(text, "unix:"); ok {
		return bad("write "+rest, "`qmp` takes the path of a unix socket without unix:")
	}
	if _, err := filepath.Match(text, ""); err != nil {
		return bad("close the [ or write \\[ for the character", "%q is no glob", text)
	}
	return r.path(text)
}

// followed checks the path or glob of recordings.
func (r *reader) followed(n *yamldoc.Node, text string) string {
	switch _, err := filepath.Match(text, ""); {
	case err != nil:
		r.list.Add(diag.New(diag.BadAddress, n.Pos, "%q is no glob", text).WithHint("close the [ or write \\[ for the character"))
	case text == "-" || strings.Contains(text, "://"):
		r.list.Add(diag.New(diag.BadAddress, n.Pos, "`file` is the path of a recording, or a glob of such paths").
			WithHint("what cannot be opened again is read with `qmpalert replay`"))
	}
	return r.path(text)
}

// placeholder is the one thing that {{ }} may hold in vm_name.
var placeholder = regexp.MustCompile(`\{\{ *file *\}\}`)

func (r *reader) vmName(n *yamldoc.Node, s Source) {
	fixed := placeholder.ReplaceAllString(s.VMName, "")
	switch {
	case strings.Contains(fixed, "{{") || strings.Contains(fixed, "}}"):
		r.list.Add(diag.New(diag.NotSupported, n.Pos, "`vm_name` knows only {{ file }}").
			WithHint("{{ file }} is the name of the file without its extension"))
	case fixed != diag.Printable(fixed):
		r.list.Errorf(diag.BadValue, n.Pos, "`vm_name` has a control character in it")
	case s.QMP != "" && fixed == s.VMName && !strings.Contains(s.QMP, "://") && strings.ContainsAny(s.QMP, "*?["):
		r.list.Add(diag.New(diag.BadValue, n.Pos, "every socket of this glob would be the same VM").
			WithHint("use {{ file }} in it, or leave it out: then QEMU says the name"))
	}
}
