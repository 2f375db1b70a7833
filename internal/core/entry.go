package core

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Entry is one thing that enters. At most one of the pointers is set; with none
// it is the passing of time.
type Entry struct {
	// At is the clock when it entered, microseconds since 1970 UTC; of an event
	// it is Event.Received. It never goes back from entry to entry.
	At int64

	Event   *event.Event
	Swap    *Swap
	Silence *dispatch.Silence // new, or changed if its ID is known
	Expire  *Expire
	Ack     *Ack
}

// Swap takes over other rules and routes.
type Swap struct {
	RulesID string          // names the files that Rules was loaded from
	Rules   *rules.Set      // not part of the line: whoever reads it loads them
	Route   dispatch.Config // who is told
}

// Expire ends a silence.
type Expire struct {
	ID string `json:"id"`
	By string `json:"by,omitempty"`
}

// Ack acknowledges an alert, or all of a group.
type Ack struct {
	Fingerprint alert.Fingerprint `json:"fingerprint,omitempty"`
	Group       string            `json:"group,omitempty"` // instead of Fingerprint
	By          string            `json:"by"`
	Comment     string            `json:"comment,omitempty"`
}

// line is the form of an entry that is no event.
type line struct {
	Entry   string            `json:"qmpalert"`
	At      string            `json:"at"`
	Rules   string            `json:"rules,omitempty"`
	Route   *dispatch.Config  `json:"route,omitempty"`
	Silence *dispatch.Silence `json:"silence,omitempty"`
	Expire  *Expire           `json:"expire,omitempty"`
	Ack     *Ack              `json:"ack,omitempty"`
}

// The words that say what an entry is.
const (
	wordTime    = "time"
	wordSwap    = "swap"
	wordSilence = "silence"
	wordExpire  = "expire"
	wordAck     = "ack"
)

// AppendJSON appends the entry as one JSON object without a line end.
func (e *Entry) AppendJSON(b []byte) []byte {
	if e.Event != nil {
		return e.Event.AppendJSON(b)
	}
	l := line{Entry: wordTime, At: string(event.AppendTime(nil, e.At))}
	switch {
	case e.Swap != nil:
		l.Entry, l.Rules, l.Route = wordSwap, e.Swap.RulesID, &e.Swap.Route
	case e.Silence != nil:
		l.Entry, l.Silence = wordSilence, e.Silence
	case e.Expire != nil:
		l.Entry, l.Expire = wordExpire, e.Expire
	case e.Ack != nil:
		l.Entry, l.Ack = wordAck, e.Ack
	}
	text, err := json.Marshal(l)
	if err != nil {
		panic(err) // no member of it can fail
	}
	return append(b, text...)
}

// Parse reads what AppendJSON wrote; members that others added are ignored. The
// rules of a Swap are missing. The entry shares no memory with text.
func Parse(text []byte) (Entry, error) {
	ev, err := event.Parse(text)
	if err == nil {
		if ev.Received == qmp.NoTime {
			return Entry{}, errors.New("an event in the log says when it was received")
		}
		return Entry{At: ev.Received, Event: ev}, nil
	}
	var l line
	if json.Unmarshal(text, &l) != nil || l.Entry == "" {
		return Entry{}, err
	}
	return l.entry()
}

func (l *line) entry() (Entry, error) {
	at, err := event.ParseTime(l.At)
	if err != nil {
		return Entry{}, fmt.Errorf("entry %q of the log: %w", l.Entry, err)
	}
	e := Entry{At: at}
	switch {
	case l.Entry == wordTime:
	case l.Entry == wordSwap && l.Route != nil:
		e.Swap = &Swap{RulesID: l.Rules, Route: *l.Route}
	case l.Entry == wordSilence && l.Silence != nil:
		e.Silence = l.Silence
	case l.Entry == wordExpire && l.Expire != nil:
		e.Expire = l.Expire
	case l.Entry == wordAck && l.Ack != nil:
		e.Ack = l.Ack
	default:
		return Entry{}, fmt.Errorf("%q is no entry of the log that this version knows", l.Entry)
	}
	return e, nil
}
