package qmp

import "math"

// envelope is the outer object of a value while it is read.
type envelope struct {
	p *parser
	m *Message
	// old holds the structs to decode into, by kind; nil for fresh ones.
	old *[kindCount]decodableData

	isEvent bool
	name    string
	kind    Kind
	data    span // of "data"
	decoded Kind // kind that data was last decoded as, kindCount for none
	// What data cost in mistyped and unknown members. A later "data" replaces
	// an earlier one wholly, counts included.
	mistyped int

	id, greeting, ret, err span
}

// span is a part of the text; end is 0 when there is none.
type span struct{ start, end int }

func (s span) of(b []byte) []byte {
	if s.end == 0 {
		return nil
	}
	return b[s.start:s.end:s.end]
}

// message reads the value at i, any JSON, into m.
func (p *parser) message(i int, m *Message, old *[kindCount]decodableData) int {
	*m = Message{Extra: m.Extra[:0]}
	m.Event.Time = NoTime
	start := i
	if p.b[i] != '{' {
		i = p.skip(i, 0)
	} else {
		e := envelope{p: p, m: m, old: old, decoded: kindCount}
		p.depth = 1
		var key string
		var more bool
		if j := e.usualHead(i); j != 0 {
			key, i, more = e.usualData(j)
		} else {
			key, i, more = p.open(i)
		}
		for ; more; key, i, more = p.next(i) {
			i = e.member(key, i)
		}
		if i >= 0 && e.isEvent {
			e.finishEvent()
		} else if i >= 0 {
			e.finishAnswer()
		}
	}
	if i < 0 {
		*m = Message{Extra: m.Extra[:0]}
		return i
	}
	m.Text = p.b[start:i:i]
	return i
}

// What QEMU writes at the beginning of each event, to the letter.
const (
	headSeconds      = `{"timestamp": {"seconds": `
	headMicroseconds = `, "microseconds": `
	headEvent        = `}, "event": "`
	headData         = `, "data": {`
)

// usualHead reads timestamp and event when they stand first and are written as
// QEMU writes them. It returns the index behind the event's name, or 0: then
// member reads them, whatever they look like.
func (e *envelope) usualHead(i int) int {
	p := e.p
	b := p.b
	if len(b)-i < len(headSeconds) || string(b[i:i+len(headSeconds)]) != headSeconds {
		return 0
	}
	seconds, i := shortNumber(b, i+len(headSeconds))
	if i == 0 || len(b)-i < len(headMicroseconds) || string(b[i:i+len(headMicroseconds)]) != headMicroseconds {
		return 0
	}
	micros, i := shortNumber(b, i+len(headMicroseconds))
	if i == 0 || micros >= 1e6 || len(b)-i < len(headEvent) || string(b[i:i+len(headEvent)]) != headEvent {
		return 0
	}
	i += len(headEvent)
	j := plainEnd(b, i)
	if b[j] != '"' {
		return 0
	}
	e.setName(alias(b[i:j]))
	e.m.Event.Time = seconds*1e6 + micros
	return j + 1
}

// usualData reads on behind the head: data, if it is next, and the end of the
// event or the beginning of another member.
func (e *envelope) usualData(i int) (key string, _ int, more bool) {
	b := e.p.b
	if len(b)-i >= len(headData) && string(b[i:i+len(headData)]) == headData {
		i = e.readData(i + len(headData) - 1)
	}
	return e.p.next(i)
}

// shortNumber reads a number of 1 to 12 digits, and returns 0 for its end when
// there is something else.
func shortNumber(b []byte, first int) (int64, int) {
	n, i := digits(b, first)
	if size := i - first; size == 0 || size > 12 || size > 1 && b[first] == '0' {
		return 0, 0
	}
	return int64(n), i
}

func (e *envelope) setName(name string) {
	e.isEvent, e.name, e.kind = true, name, kindOf(name)
}

// member reads the value at i of the named member.
func (e *envelope) member(key string, i int) int {
	p := e.p
	switch key {
	case "data":
		return e.readData(i)
	case "event":
		if p.b[i] != '"' {
			e.isEvent = false
			return p.skip(i, 1)
		}
		name, i := p.string(i)
		e.setName(name)
		return i
	case "timestamp":
		return e.timestamp(i)
	case "id":
		return e.raw(i, &e.id)
	case "QMP":
		return e.raw(i, &e.greeting)
	case "return":
		return e.raw(i, &e.ret)
	case "error":
		return e.raw(i, &e.err)
	default:
		var s span
		i = e.raw(i, &s)
		if i >= 0 {
			e.extra(key, s)
		}
		return i
	}
}

// raw notes where the value at i stands.
func (e *envelope) raw(i int, s *span) int {
	start := i
	i = e.p.skip(i, 1)
	*s = span{start, i}
	return i
}

// extra notes a member that QEMU does not send.
func (e *envelope) extra(key string, s span) {
	raw := RawMember{Name: key, Raw: s.of(e.p.b)}
	for i := range e.m.Extra {
		if e.m.Extra[i].Name == key {
			e.m.Extra[i] = raw
			return
		}
	}
	if len(e.m.Extra) < MaxExtra {
		e.m.Extra = append(e.m.Extra, raw)
	}
}

// readData decodes the event's data right away when its name is known, as it is
// in all that QEMU writes; else finishEvent does.
func (e *envelope) readData(i int) int {
	start := i
	if e.isEvent && e.p.b[i] == '{' {
		i = e.decodeData(i)
	} else {
		e.decoded = kindCount
		i = e.p.skip(i, 1)
	}
	e.data = span{start, i}
	return i
}

func (e *envelope) decodeData(i int) int {
	p, m := e.p, e.m
	p.mistyped, p.unknown = 0, 0
	m.Event.Data = nil
	e.decoded = e.kind
	if e.kind == Unknown {
		return p.skip(i, 1)
	}
	p.depth = 2
	if newData[e.kind] == nil {
		var more bool
		for _, i, more = p.open(i); more; _, i, more = p.next(i) {
			i = p.unknownMember(i)
		}
	} else {
		d := e.target()
		m.Event.Data = d
		i = d.decode(p, i)
	}
	p.depth = 1
	return i
}

// target returns the struct to decode into.
func (e *envelope) target() decodableData {
	if e.old == nil {
		return newData[e.kind]()
	}
	d := e.old[e.kind]
	if d == nil {
		d = newData[e.kind]()
		e.old[e.kind] = d
	}
	return d
}

// maxSeconds is where microseconds leave int64: the year 294,247.
const maxSeconds = math.MaxInt64 / 1_000_000

// timestamp reads {"seconds": …, "microseconds": …}. Both are -1 when the host
// did not know its time; anything else that is no time counts as mistyped.
func (e *envelope) timestamp(i int) int {
	p, m := e.p, e.m
	e.mistyped = 0
	m.Event.Time = NoTime
	if p.b[i] != '{' {
		e.mistyped++
		return p.skip(i, 1)
	}
	// The counts of data that came before must not change.
	mistyped, unknown := p.mistyped, p.unknown
	var seconds, micros Opt[int64]
	p.depth = 2
	var key string
	var more bool
	for key, i, more = p.open(i); more; key, i, more = p.next(i) {
		switch key {
		case "seconds":
			i = p.optInt(i, &seconds)
		case "microseconds":
			i = p.optInt(i, &micros)
		default:
			i = p.skip(i, 2)
		}
	}
	p.depth = 1
	p.mistyped, p.unknown = mistyped, unknown
	switch s, us := seconds.V, micros.V; {
	case !seconds.Set || !micros.Set:
		e.mistyped++
	case s == -1 && us == -1:
	case us < 0 || us >= 1e6 || s >= maxSeconds || s <= -maxSeconds:
		e.mistyped++
	default:
		m.Event.Time = s*1e6 + us
	}
	return i
}

// finishAnswer fills in m for an object that is no event.
func (e *envelope) finishAnswer() {
	b, m := e.p.b, e.m
	*m = Message{Extra: m.Extra[:0]}
	switch {
	case e.greeting.end > 0:
		m.Type, m.Version = TypeGreeting, parseVersion(e.greeting.of(b))
	case e.ret.end > 0:
		m.Type, m.Return, m.ID = TypeReturn, e.ret.of(b), e.id.of(b)
	case e.err.end > 0:
		m.Type, m.Err, m.ID = TypeError, parseError(e.err.of(b)), e.id.of(b)
	}
}

// finishEvent fills in what depends on the whole event.
func (e *envelope) finishEvent() {
	p, m := e.p, e.m
	m.Type = TypeEvent
	if e.id.end|e.greeting.end|e.ret.end|e.err.end != 0 {
		e.answerParts()
	}
	switch {
	case e.data.end == 0:
	case p.b[e.data.start] != '{':
		e.mistyped++
		p.unknown = 0
	default:
		if e.decoded != e.kind {
			e.redecode()
		}
		m.Event.Raw = e.data.of(p.b)
	}
	m.Event.Kind, m.Event.Name = e.kind, e.name
	if e.kind != Unknown {
		m.Event.Name = defs[e.kind].Name
	}
	m.Mistyped, m.UnknownMembers = p.mistyped+e.mistyped, p.unknown
}

// answerParts keeps members that have a meaning in other messages.
func (e *envelope) answerParts() {
	for _, o := range [...]struct {
		key string
		s   span
	}{{"id", e.id}, {"QMP", e.greeting}, {"return", e.ret}, {"error", e.err}} {
		if o.s.end > 0 {
			e.extra(o.key, o.s)
		}
	}
}

// redecode decodes data that stood before the event's name. Its lines were
// counted when it was skipped.
func (e *envelope) redecode() {
	p := e.p
	lines, lineStart := p.lines, p.lineStart
	e.decodeData(e.data.start)
	p.lines, p.lineStart = lines, lineStart
}
