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
//   - Some refused for now: the others get the mail, and the error says Resume:
//     with the receipt a repeat goes only to those that lack it.
//   - All refused: nothing is sent.
func (n *Notifier) Notify(ctx context.Context, note notifiers.Notification, prev notifiers.Receipt) (notifiers.Receipt, error) {
	t := n.follow(&note, prev)
	to := n.pending(&t)
	if len(to) == 0 { // the configuration lost who was to be waited for
		return t.whole(), nil
	}
	msg, err := n.compose(&note, &t)
	if err != nil {
		return "", failed("compose", notifiers.Rejected, err)
	}
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	defer cancel()
	s, err := n.connect(ctx)
	if err != nil {
		return t.soFar(err)
	}
	defer s.close()
	accepted, refused, err := s.deliver(n.from.Address, to, msg)
	if err != nil {
		return t.soFar(s.hide(err))
	}
	return t.outcome(note.ID, accepted, refused, s)
}

// Check connects, encrypts and logs in as for a mail, and sends none: what is
// wrong with server, certificate or password shows before the first alert. Its
// errors are those of Notify.
func (n *Notifier) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, n.cfg.Timeout)
	defer cancel()
	s, err := n.connect(ctx)
	if err != nil {
		return err
	}
	s.close()
	return nil
}

// outcome is what a mail that the server took means, if it took it for anybody.
func (t *thread) outcome(id string, accepted []string, refused []*notifiers.Error, s *session) (notifiers.Receipt, error) {
	if len(refused) == 0 {
		return t.whole(), nil
	}
	e := deciding(refused)
	err := s.hide(e)
	switch {
	case e.Class == notifiers.Retry:
		if len(accepted) > 0 {
			t.got(id, accepted)
		}
		return t.soFar(err)
	case len(accepted) > 0 || len(t.Have) > 0:
		return t.whole(), err
	}
	return "", err
}

// soFar is the answer to a try that failed. If somebody has the mail from an
// earlier one, the receipt says so.
func (t *thread) soFar(err error) (notifiers.Receipt, error) {
	e := (*notifiers.Error)(nil)
	switch {
	case len(t.Have) == 0 || !errors.As(err, &e):
		return "", err
	case e.Class == notifiers.Rejected:
		return t.whole(), err
	}
	e.Resume = true
	return t.receipt(), err
}

// whole is the receipt of a mail that nobody waits for any more.
func (t *thread) whole() notifiers.Receipt {
	done := *t
	done.Part, done.Have = "", nil
	return done.receipt()
}

// deliver sends one mail over a session to those of the addresses that the
// server takes. err is about the sender, the message or the connection: then
// nobody has it, as far as we know.
func (s *session) deliver(from string, to []string, msg writerTo) (accepted []string, refused []*notifiers.Error, err error) {
	accepted, refused, err = s.envelope(from, to)
	if err != nil || len(accepted) == 0 {
		return nil, refused, err
	}
	return accepted, refused, s.send(msg)
}

// envelope gives sender and addresses. accepted and refused are the addresses,
// err is about the sender or the connection.
func (s *session) envelope(from string, to []string) (accepted []string, refused []*notifiers.Error, err error) {
	if err := s.c.Mail("<" + from + ">"); err != nil {
		return nil, nil, classify("MAIL FROM", "", err)
	}
	for _, a := range to {
		err := s.c.Rcpt("<" + a + ">")
		if err == nil {
			accepted = append(accepted, a)
			continue
		}
		e := classify("RCPT TO", "<"+a+">", err)
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
		return classify("DATA", "", err)
	}
	if _, err := msg.WriteTo(w); err != nil {
		// Closing w would end the mail as if it were whole.
		s.conn.Close()
		return classify("message", "", err)
	}
	if err := w.Close(); err != nil {
		return classify("end of message", "", err)
	}
	return nil
}

// deciding is the error that decides: Retry before all, because a repeat may
// still bring the mail to somebody.
func deciding(errs []*notifiers.Error) *notifiers.Error {
	i := slices.IndexFunc(errs, func(e *notifiers.Error) bool { return e.Class == notifiers.Retry })
	return errs[max(i, 0)]
}
