package email

import (
	"context"
	"errors"
	"net/textproto"
	"slices"

	"github.com/qmpalert/qmpalert/notifiers"
)

// Notify implements notifiers.Notifier. Addresses are refused one by one:
//
//   - Some refused for good: the others get the mail, and the error comes with
//     the receipt (delivered in part).
//   - Some refused for now: the others get the mail, and the error asks for a
//     repeat, which then goes only to those that lack it. Which these are is
//     kept in memory.
//   - All refused: nothing is sent.
func (n *Notifier) Notify(ctx context.Context, note notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	msg, root, err := n.compose(&note, prev)
	if err != nil {
		return "", failed("compose", notifiers.Rejected, err)
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	defer cancel()
	s, err := n.connect(ctx)
	if err != nil {
		return "", err
	}
	defer s.close()

	sent, err := n.deliver(s, msg, note.ID)
	if !sent {
		root = ""
	}
	return root, s.hide(err)
}

// deliver sends one mail over a session. sent means that nobody is left who
// could still get it by a repeat.
func (n *Notifier) deliver(s *session, msg writerTo, id string) (sent bool, err error) {
	accepted, refused, err := s.envelope(n.from.Address, n.pending(id))
	if err != nil {
		return false, err
	}
	if len(accepted) == 0 {
		e := worst(refused)
		return e.Class != notifiers.Retry && n.finish(id), e
	}
	if err := s.send(msg); err != nil {
		return false, err
	}
	if len(refused) == 0 {
		n.finish(id)
		return true, nil
	}
	e := worst(refused)
	if e.Class == notifiers.Retry {
		n.has(id, accepted)
		return false, e
	}
	n.finish(id)
	return true, e
}

// envelope gives sender and addresses. accepted and refused are the addresses,
// err is about the sender or the connection.
func (s *session) envelope(from string, to []string) (accepted []string, refused []*notifiers.Error, err error) {
	if err := s.c.Mail("<" + from + ">"); err != nil {
		return nil, nil, classify("MAIL FROM", err)
	}
	for _, a := range to {
		err := s.c.Rcpt("<" + a + ">")
		if err == nil {
			accepted = append(accepted, a)
			continue
		}
		e := classify("RCPT TO <"+a+">", err)
		if answer := (*textproto.Error)(nil); !errors.As(err, &answer) || answer.Code == 421 {
			return nil, nil, e // the connection is gone, not the address
		}
		refused = append(refused, e)
	}
	return accepted, refused, nil
}

// send transfers the mail. It was accepted exactly when the error is nil.
func (s *session) send(msg writerTo) error {
	w, err := s.c.Data()
	if err != nil {
		return classify("DATA", err)
	}
	if _, err := msg.WriteTo(w); err != nil {
		// Closing w would end the mail as if it were whole.
		s.conn.Close()
		return classify("message", err)
	}
	if err := w.Close(); err != nil {
		return classify("end of message", err)
	}
	return nil
}

// worst is the error that decides: Retry before all, because a repeat may still
// bring the mail to somebody.
func worst(errs []*notifiers.Error) *notifiers.Error {
	i := slices.IndexFunc(errs, func(e *notifiers.Error) bool { return e.Class == notifiers.Retry })
	return errs[max(i, 0)]
}

// maxDone bounds the memory of mails that wait for some of their addresses.
const maxDone = 1000

func (n *Notifier) pending(id string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for _, a := range n.to {
		if !slices.Contains(n.done[id], a.Address) && !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return out
}

func (n *Notifier) has(id string, addresses []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.done) >= maxDone {
		clear(n.done) // a double is the worst that follows
	}
	n.done[id] = append(n.done[id], addresses...)
}

// finish forgets a mail and reports whether somebody had got it by an earlier
// try.
func (n *Notifier) finish(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	had := len(n.done[id]) > 0
	delete(n.done, id)
	return had
}
