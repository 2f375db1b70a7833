package email

import (
	"regexp"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/email/smtptest"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
	"github.com/qmpalert/qmpalert/notifiers/story"
	"github.com/qmpalert/qmpalert/notifiers/tlsopt"
)

// TestRealThread sends the whole life of a group through a real server, and a
// second life after it: a mail program sees two threads.
func TestRealThread(t *testing.T) {
	s := smtptest.Start(t, smtptest.Options{})
	n := open(t, Config{Smarthost: s.Addr, TLS: tlsopt.Options{CAFile: s.CAFile}})
	notes := life()
	for _, again := range life()[:2] {
		again.ID += "-again"
		again.At += 1000 * minute
		notes = append(notes, again)
	}
	receipt := notifiers.Receipt("")
	for _, note := range notes {
		var err error
		if receipt, err = n.Notify(t.Context(), note, receipt); err != nil {
			t.Fatal(err)
		}
	}
	mails := s.Mails(t, len(notes))
	threads := threadsOf(t, mails)
	first := len(life())
	if len(threads) != 2 || len(threads[0]) != first || len(threads[1]) != 2 {
		t.Fatalf("%d threads: %v", len(threads), threads)
	}
	for i, m := range mails {
		when, err := m.Header.Date()
		if err != nil || when.UnixMicro()/1_000_000 != notes[i].At/1_000_000 {
			t.Errorf("mail %d is of %s: %v", i+1, when, err)
		}
	}
	const subject = "QuorumChildFailing db1: quorum child c answered badly 14 times"
	for i, want := range []string{
		"[FIRING:critical]", "[FIRING:5 critical]", "[ESCALATED:5 critical]", "[STILL FIRING:5 critical]",
		"[RESOLVED 2 of 5]", "[SILENCE ENDS]", "[RESOLVED:5]", "[FIRING:critical]", "[FIRING:5 critical]",
	} {
		if got := mails[i].Subject; got != want+" "+subject {
			t.Errorf("subject %q, want %q", got, want+" "+subject)
		}
	}
}

// blob is what RFC 5256 and Gmail leave out before they compare subjects.
var blob = regexp.MustCompile(`^\[[^\[\]]*\] *`)

// threadsOf sorts mails as mail programs do: an answer goes where the mail is
// that it refers to, if they are of one subject.
func threadsOf(t *testing.T, mails []smtptest.Mail) [][]string {
	t.Helper()
	var threads [][]string
	place, subjects := map[string]int{}, map[int]string{}
	for _, m := range mails {
		id, refers := m.Header.Get("Message-ID"), m.Header.Get("References")
		if refers != m.Header.Get("In-Reply-To") {
			t.Errorf("%s refers to %q and answers %q", id, refers, m.Header.Get("In-Reply-To"))
		}
		if _, double := place[id]; double || !messageIDForm.MatchString(id) {
			t.Errorf("Message-ID %q", id)
		}
		base := blob.ReplaceAllString(m.Subject, "")
		at, found := place[refers]
		if !found || subjects[at] != base {
			at = len(threads)
			threads = append(threads, nil)
			subjects[at] = base
		}
		place[id] = at
		threads[at] = append(threads[at], id)
	}
	return threads
}

// TestFollow: which thread a mail is in.
func TestFollow(t *testing.T) {
	n := open(t, Config{Smarthost: "mail.example.org:587"})
	make := func(id string, kind notifiers.Kind, status alert.Status) *notifiers.Notification {
		note := notifiertest.Firing()
		note.ID, note.Kind, note.Status, note.Since = id, kind, status, 7
		return &note
	}
	open := &thread{Root: "<a.qmpalert@kvm.example.org>", Subject: "s"}
	over := &thread{Root: open.Root, Subject: "s", Over: true}
	earlier := &thread{Root: open.Root, Subject: "s", Since: 1}
	same := &thread{Root: open.Root, Subject: "s", Since: 7}
	ended := &thread{Root: open.Root, Subject: "s", Since: 1, Over: true}
	part := &thread{Root: open.Root, Subject: "s", Part: "b", Have: []string{short("ops@example.org")}}
	long := &thread{Root: open.Root, Subject: strings.Repeat("x", 500)}
	for name, tt := range map[string]struct {
		note    *notifiers.Notification
		prev    notifiers.Receipt
		root    string
		subject string
		over    bool
		pending int
	}{
		"first":               {make("b", "firing", alert.Firing), "", "b", "QuorumChildFailing db1: quorum child c answered badly 14 times", false, 1},
		"more":                {make("b", "firing", alert.Firing), open.receipt(), "a", "s", false, 1},
		"end":                 {make("b", "resolved", alert.Resolved), open.receipt(), "a", "s", true, 1},
		"part of an end":      {make("b", "resolved", alert.Firing), open.receipt(), "a", "s", false, 1},
		"fires again":         {make("b", "firing", alert.Firing), over.receipt(), "b", "QuorumChildFailing db1: quorum child c answered badly 14 times", false, 1},
		"another life":        {make("b", "firing", alert.Firing), earlier.receipt(), "b", "QuorumChildFailing db1: quorum child c answered badly 14 times", false, 1},
		"the same life":       {make("b", "firing", alert.Firing), same.receipt(), "a", "s", false, 1},
		"over at once":        {make("b", "resolved", alert.Resolved), ended.receipt(), "b", "QuorumChildFailing db1: quorum child c answered badly 14 times", true, 1},
		"end after the end":   {make("b", "resolved", alert.Resolved), over.receipt(), "a", "s", true, 1},
		"the same once more":  {make("a", "firing", alert.Firing), open.receipt(), "a", "s", false, 1},
		"goes on":             {make("b", "firing", alert.Firing), part.receipt(), "a", "s", false, 0},
		"another in between":  {make("c", "firing", alert.Firing), part.receipt(), "a", "s", false, 1},
		"digest":              {make("d", "digest", alert.Firing), open.receipt(), "d", "", false, 1},
		"subject is bounded":  {make("b", "firing", alert.Firing), long.receipt(), "a", strings.Repeat("x", maxSubject-1) + "…", false, 1},
		"header in a receipt": {make("b", "firing", alert.Firing), `{"thread":"<a@b>\r\nBcc: x"}`, "b", "QuorumChildFailing db1: quorum child c answered badly 14 times", false, 1},
		"text in a receipt":   {make("b", "firing", alert.Firing), `{"thread":"<a@b>","subject":"x\r\nBcc: y"}`, "<a@b>", "x  Bcc: y", false, 1},
	} {
		th := n.follow(tt.note, tt.prev)
		root := tt.root
		if root[0] != '<' {
			root = "<" + root + ".qmpalert@kvm.example.org>"
		}
		if th.Root != root || th.Subject != tt.subject || th.Over != tt.over || len(n.pending(&th)) != tt.pending {
			t.Errorf("%s: %+v, %d pending", name, th, len(n.pending(&th)))
		}
	}
}

// TestReceiptIsSmall: with ever so many addresses.
func TestReceiptIsSmall(t *testing.T) {
	th := thread{Root: "<" + strings.Repeat("a", 120) + "@" + strings.Repeat("b", 120) + ">", Subject: strings.Repeat("\"é", maxSubject/2)}
	var to []string
	for i := range 500 {
		to = append(to, strings.Repeat("x", i)+"@example.org")
	}
	th.got(strings.Repeat("i", 100), to)
	if r := th.receipt(); len(r) > 2000 {
		t.Errorf("%d bytes", len(r))
	}
}

// TestHarmlessLife: whatever people, guests and files put into the life of a
// group, it is text in a mail of every kind.
func TestHarmlessLife(t *testing.T) {
	f, n := withFake(t, nil)
	for _, text := range notifiertest.Payloads {
		for _, note := range append(life(), digest(3)) {
			note.Alerts = notifiertest.Hostile(alert.Firing, text).Alerts
			if note.Kind == notifiers.KindDigest {
				note.Alerts = nil
			}
			note.Route, note.Escalated, note.ID, note.ExternalURL = text, text, text, text
			for i := range note.Timeline {
				m := &note.Timeline[i]
				m.By, m.Text, m.Names, m.What = text, text, []string{text}, notifiers.What(text)
			}
			for i := range note.Acks {
				note.Acks[i].By, note.Acks[i].Comment = text, text
			}
			if note.Silence != nil {
				note.Silence = &notifiers.Silence{ID: text, Matchers: []string{text}, CreatedBy: text, Comment: text, EndsAt: note.At}
			}
			for i := range note.Digest {
				note.Digest[i].Summary, note.Digest[i].GroupKey = text, text
				note.Digest[i].Labels = notifiertest.Hostile(alert.Firing, text).CommonLabels
			}
			if _, err := n.Notify(t.Context(), note, notifiers.Receipt(text)); err != nil {
				t.Fatal(err)
			}
			mails := f.accepted()
			harmless(t, mails[len(mails)-1])
			for _, line := range strings.Split(mails[len(mails)-1].Text, "\n") {
				if strings.ContainsFunc(line, story.Unsafe) {
					t.Errorf("%q", line)
				}
			}
		}
	}
}
