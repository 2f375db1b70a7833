package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// compose makes the mail of a notification in its thread.
func (n *Notifier) compose(note *notifiers.Notification, t *thread) (*gomail.Msg, error) {
	v := newView(note, t.Subject)
	var html bytes.Buffer
	if err := htmlTemplate.Execute(&html, v); err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(n.from)
	m.ToMailAddress(n.to...)
	m.Subject(v.Subject())
	m.SetDateWithValue(n.date(note))
	id := n.messageID(note.ID)
	m.SetMessageIDWithValue(strings.Trim(id, "<>"))
	if t.Root != id {
		m.SetGenHeader(gomail.HeaderInReplyTo, t.Root)
		m.SetGenHeader(gomail.HeaderReferences, t.Root)
	}
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nobody's vacation answers
	m.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	for _, h := range n.cfg.Headers {
		m.SetGenHeader(gomail.Header(h.Name), h.Value)
	}
	text := v.text()
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	m.SetBoundary(boundary(text, html.String()))
	return m, nil
}

// boundary separates the parts. It is the same for the same mail, and no text
// can contain it, because it is the hash of the text.
func boundary(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
	}
	return "qmpalert-" + hex.EncodeToString(h.Sum(nil)[:20])
}

// messageID is the notification's ID at the domain of our address: the same
// notification is the same mail, and mail programs hide a double.
func (n *Notifier) messageID(id string) string {
	domain := n.from.Address[strings.LastIndexByte(n.from.Address, '@')+1:]
	if !domainForm.MatchString(domain) {
		domain = "localhost"
	}
	return "<" + idText(id) + ".qmpalert@" + domain + ">"
}

var (
	domainForm = regexp.MustCompile(`^[A-Za-z0-9.-]{1,120}$`)
	notID      = regexp.MustCompile(`[^A-Za-z0-9-]`)
)

func idText(id string) string {
	id = notID.ReplaceAllString(id, "-")
	if id == "" {
		id = "none"
	}
	return id[:min(len(id), 100)]
}

// date is the time of the decision, so that the mails of an alert sort as it
// went, however late they were delivered.
func (n *Notifier) date(note *notifiers.Notification) time.Time {
	if story.Known(note.At) {
		return time.UnixMicro(note.At).UTC()
	}
	return n.now()
}
