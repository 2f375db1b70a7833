package smtptest

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// Mail is a mail that arrived.
type Mail struct {
	Raw     string // as it lies in the maildir
	Header  mail.Header
	Subject string // decoded
	Text    string // the text/plain part, decoded, with \n
	HTML    string // the text/html part
}

// Mails waits until n mails have arrived and returns all in the order in which
// the server took them. A mail to several addresses of one delivery counts once.
func (s *Server) Mails(t testing.TB, n int) []Mail {
	t.Helper()
	dir := filepath.Join(s.dir, "maildir", "new")
	var names []string
	s.await(t, "mails", func() bool {
		names = nil
		entries, err := os.ReadDir(dir)
		if err != nil {
			return n == 0
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return len(names) >= n
	})
	var out []Mail
	for _, name := range names {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Parse(raw)
		if err != nil {
			t.Fatalf("%v in\n%s", err, raw)
		}
		out = append(out, m)
	}
	sort(t, out)
	return out
}

// received finds the name that exim gave to a mail when it took it: the second, a
// process, and the fraction of the second, in digits that sort as text.
var received = regexp.MustCompile(`(?s)\bid ([0-9A-Za-z]+)-[0-9A-Za-z]+-([0-9A-Za-z]+)`)

// sort brings mails into the order in which the server took them. Each is put
// into the box by a process of its own, so the order in the box means nothing;
// and exim keeps its log for itself when it does not run as root.
func sort(t testing.TB, mails []Mail) {
	t.Helper()
	taken := func(m Mail) string {
		id := received.FindStringSubmatch(m.Header.Get("Received"))
		if id == nil {
			t.Fatalf("not from exim: Received: %s", m.Header.Get("Received"))
		}
		return id[1] + id[2]
	}
	slices.SortFunc(mails, func(a, b Mail) int { return strings.Compare(taken(a), taken(b)) })
}

// Parse reads a mail with the two forms that qmpalert sends.
func Parse(raw []byte) (Mail, error) {
	m := Mail{Raw: string(raw)}
	parsed, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m, err
	}
	m.Header = parsed.Header
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(parsed.Header.Get("Subject")); err != nil {
		return m, err
	}
	_, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		return m, err
	}
	parts := multipart.NewReader(parsed.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return m, nil
		}
		if err != nil {
			return m, err
		}
		var body io.Reader = part
		if strings.EqualFold(part.Header.Get("Content-Transfer-Encoding"), "quoted-printable") {
			body = quotedprintable.NewReader(part)
		}
		text, err := io.ReadAll(body)
		if err != nil {
			return m, err
		}
		decoded := strings.ReplaceAll(string(text), "\r\n", "\n")
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = decoded
		} else {
			m.Text = decoded
		}
	}
}
