package slack

import (
	"encoding/json"
	"regexp"

	"github.com/qmpalert/qmpalert/notifiers"
)

// handle is what is kept of a message, as JSON, between one notification of a
// group and the next.
type handle struct {
	Channel string `json:"channel"` // ID, not name
	TS      string `json:"ts"`      // timestamp; both as chat.postMessage returned them
	// Seen is up to where the timeline was known when the last notification was
	// done; what is new since then makes a reply. Thread is up to where the thread
	// tells it: nothing until the first reply, which then begins at the beginning.
	Seen   *cursor `json:"seen,omitempty"`
	Thread *cursor `json:"thread,omitempty"`
	// Edited marks the notification whose edit is done while its reply is not.
	Edited string `json:"edited,omitempty"`
	Worst  int    `json:"worst,omitempty"` // rank of the worst severity that people were called for
	Over   bool   `json:"over,omitempty"`  // all resolved: what comes next is another message
	// Since is that of the notifications: which life of the group the message is
	// about. A group can end without a last word (a notice that goes quiet).
	Since int64 `json:"since,omitempty"`
}

var (
	channelForm = regexp.MustCompile(`^[#@]?[\w.-]{1,100}$`)
	tsForm      = regexp.MustCompile(`^\d{1,20}(\.\d{1,20})?$`)
	markForm    = regexp.MustCompile(`^([0-9a-f]{16})?$`)
)

func (h *handle) valid() bool {
	return channelForm.MatchString(h.Channel) && tsForm.MatchString(h.TS) && markForm.MatchString(h.Edited) &&
		h.Seen.valid() && h.Thread.valid()
}

// about reports whether the message is about the life of the group that a
// notification is about. Receipts of older versions do not say.
func (h *handle) about(n *notifiers.Notification) bool {
	return h.Since == n.Since || h.Since == 0 || n.Since == 0
}

// receipt is "" where Slack returned no usable handle.
func (h *handle) receipt() notifiers.Receipt {
	if !h.valid() {
		return ""
	}
	b, err := json.Marshal(h)
	if err != nil {
		return ""
	}
	return notifiers.Receipt(b)
}

func parseReceipt(r notifiers.Receipt) (handle, bool) {
	var h handle
	if json.Unmarshal([]byte(r), &h) != nil || !h.valid() {
		return handle{}, false
	}
	return h, true
}
