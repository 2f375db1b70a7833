package qmp

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppendText appends v as it is printed in a message: nil prints nothing,
// floats their shortest form, times RFC 3339 in UTC with the shortest fraction,
// spans as 1h30m, lists and objects JSON.
func (v Value) AppendText(b []byte) []byte {
	switch v.kind {
	case NilValue:
		return b
	case FloatValue:
		return appendFloat(b, math.Float64frombits(v.num))
	case StringValue:
		return append(b, v.text()...)
	case TimeValue:
		return time.UnixMicro(int64(v.num)).UTC().AppendFormat(b, time.RFC3339Nano)
	case DurationValue:
		return append(b, durationText(time.Duration(v.num))...)
	}
	return v.AppendJSON(b)
}

// Text returns what AppendText appends.
func (v Value) Text() string {
	if v.kind == StringValue {
		return v.text()
	}
	return string(v.AppendText(nil))
}

// AppendJSON appends v as JSON: nil as null, times as strings, spans as seconds
// and a float that JSON cannot write as null. What is not UTF-8 in a string
// becomes U+FFFD.
func (v Value) AppendJSON(b []byte) []byte {
	switch v.kind {
	case BoolValue:
		return strconv.AppendBool(b, v.num != 0)
	case IntValue:
		return strconv.AppendInt(b, int64(v.num), 10)
	case UintValue:
		return strconv.AppendUint(b, v.num, 10)
	case FloatValue:
		return appendJSONFloat(b, math.Float64frombits(v.num))
	case StringValue:
		return appendJSONString(b, v.text())
	case TimeValue:
		return append(v.AppendText(append(b, '"')), '"')
	case DurationValue:
		return appendFloat(b, time.Duration(v.num).Seconds())
	case ListValue, ObjectValue:
		return v.comp().appendJSON(b, v.kind == ObjectValue)
	}
	return append(b, "null"...)
}

// appendJSON writes the spacing of QEMU, so that what we write reads like what
// we got.
func (c *composite) appendJSON(b []byte, object bool) []byte {
	opening, closing := byte('['), byte(']')
	if object {
		opening, closing = '{', '}'
	}
	b = append(b, opening)
	for i, item := range c.items {
		if i > 0 {
			b = append(b, ", "...)
		}
		if object {
			b = append(appendJSONString(b, c.names[i]), ": "...)
		}
		b = item.AppendJSON(b)
	}
	return append(b, closing)
}

func appendJSONFloat(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, "null"...)
	}
	return appendFloat(b, f)
}

// appendFloat writes the shortest text that reads back as f, with an exponent
// only where people would use one.
func appendFloat(b []byte, f float64) []byte {
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(b, f, format, -1, 64)
}

// durationText is time.Duration's text without the zeros at its end: 1h30m, not
// 1h30m0s.
func durationText(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-2]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-2]
	}
	return s
}

const hexDigits = "0123456789abcdef"

// appendJSONString appends s as a JSON string. Only what JSON demands is
// escaped.
func appendJSONString(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				b = append(append(b, s[start:i]...), "\uFFFD"...)
				start = i + 1
			}
			i += n
			continue
		}
		b = appendEscape(append(b, s[start:i]...), c)
		i++
		start = i
	}
	return append(append(b, s[start:]...), '"')
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}
