package email

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "hunter2-hunter2"

func withFake(t *testing.T, say map[string]string, to ...string) (*fake, *Notifier) {
	t.Helper()
	f := newFake(t, say)
	return f, open(t, Config{
		Smarthost: f.addr, Username: "bob", Password: secret(password), To: to, TLS: tlsopt.Options{CAFile: f.ca},
	})
}

// commands are the names of the stages as the fake knows them. To fail while a
// mail is under way, a server can only end the connection; what it says then, it
// says at the end of the message.
var commands = map[string]string{
	"greeting": "greeting", "EHLO": "EHLO", "STARTTLS": "STARTTLS", "AUTH": "AUTH", "MAIL FROM": "MAIL",
	"RCPT TO": "RCPT", "DATA": "DATA", "message": "message", "end of message": ".",
}

// stages is the table of verdicts, and what else can happen. The echo of the
// password stands for a server that repeats what it was sent.
func stages(f *fake) []notifiertest.Answer {
	var out []notifiertest.Answer
	add := func(name string, want notifiers.Class, arrange func()) {
		out = append(out, notifiertest.Answer{Name: name, Arrange: arrange, Want: want})
	}
	for _, v := range verdicts {
		command, spoken := commands[v.stage]
		if !spoken {
			continue // connect: nobody is there
		}
		echo := ""
		if !strings.Contains("greeting EHLO STARTTLS", v.stage) {
			echo = " " + password
		}
		says := func(want notifiers.Class, reply string) {
			add(v.stage+" "+strings.Fields(reply)[0], want, func() { f.order(command, reply) })
		}
		says(v.silence, cut)
		if v.stage == "message" {
			continue
		}
		says(v.silence, flood)
		says(v.silence, "nonsense")
		says(v.silence, "999999 nonsense")
		says(v.temporary, "421 4.3.2 closing")
		says(v.temporary, "451 4.7.1 later"+echo)
		says(v.permanent, "550 5.7.1 never\x1b"+echo)
		says(v.permanent, "500 unknown")
		says(v.full, "552 5.3.4 too big")
	}
	add("connect", retry, f.leave)
	add("AUTH 535", misconfigured, func() { f.order("AUTH", "535 5.7.8 wrong AGJvYgBodW50ZXIyLWh1bnRlcjI= "+password) })
	add("AUTH 454", retry, func() { f.order("AUTH", "454 4.7.0 no database") })
	add("STARTTLS stripped", misconfigured, func() { f.order("EHLO", "250 fake") })
	add("injection before TLS", misconfigured, func() { f.order("STARTTLS", "220 go\r\n250 AUTH PLAIN\r\n235 ok\r\n250 ok") })
	return append(out,
		notifiertest.Answer{Name: "QUIT 500", Arrange: func() { f.order("QUIT", "500 no") }, OK: true},
		notifiertest.Answer{Name: "QUIT cut", Arrange: func() { f.order("QUIT", cut) }, OK: true},
	)
}

// TestVerdictsAreDocumented: the table of docs/mail.md is this one.
func TestVerdictsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/mail.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verdicts {
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |\n", v.stage, v.silence, v.temporary, v.permanent, v.full)
		if v.stage == "connect" {
			row = fmt.Sprintf("| %s | %s | | | |\n", v.stage, v.silence)
		}
		if v.stage == "message" {
			row = fmt.Sprintf("| %s | %s | | | |\n", v.stage, v.silence)
		}
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/mail.md lacks the row\n%s", row)
		}
	}
}

func TestContract(t *testing.T) {
	notifiertest.Run(t, func(t *testing.T) *notifiertest.Harness {
		f, n := withFake(t, nil)
		return &notifiertest.Harness{
			Notifier: n, Secrets: []string{password, "aHVudGVyMi1odW50ZXIy"}, Accepted: f.accepted, MaxSize: 400_000,
			Answers:  stages(f),
			Hang:     func() { f.order("greeting", hang) },
			Harmless: harmless, Threaded: threaded,
		}
	})
}

// TestContractHangs: a server can hang at any stage.
func TestContractHangs(t *testing.T) {
	for _, stage := range []string{"EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", ".", "QUIT"} {
		t.Run(stage, func(t *testing.T) {
			f, n := withFake(t, map[string]string{stage: hang})
			n.cfg.Timeout = 50_000_000 // 50ms
			_, err := n.Notify(t.Context(), notifiertest.Firing(), "")
			if e := (*notifiers.Error)(nil); stage != "QUIT" && (!errors.As(err, &e) || e.Class != notifiers.Retry) {
				t.Errorf("%v", err)
			}
			if stage == "QUIT" && (err != nil || len(f.accepted()) != 1) {
				t.Errorf("accepted, and then the server hung: %v", err)
			}
		})
	}
}

// TestCheck: what would keep every mail from being sent shows without one.
func TestCheck(t *testing.T) {
	f, n := withFake(t, nil)
	if err := n.Check(t.Context()); err != nil || strings.Contains(f.commands(), "MAIL") || !strings.Contains(f.commands(), "QUIT") {
		t.Errorf("%v in\n%s", err, f.commands())
	}
	for _, v := range verdicts {
		if v.stage == "MAIL FROM" {
			break // from here on it is about mails
		}
		if v.stage == "connect" {
			continue
		}
		f, n := withFake(t, map[string]string{commands[v.stage]: "550 never " + password})
		var e *notifiers.Error
		err := n.Check(t.Context())
		if !errors.As(err, &e) || e.Class != v.permanent || v.stage == "AUTH" && strings.Contains(err.Error(), password) {
			t.Errorf("%s: %v in\n%s", v.stage, err, f.commands())
		}
	}
}

// TestTakenAndCut: the server takes the mail, but we never hear of it. The
// repeat is the same mail, which mail programs know by its Message-ID.
func TestTakenAndCut(t *testing.T) {
	f, n := withFake(t, map[string]string{".": kept})
	var e *notifiers.Error
	receipt, err := n.Notify(t.Context(), notifiertest.Firing(), "")
	if !errors.As(err, &e) || e.Class != notifiers.Retry || e.Resume || receipt != "" {
		t.Errorf("receipt %q, error %v", receipt, err)
	}
	f.forget(".")
	if _, err := n.Notify(t.Context(), notifiertest.Firing(), receipt); err != nil {
		t.Fatal(err)
	}
	if mails := f.accepted(); len(mails) != 2 || mails[0].Raw != mails[1].Raw {
		t.Errorf("%d mails, or they differ", len(mails))
	}
}

func threaded(t *testing.T, first, second notifiertest.Message) {
	a, err1 := smtptest.Parse([]byte(first.Raw))
	b, err2 := smtptest.Parse([]byte(second.Raw))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	id := a.Header.Get("Message-ID")
	if id == "" || a.Header.Get("References") != "" || b.Header.Get("In-Reply-To") != id || b.Header.Get("References") != id || b.Header.Get("Message-ID") == id {
		t.Errorf("%q is answered by %q with %q", id, b.Header.Get("Message-ID"), b.Header.Get("In-Reply-To"))
	}
}

// headers are all that a mail has, in no matter which order.
var headers = regexp.MustCompile(`^(Auto-Submitted|Date|MIME-Version|Message-ID|Subject|X-Auto-Response-Suppress|From|To|Content-Type|In-Reply-To|References)$`)

// harmless: no header that we did not write, one line each; HTML of no element
// and attribute but ours.
func harmless(t *testing.T, m notifiertest.Message) {
	t.Helper()
	parsed, err := smtptest.Parse([]byte(m.Raw))
	if err != nil {
		t.Errorf("the mail cannot be parsed: %v", err)
		return
	}
	for name, values := range parsed.Header {
		if !headers.MatchString(name) && name != "Message-Id" && name != "Mime-Version" || len(values) != 1 {
			t.Errorf("header %s: %q", name, values)
		}
	}
	if strings.ContainsAny(parsed.Subject, "\r\n\x00\x1b") {
		t.Errorf("subject %q", parsed.Subject)
	}
	for _, line := range strings.Split(m.Raw, "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes: %.100q", len(line), line)
		}
	}
	html(t, parsed.HTML)
}

var elements = regexp.MustCompile(`^(html|head|meta|title|style|body|table|tr|td|div|span|b|br|a|pre)$`)
var attributes = regexp.MustCompile(`^(lang|charset|name|content|class|style|role|width|cellpadding|cellspacing|align|valign|href)$`)

func html(t *testing.T, text string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.AutoClose = []string{"meta", "br"}
	d.Entity = xml.HTMLEntity
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("HTML: %v", err)
			return
		}
		switch e := tok.(type) {
		case xml.StartElement:
			depth++
			checkElement(t, e)
		case xml.EndElement:
			depth--
		case xml.Comment, xml.ProcInst:
			t.Errorf("HTML: %v", e)
		}
	}
	if depth != 0 || text == "" {
		t.Errorf("HTML of %d bytes ends %d elements deep", len(text), depth)
	}
}

var classes = regexp.MustCompile(`^(page|card|box|rule|dim|pad| )+$`)

func checkElement(t *testing.T, e xml.StartElement) {
	t.Helper()
	if !elements.MatchString(e.Name.Local) {
		t.Errorf("HTML: element %s", e.Name.Local)
	}
	for _, a := range e.Attr {
		ok := attributes.MatchString(a.Name.Local)
		if a.Name.Local == "href" {
			ok = a.Value == "https://qmpalert.example.org"
		}
		if a.Name.Local == "style" {
			ok = !strings.Contains(a.Value, "url")
		}
		if a.Name.Local == "class" {
			ok = classes.MatchString(a.Value)
		}
		if !ok {
			t.Errorf("HTML: %s with %s=%q", e.Name.Local, a.Name.Local, a.Value)
		}
	}
}
