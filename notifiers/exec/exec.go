package exec

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/payload"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// The exit statuses with a meaning (sysexits.h); any other one is a refusal.
const (
	exitDelivered = 0
	exitTempFail  = 75
)

// Notify implements notifiers.Notifier. It returns when the program has ended,
// at the latest a few seconds after its time is over or ctx is done.
func (n *Notifier) Notify(ctx context.Context, note notifiers.Notification, _ notifiers.Receipt) (notifiers.Receipt, error) {
	body, err := payload.Encode(&note, 0)
	if err != nil {
		return "", n.failed(notifiers.Rejected, err.Error())
	}
	allowed := n.cfg.Timeout
	if end, ok := ctx.Deadline(); ok {
		allowed = min(allowed, time.Until(end).Round(time.Millisecond))
	}
	ctx, cancel := context.WithTimeout(ctx, allowed)
	defer cancel()
	r, err := n.run(ctx, body, environ(&note))
	if err != nil {
		return "", n.failed(startClass(err), "cannot be run: "+err.Error())
	}
	return "", n.answer(r, allowed)
}

// answer is what the end of the program means:
//
//	exit status 0                          delivered
//	75 (EX_TEMPFAIL)                       Retry
//	any other exit status                  Rejected
//	out of time, or ended by a signal      Retry
func (n *Notifier) answer(r result, allowed time.Duration) error {
	switch {
	case errors.Is(r.killed, context.DeadlineExceeded):
		return n.failed(notifiers.Retry, fmt.Sprintf("did not end within %s and was killed%s", allowed, r.said()))
	case r.killed != nil:
		return n.failed(notifiers.Retry, "was killed: "+r.killed.Error()+r.said())
	case r.signal != 0:
		return n.failed(notifiers.Retry, "was ended by a signal: "+r.signal.String()+r.said())
	case r.status == exitTempFail:
		return n.failed(notifiers.Retry, "exit status 75 (EX_TEMPFAIL)"+r.said())
	case r.status != exitDelivered:
		return n.failed(notifiers.Rejected, fmt.Sprintf("exit status %d%s", r.status, r.said()))
	}
	return nil
}

// failed names the program but not its arguments: those can be secrets.
func (n *Notifier) failed(class notifiers.Class, text string) error {
	return &notifiers.Error{Class: class, Op: "exec " + story.Line(filepath.Base(n.path), 60), Err: errors.New(story.Line(text, 600))}
}

// startClass sorts the errors of starting a program: a machine that is short of
// something may have it later, a program that is gone stays gone.
func startClass(err error) notifiers.Class {
	for _, wrong := range []error{os.ErrNotExist, os.ErrPermission, syscall.ENOEXEC, syscall.ENOTDIR, syscall.ELOOP, syscall.E2BIG, syscall.EINVAL} {
		if errors.Is(err, wrong) {
			return notifiers.Misconfigured
		}
	}
	return notifiers.Retry
}

// environ is all that the program gets as environment. The values are bounded
// and have no control characters.
func environ(note *notifiers.Notification) []string {
	env := []string{"LANG=C.UTF-8"}
	for _, name := range []string{"PATH", "LANG"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v) // of two values the last one counts
		}
	}
	for _, v := range [][2]string{
		{"ID", note.ID}, {"RECEIVER", note.Receiver}, {"STATUS", string(note.Status)}, {"KIND", string(note.Purpose())},
	} {
		env = append(env, "QMPALERT_"+v[0]+"="+story.Line(v[1], 200))
	}
	return env
}

// said is what the program printed to explain itself: the beginning of its
// standard error, or of its standard output where that is empty.
func (r *result) said() string {
	for _, text := range []string{r.stderr, r.stdout} {
		if text = strings.TrimSpace(text); text != "" {
			return ": " + story.Line(text, maxSaid)
		}
	}
	return ""
}
