package email

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
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
func classify(stage string, err error, secrets ...string) *notifiers.Error {
	class := notifiers.Retry
	if answer := (*textproto.Error)(nil); errors.As(err, &answer) {
		if answer.Code >= 500 {
			class = permanent(stage, answer.Code)
		}
		err = answer // go-mail joins what QUIT said
	} else if untrusted(err) {
		class = notifiers.Misconfigured
	}
	return failed(stage, class, err, secrets...)
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

// failed makes the error. The text of a server can repeat what it was sent:
// secrets go out in the forms in which they were sent.
func failed(stage string, class notifiers.Class, err error, secrets ...string) *notifiers.Error {
	var all []string
	if len(secrets) == 2 {
		user, password := secrets[0], secrets[1]
		all = append(all, base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+password)),
			base64.StdEncoding.EncodeToString([]byte(password)), password)
	}
	return &notifiers.Error{Class: class, Op: "SMTP " + stage, Err: post.Redact(err, all...)}
}
