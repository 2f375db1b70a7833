package qmpsock

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// address is one place where a monitor may be.
type address struct {
	network string // "unix" or "tcp"
	addr    string // path, or host:port
}

// source is how events and people call it.
func (a address) source() string {
	if a.network == "tcp" {
		return "qmp:tcp://" + a.addr
	}
	return "qmp:" + a.addr
}

// file is what {{ file }} stands for: the base name without its extension, or
// host:port.
func (a address) file() string {
	if a.network == "tcp" {
		return a.addr
	}
	base := filepath.Base(a.addr)
	if name := strings.TrimSuffix(base, filepath.Ext(base)); name != "" {
		return name
	}
	return base // .qmp
}

// identity tells one socket file from another of the same name. nil means that
// nothing is there, or that it cannot be known.
func (a address) identity() os.FileInfo {
	if a.network == "tcp" {
		return nil
	}
	info, err := os.Stat(a.addr)
	if err != nil {
		return nil
	}
	return info
}

// replaced says that one socket file is not the other; false when one of them
// is not known. An inode may be used again, hence the time.
func replaced(before, now os.FileInfo) bool {
	return before != nil && now != nil && (!os.SameFile(before, now) || !before.ModTime().Equal(now.ModTime()))
}

// vanished says that the socket file is not there; never true for TCP.
func (a address) vanished() bool {
	if a.network == "tcp" {
		return false
	}
	_, err := os.Stat(a.addr)
	return errors.Is(err, os.ErrNotExist)
}

// pattern is where to look for monitors.
type pattern struct {
	network string
	text    string // path, glob or host:port
}

func parsePattern(text string) (pattern, error) {
	if hostPort, ok := strings.CutPrefix(text, "tcp://"); ok {
		host, port, err := net.SplitHostPort(hostPort)
		if err != nil || port == "" {
			return pattern{}, fmt.Errorf("qmp: %q has no host and port: write it as tcp://127.0.0.1:4444", text)
		}
		return pattern{network: "tcp", text: net.JoinHostPort(host, port)}, nil
	}
	file := strings.TrimPrefix(text, "unix:")
	if strings.Contains(file, "://") || file == "" {
		return pattern{}, fmt.Errorf("qmp: %q is neither a path nor an address: write /run/qemu/*.qmp or tcp://127.0.0.1:4444", text)
	}
	// path's Match reads a pattern to its end, that of filepath, which Glob uses
	// and which knows the same words, only as far as the name goes.
	if _, err := path.Match(file, ""); err != nil {
		return pattern{}, fmt.Errorf("qmp: %q is not a valid pattern: %w", text, err)
	}
	return pattern{network: "unix", text: file}, nil
}

func (p pattern) source() string { return address{p.network, p.text}.source() }

// find returns the monitors that may be there now, in order of name.
func (p pattern) find() []address {
	if p.network == "tcp" {
		return []address{{p.network, p.text}}
	}
	paths, err := filepath.Glob(p.text)
	if err != nil {
		return nil // parsePattern has tried it
	}
	found := make([]address, len(paths))
	for i, path := range paths {
		found[i] = address{p.network, path}
	}
	return found
}

// why says why find finds nothing, as far as it can be known.
func (p pattern) why() (denied bool, reason string) {
	dir := p.text
	for hasMeta(dir) {
		dir = filepath.Dir(dir)
	}
	var err error
	if dir == p.text {
		_, err = os.Stat(dir)
	} else {
		_, err = os.ReadDir(dir)
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return true, "no permission to look there: " + err.Error()
	case errors.Is(err, os.ErrNotExist):
		return false, dir + " is not there yet"
	case err != nil:
		return false, err.Error()
	}
	return false, "no socket there yet"
}

func hasMeta(path string) bool { return strings.ContainsAny(path, `*?[\`) }
