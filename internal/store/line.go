package store

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// appendLine appends the line of an entry as it stands in a segment.
func appendLine(b []byte, pos uint64, object []byte) ([]byte, error) {
	object = bytes.TrimSpace(object)
	n := len(object)
	switch {
	case n < 2 || object[0] != '{' || object[n-1] != '}':
		return b, errors.New("an entry of the log must be a JSON object")
	case n > MaxEntry:
		return b, fmt.Errorf("an entry of the log has %d bytes, more than %d", n, MaxEntry)
	case bytes.IndexByte(object, '\n') >= 0:
		return b, errors.New("an entry of the log must be one line")
	}
	start := len(b)
	b = append(b, object[:n-1]...)
	if n > 2 {
		b = append(b, ',')
	}
	b = append(b, `"seq":`...)
	b = strconv.AppendUint(b, pos, 10)
	return appendCRC(b, start), nil
}

// appendCRC ends a line that began at start and lacks its brace.
func appendCRC(b []byte, start int) []byte {
	sum := crc32.Checksum(b[start:], castagnoli)
	b = append(b, `,"crc":"`...)
	for shift := 28; shift >= 0; shift -= 4 { // fmt takes as long as all the rest
		b = append(b, "0123456789abcdef"[sum>>shift&15])
	}
	return append(b, `"}`+"\n"...)
}

// tail is the length of what appendLine adds behind the position, without the
// line end.
const tail = len(`,"crc":"00000000"}`)

// parseLine checks a line without its line end and returns the entry, in the
// memory of the line, which it changes.
func parseLine(line []byte) (Entry, error) {
	n := len(line) - tail
	if n < len(`{"seq":1`) || string(line[n:n+8]) != `,"crc":"` || string(line[len(line)-2:]) != `"}` {
		return Entry{}, errors.New("a line without a checksum")
	}
	sum, err := strconv.ParseUint(string(line[n+8:n+16]), 16, 32)
	if err != nil || uint32(sum) != crc32.Checksum(line[:n], castagnoli) {
		return Entry{}, errors.New("a line whose checksum is wrong")
	}
	at := bytes.LastIndex(line[:n], []byte(`"seq":`))
	if at < 0 {
		return Entry{}, errors.New("a line without a position")
	}
	pos, err := strconv.ParseUint(string(line[at+6:n]), 10, 64)
	if err != nil {
		return Entry{}, errors.New("a line without a position")
	}
	line[n] = '}'
	return Entry{pos, line[:n+1]}, nil
}
