package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	maxAttachment  = 64 << 10  // bytes of one answer that is sent along
	maxAttachments = 128 << 10 // of all that are sent along with one message
)

// collection is what a VM said about itself when an alert fired, and the
// messages, one for each receiver, that wait for it.
type collection struct {
	notes    []notifiers.Notification
	attached []notifiers.Attachment
}

// send hands the messages of a change to the deliverer, or lets them wait: the
// first ones for what is to be attached, those after them for their turn.
func (l *loop) send(c *alert.Change, notes []notifiers.Notification) {
	if c.Status == alert.Firing && len(c.Attach) > 0 && len(notes) > 0 && !l.waits(notes) {
		l.collect(c, notes)
		return
	}
	for _, n := range notes {
		if behind, waits := l.held[n.GroupKey]; waits {
			l.held[n.GroupKey] = append(behind, n)
		} else {
			l.put(n)
		}
	}
}

// waits says that an earlier message of one of the groups waits.
func (l *loop) waits(notes []notifiers.Notification) bool {
	for _, n := range notes {
		if _, waits := l.held[n.GroupKey]; waits {
			return true
		}
	}
	return false
}

// collect asks the VM of the alert everything that is to be attached, all at
// once; what it said comes back on l.collected.
func (l *loop) collect(c *alert.Change, notes []notifiers.Notification) {
	host, vm := whom(c)
	queries := c.Attach
	asked := l.asker.run(host, vm, func(ctx context.Context, v *interview) {
		l.collected <- collection{notes, v.attachments(ctx, queries)}
	})
	if !asked {
		var all []notifiers.Attachment
		for _, name := range queries {
			all = append(all, notifiers.Attachment{Query: name, Error: errTooMany.Error()})
		}
		l.release(collection{notes, all})
		return
	}
	l.collecting++
	for _, n := range notes {
		l.held[n.GroupKey] = nil
	}
}

// release sends what waited for a collection, and what came behind it.
func (l *loop) release(done collection) {
	for _, n := range done.notes {
		n.Attached = done.attached
		l.put(n)
		for _, behind := range l.held[n.GroupKey] {
			l.put(behind)
		}
		delete(l.held, n.GroupKey)
	}
}

func (l *loop) put(n notifiers.Notification) {
	if err := l.deliver.Put(n); err != nil {
		name := ""
		if len(n.Alerts) > 0 {
			name = n.Alerts[0].Name
		}
		l.log.Error("notification not queued", "receiver", n.Receiver, "alertname", name, "err", err)
	}
}

// whom is the VM that an alert is about, or that its newest event is of.
func whom(c *alert.Change) (host, vm string) {
	host, vm = c.Labels.Get("host"), c.Labels.Get("vm")
	if n := len(c.Evidence.Events); n > 0 && vm == "" {
		newest := c.Evidence.Events[n-1]
		host, vm = newest.Host, newest.VM.Name
	}
	return host, vm
}

// attachments asks all queries at once and returns the answers in their order.
func (v *interview) attachments(ctx context.Context, queries []string) []notifiers.Attachment {
	out := make([]notifiers.Attachment, len(queries))
	var wg sync.WaitGroup
	for i, name := range queries {
		out[i].Query = name
		if v.vm == "" {
			out[i].Error = "there is no VM to ask"
			continue
		}
		wg.Go(func() {
			raw, err := v.query(ctx, name)
			if err != nil {
				out[i].Error = err.Error()
				return
			}
			var text bytes.Buffer
			if err := json.Compact(&text, qmp.ParseValue(raw).AppendJSON(nil)); err != nil {
				out[i].Error = err.Error()
				return
			}
			out[i].JSON, out[i].Cut = cutAnswer(text.Bytes())
		})
	}
	wg.Wait()
	room := maxAttachments
	for i := range out {
		if room -= len(out[i].JSON); room < 0 && out[i].JSON != "" {
			out[i] = notifiers.Attachment{Query: out[i].Query, Error: fmt.Sprintf("left out: more than %d KiB together", maxAttachments>>10)}
		}
	}
	return out
}

// cutAnswer bounds an answer and marks where it was cut.
func cutAnswer(raw []byte) (text string, cut bool) {
	if len(raw) <= maxAttachment {
		return string(raw), false
	}
	const room = 40 // for the mark
	end := maxAttachment - room
	for end > 0 && !utf8.RuneStart(raw[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes cut)", strings.TrimRight(string(raw[:end]), "\\"), len(raw)-end), true
}
