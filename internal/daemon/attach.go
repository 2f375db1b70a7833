package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/state"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

const (
	maxAttachment  = 64 << 10  // bytes of one answer that is sent along
	maxAttachments = 128 << 10 // of all that are sent along with one message
)

// collection is what a VM said about itself when an alert fired, and the
// message that waits for it.
type collection struct {
	message
	attached []notifiers.Attachment
}

// waits lets a message wait, if something is to be attached to it or if one of
// its group waits already: messages of a group keep their order.
func (l *loop) waits(position uint64, n notifiers.Notification) bool {
	m := message{position, n}
	if behind, waits := l.held[n.GroupKey]; waits {
		l.held[n.GroupKey] = append(behind, m)
		return true
	}
	queries := wantsAttached(&n)
	if len(queries) == 0 {
		return false
	}
	// What waits is in no checkpoint, so none is made meanwhile. Where alerts fire
	// all the time, some must do without.
	if l.saver.overdue(time.Now()) {
		l.log.Warn("nothing is attached, so that the state can be saved", "group", n.GroupKey)
		return false
	}
	host, vm := whom(&n.Alerts[0])
	l.held[n.GroupKey] = nil
	l.collecting++
	asked := l.asker.run(host, vm, func(ctx context.Context, v *interview) {
		l.collected <- collection{m, v.attachments(ctx, queries)}
	})
	if !asked {
		delete(l.held, n.GroupKey)
		l.collecting--
		return false
	}
	return true
}

// wantsAttached returns what is to be attached to a message: what the rule of
// its first alert asks for, when that fires.
func wantsAttached(n *notifiers.Notification) []string {
	if n.Kind != notifiers.KindFiring || len(n.Alerts) == 0 || n.Alerts[0].Status != alert.Firing {
		return nil
	}
	return n.Alerts[0].Attach
}

// release sends what waited for a collection, and what came behind it.
func (l *loop) release(done collection) {
	l.collecting--
	done.n.Attached = done.attached
	all := append([]message{done.message}, l.held[done.n.GroupKey]...)
	delete(l.held, done.n.GroupKey)
	for _, m := range all {
		l.commit([]state.Step{{Position: m.position, Puts: []state.Put{l.put(m.n)}}})
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
