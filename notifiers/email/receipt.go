package email

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/story"
)

// thread is what a receipt says: the mails about one life of a group, and who
// has the last of them.
type thread struct {
	// Root is the Message-ID of the first mail; all others answer that one, so that
	// mail programs show a list and no staircase.
	Root string `json:"thread"`
	// Subject is that of the first mail without its mark. It stays for the whole
	// thread, because Gmail begins a new one where it changes.
	Subject string `json:"subject,omitempty"`
	// Over: everything was resolved. What fires after that begins a new thread.
	Over bool `json:"over,omitempty"`
	// Since is that of the notifications: which life of the group the thread is
	// about. A group can end without a last word (a notice that goes quiet).
	Since int64 `json:"since,omitempty"`

	// Part is the ID of a notification whose mail some addresses could not yet be
	// given, and Have who got it.
	Part string   `json:"part,omitempty"`
	Have []string `json:"have,omitempty"`
}

const (
	maxSubject = 150 // characters of thread.Subject
	// maxHave bounds thread.Have, as a receipt is small. With more addresses than
	// that, somebody may get a mail twice.
	maxHave = 60
)

var messageIDForm = regexp.MustCompile(`^<[A-Za-z0-9._-]{1,120}@[A-Za-z0-9.-]{1,120}>$`)

// follow finds the thread that a notification belongs to.
func (n *Notifier) follow(note *notifiers.Notification, prev notifiers.Receipt) thread {
	own := n.messageID(note.ID)
	t, ok := parseReceipt(prev)
	switch {
	case ok && t.Part == note.ID && note.ID != "":
		return t
	case !ok || note.Kind == notifiers.KindDigest, t.Over && note.Status == alert.Firing,
		t.Since != note.Since && t.Since != 0 && note.Since != 0:
		t = thread{Root: own}
	}
	t.Part, t.Have = "", nil
	t.Over = note.Status == alert.Resolved
	if note.Kind == notifiers.KindDigest {
		return t // what follows it is about something else
	}
	t.Since = note.Since
	if t.Subject == "" {
		t.Subject = subjectOf(note)
	}
	return t
}

func parseReceipt(r notifiers.Receipt) (thread, bool) {
	var t thread
	if json.Unmarshal([]byte(r), &t) != nil || !messageIDForm.MatchString(t.Root) {
		return thread{}, false
	}
	t.Subject = story.Line(t.Subject, maxSubject)
	return t, true
}

// receipt is the thread as text.
func (t *thread) receipt() notifiers.Receipt {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		panic(err) // strings always marshal
	}
	return notifiers.Receipt(bytes.TrimSpace(b.Bytes()))
}

// got notes that addresses have the mail of a notification, and others not yet.
func (t *thread) got(id string, addresses []string) {
	t.Part = id
	for _, a := range addresses {
		if len(t.Have) < maxHave {
			t.Have = append(t.Have, short(a))
		}
	}
}

// pending are the addresses, each once, that lack the mail.
func (n *Notifier) pending(t *thread) []string {
	var out []string
	for _, a := range n.to {
		if !slices.Contains(t.Have, short(a.Address)) && !slices.Contains(out, a.Address) {
			out = append(out, a.Address)
		}
	}
	return out
}

// short is enough to know an address again.
func short(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:6])
}
