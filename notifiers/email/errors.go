package email

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/post"
)

// A verdict is what answers mean at one stage of a session.
type verdict struct {
	stage     string          // as errors name it
	temporary notifiers.Class // 4xx
	permanent notifiers.Class // 5xx
	full      notifiers.Class // 552: the mail is too big, or the box is full
	silence   notifiers.Class // the connection ends, nothing comes in time, or no SMTP
}

// verdicts are the stages in their order. Whatever a server refuses for good
// before the mail begins is the fault of the configuration (or of the server),
// after that it is this mail that it does not want. A connection that ends after
// the last dot leaves open whether the mail was taken: it is sent again, and
// mail programs hide the double by its Message-ID.
var verdicts = []verdict{
	{"connect", retry, retry, retry, retry}, // nobody has spoken yet
	{"greeting", retry, misconfigured, misconfigured, retry},
	{"EHLO", retry, misconfigured, misconfigured, retry},
	{"STARTTLS", retry, misconfigured, misconfigured, retry},
	{"AUTH", retry, misconfigured, misconfigured, retry},
	{"MAIL FROM", retry, misconfigured, rejected, retry},
	{"RCPT TO", retry, misconfigured, rejected, retry},
	{"DATA", retry, rejected, rejected, retry},
	{"message", retry, rejected, rejected, retry},
	{"end of message", retry, rejected, rejected, retry},
}

const (
	retry         = notifiers.Retry
	misconfigured = notifiers.Misconfigured
	rejected      = notifiers.Rejected
)

// classify makes an error of what came back at a stage. detail, if any, says
// more about the stage: the address, the mechanism.
//
// Beside verdicts: a certificate that is not trusted and TLS without common
// ground are Misconfigured, and so are a server without STARTTLS and one without
// a way to log in (see session.go).
func classify(stage, detail string, err error) *notifiers.Error {
	i := slices.IndexFunc(verdicts, func(v verdict) bool { return v.stage == stage })
	v := verdicts[i]
	class := v.silence
	if answer := (*textproto.Error)(nil); errors.As(err, &answer) {
		switch {
		case answer.Code == 552:
			class = v.full
		case answer.Code >= 500:
			class = v.permanent
		default:
			class = v.temporary
		}
		err = fmt.Errorf("%d %s", answer.Code, answer.Msg)
	} else if untrusted(err) {
		class = misconfigured
	}
	return failed(strings.TrimSpace(stage+" "+detail), class, err)
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
