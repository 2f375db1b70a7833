package email

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// classify says what an error at a stage of the session means:
//
//	no answer at all, answers that are not SMTP    Retry
//	certificate not trusted, no common TLS         Misconfigured
//	4xx at any stage                               Retry
//	5xx until the mail begins: greeting, EHLO,
//	STARTTLS, AUTH, MAIL FROM, RCPT TO             Misconfigured
//	5xx at DATA and at the end of the message,
//	552 (too big) at MAIL FROM and RCPT TO         Rejected
func classify(stage string, err error) *notifiers.Error {
	class := notifiers.Retry
	if answer := (*textproto.Error)(nil); errors.As(err, &answer) {
		if answer.Code >= 500 {
			class = permanent(stage, answer.Code)
		}
		err = fmt.Errorf("%d %s", answer.Code, answer.Msg)
	} else if untrusted(err) {
		class = notifiers.Misconfigured
	}
	return failed(stage, class, err)
}

func permanent(stage string, code int) notifiers.Class {
	switch {
	case stage == "DATA", stage == "end of message", stage == "message":
		return notifiers.Rejected
	case code == 552 && (stage == "MAIL FROM" || strings.HasPrefix(stage, "RCPT TO")):
		return notifiers.Rejected
	}
	return notifiers.Misconfigured
}

// untrusted: the connection works, but not with our idea of security.
func untrusted(err error) bool {
	var (
		verify  *tls.CertificateVerificationError
		unknown x509.UnknownAuthorityError
		name    x509.HostnameError
		invalid x509.CertificateInvalidError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	return errors.As(err, &verify) || errors.As(err, &unknown) || errors.As(err, &name) ||
		errors.As(err, &invalid) || errors.As(err, &record) || errors.As(err, &alert)
}

func failed(stage string, class notifiers.Class, err error) *notifiers.Error {
	return &notifiers.Error{Class: class, Op: "SMTP " + stage, Err: post.Redact(err)}
}

// hide takes the password out of an error, in the forms in which it was sent: a
// server can repeat it at any stage after.
func (s *session) hide(err error) error {
	e := (*notifiers.Error)(nil)
	if s.password != "" && errors.As(err, &e) {
		encode := base64.StdEncoding.EncodeToString
		e.Err = post.Redact(e.Err, encode([]byte("\x00"+s.user+"\x00"+s.password)), encode([]byte(s.password)), s.password)
	}
	return err
}
