package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// The exit codes. They are a contract with scripts.
const (
	exitOK       = 0 // fine, also with warnings
	exitFindings = 1 // check found something, a test notification did not arrive
	exitUsage    = 2 // usage, unreadable input, invalid rules anywhere but in check
)

// failure is an error that knows its exit code and how to mend it.
type failure struct {
	code int
	err  error // nil when everything has been said already
	hint string
}

func (f *failure) Error() string {
	if f.err == nil {
		return fmt.Sprintf("exit code %d", f.code)
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// usage is a wrong command line, or input that cannot be used.
func usage(hint, format string, args ...any) error {
	return &failure{code: exitUsage, err: fmt.Errorf(format, args...), hint: hint}
}

// silent ends with a code after the verb has printed all there is to say.
func silent(code int) error { return &failure{code: code} }

// exit prints an error, if there is something to say, and returns its code.
// An error that is no failure is unreadable input.
func exit(w io.Writer, err error) int {
	if err == nil || errors.Is(err, syscall.EPIPE) {
		return exitOK // the reader of our output has seen enough
	}
	var f *failure
	if !errors.As(err, &f) {
		f = &failure{code: exitUsage, err: err}
	}
	if f.err == nil {
		return f.code
	}
	fmt.Fprintf(w, "qmpalert: %s\n", diag.Printable(plain(f.err)))
	if f.hint != "" {
		fmt.Fprintf(w, "  hint: %s\n", diag.Printable(f.hint))
	}
	return f.code
}

// plain words an error about a file without the name of the system call.
func plain(err error) string {
	text := err.Error()
	var p *fs.PathError
	if errors.As(err, &p) {
		text = strings.Replace(text, p.Error(), p.Path+": "+p.Err.Error(), 1)
	}
	return text
}
