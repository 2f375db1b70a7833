package qmp

import "unsafe"

// mover takes the strings of an event out of a read buffer. Nearly all of them
// stand in Raw, so they move along with it and take no room of their own.
type mover struct {
	from, to []byte // to begins with a copy of from
}

// text returns a copy of s that lies in to.
func (m *mover) text(s string) string {
	if s == "" {
		return "" // which may point anywhere
	}
	start := address(unsafe.StringData(s)) - address(unsafe.SliceData(m.from)) // huge if before it
	if n := uintptr(len(m.from)); start < n && uintptr(len(s)) <= n-start {
		return alias(m.to[start:][:len(s)])
	}
	m.to = append(m.to, s...)
	return alias(m.to[len(m.to)-len(s):])
}

func address(p *byte) uintptr { return uintptr(unsafe.Pointer(p)) }

// CopyTo makes dst a copy that shares no memory with a read buffer. Its text
// lies in the room of text, which is returned, grown if need be; its Data in
// that of dst.Data, if that is of the same kind. So copies that take the place
// of each other allocate nothing. What dst was, and strings and Raw that were
// taken from it, are overwritten.
func (e *Event) CopyTo(dst *Event, text []byte) []byte {
	old := dst.Data
	*dst = *e
	m := mover{from: e.Raw, to: append(text[:0], e.Raw...)}
	if e.Raw != nil {
		dst.Raw = m.to[:len(e.Raw):len(e.Raw)]
	}
	if e.Kind == Unknown {
		dst.Name = m.text(e.Name)
	}
	if d, ok := e.Data.(decodableData); ok {
		c, ok := old.(decodableData)
		if !ok || c.Kind() != d.Kind() {
			c = newData[d.Kind()]()
		}
		c.assign(d)
		m = c.detach(m)
		dst.Data = c
	} else if e.Data != nil {
		dst.Data = e.Data.Clone()
	}
	return m.to
}

// Clone returns a copy that shares no memory with a read buffer.
func (e *Event) Clone() Event {
	var c Event
	e.CopyTo(&c, make([]byte, 0, len(e.Raw)))
	return c
}
