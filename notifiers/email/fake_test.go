package email

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

// fake is an SMTP server that says what the test wants at each stage. Without
// orders it offers STARTTLS and AUTH PLAIN and accepts everything.
type fake struct {
	t    *testing.T
	addr string
	ca   string
	tls  *tls.Config
	ends chan struct{} // closed at the end of the test

	listener net.Listener

	mu    sync.Mutex
	say   map[string]string // verb, or verb and address → reply; see special
	seen  []string          // commands
	mails []notifiertest.Message
	conns []net.Conn
	wg    sync.WaitGroup
}

// What a reply can be beside a text.
const (
	cut   = "cut"   // close the connection
	hang  = "hang"  // say nothing until the test ends
	flood = "flood" // a reply without end
	kept  = "kept"  // at the end of a mail: keep it, and close the connection
)

func newFake(t *testing.T, say map[string]string) *fake {
	t.Helper()
	dir := t.TempDir()
	smtptest.Certificate(t, dir)
	f := &fake{t: t, say: map[string]string{}, ca: filepath.Join(dir, "cert.pem"), ends: make(chan struct{})}
	for k, v := range say {
		f.say[k] = v
	}
	pair, err := tls.LoadX509KeyPair(f.ca, filepath.Join(dir, "key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	f.tls = &tls.Config{Certificates: []tls.Certificate{pair}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.addr = "localhost:" + fmt.Sprint(l.Addr().(*net.TCPAddr).Port)
	f.listener = l
	f.wg.Go(func() { f.listen(l) })
	t.Cleanup(func() {
		close(f.ends)
		l.Close()
		f.mu.Lock()
		for _, c := range f.conns {
			c.Close()
		}
		f.mu.Unlock()
		f.wg.Wait()
	})
	return f
}

func (f *fake) listen(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		f.conns = append(f.conns, c)
		f.mu.Unlock()
		f.wg.Go(func() {
			defer c.Close()
			f.serve(c)
		})
	}
}

// leave closes the door.
func (f *fake) leave() { f.listener.Close() }

func (f *fake) order(verb, reply string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.say[verb] = reply
}

// forget takes an order back.
func (f *fake) forget(verb string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.say, verb)
}

// reply answers a verb; false ends the session.
func (f *fake) reply(c net.Conn, verb, normal string) bool {
	f.mu.Lock()
	text, ordered := f.say[verb]
	f.mu.Unlock()
	if !ordered {
		text = normal
	}
	switch text {
	case cut, kept:
		return false
	case hang:
		<-f.ends
		return false
	case flood:
		for {
			if _, err := c.Write([]byte(strings.Repeat("250-flood\r\n", 1000))); err != nil {
				return false
			}
		}
	}
	_, err := c.Write([]byte(text + "\r\n"))
	return err == nil && (!ordered || text[0] < '4' || text[0] > '5' || verb != "greeting")
}

func (f *fake) serve(c net.Conn) {
	if !f.reply(c, "greeting", "220 fake ESMTP") {
		return
	}
	r := bufio.NewReader(c)
	encrypted := false
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, rest, _ := strings.Cut(line, " ")
		f.mu.Lock()
		f.seen = append(f.seen, line)
		f.mu.Unlock()
		ok := true
		switch verb {
		case "EHLO":
			offers := "250-fake\r\n250-STARTTLS\r\n250 ENHANCEDSTATUSCODES"
			if encrypted {
				offers = "250-fake\r\n250 AUTH PLAIN"
			}
			ok = f.reply(c, "EHLO", offers)
		case "HELO":
			ok = f.reply(c, "EHLO", "250 fake")
		case "STARTTLS":
			f.mu.Lock()
			_, ordered := f.say["STARTTLS"]
			f.mu.Unlock()
			ok = f.reply(c, "STARTTLS", "220 go")
			if ok && !ordered {
				c = tls.Server(c, f.tls)
				r = bufio.NewReader(c)
				encrypted = true
			}
		case "RCPT":
			verb = "RCPT"
			if f.ordered(rest) {
				verb = rest
			}
			ok = f.reply(c, verb, "250 ok")
		case "DATA":
			if ok = f.reply(c, "DATA", "354 go on"); ok && !f.ordered("DATA") {
				ok = f.data(c, r)
			}
		case "QUIT":
			f.reply(c, "QUIT", "221 bye")
			return
		default: // AUTH, MAIL
			normal := "250 ok"
			if verb == "AUTH" {
				normal = "235 welcome"
			}
			ok = f.reply(c, verb, normal)
		}
		if !ok {
			return
		}
	}
}

func (f *fake) ordered(verb string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.say[verb]
	return ok
}

// data reads a mail and keeps it, unless it is to be refused.
func (f *fake) data(c net.Conn, r *bufio.Reader) bool {
	var raw strings.Builder
	if f.ordered("message") {
		return false // the client writes to nobody
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			break
		}
		raw.WriteString(strings.TrimPrefix(line, "."))
	}
	f.mu.Lock()
	answer, ordered := f.say["."]
	f.mu.Unlock()
	if !ordered || answer == kept {
		m, err := smtptest.Parse([]byte(raw.String()))
		if err != nil {
			f.t.Errorf("%v in\n%s", err, raw.String())
		}
		f.mu.Lock()
		f.mails = append(f.mails, notifiertest.Message{Raw: raw.String(), Text: m.Subject + "\n" + m.Text})
		f.mu.Unlock()
	}
	return f.reply(c, ".", "250 kept")
}

func (f *fake) accepted() []notifiertest.Message {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.mails)
}

func (f *fake) commands() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.seen, "\n")
}
