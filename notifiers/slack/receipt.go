package slack

import (
	"encoding/json"
	"regexp"

	"github.com/qmpalert/qmpalert/notifiers"
)

// handle finds a message again: the channel's ID (not its name) and the
// message's timestamp, both as chat.postMessage returned them.
type handle struct {
	Channel string `json:"channel"`
	TS      string `json:"ts"`
}

var (
	channelForm = regexp.MustCompile(`^[#@]?[\w.-]{1,100}$`)
	tsForm      = regexp.MustCompile(`^\d{1,20}(\.\d{1,20})?$`)
)

func (h handle) valid() bool {
	return channelForm.MatchString(h.Channel) && tsForm.MatchString(h.TS)
}

// receipt is "" where Slack returned no usable handle.
func (h handle) receipt() notifiers.Receipt {
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
