package event

import "time"

// The years that RFC 3339 can write, in microseconds since 1970. A timestamp
// beyond them is nonsense that a guest or a broken clock made; it is printed
// as the nearest one.
var (
	firstTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	lastTime  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC).UnixMicro()
)

// AppendTime appends a time in microseconds since 1970 as RFC 3339 in UTC,
// always with six digits of microseconds.
func AppendTime(b []byte, us int64) []byte {
	us = min(max(us, firstTime), lastTime)
	t := time.UnixMicro(us).UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	// By hand: AppendFormat reads its layout each time, and every event has a time.
	b = appendDigits(b, year, 4, '-')
	b = appendDigits(b, int(month), 2, '-')
	b = appendDigits(b, day, 2, 'T')
	b = appendDigits(b, hour, 2, ':')
	b = appendDigits(b, minute, 2, ':')
	b = appendDigits(b, second, 2, '.')
	return appendDigits(b, t.Nanosecond()/1000, 6, 'Z')
}

// appendDigits appends n with as many digits as asked for, and what follows.
func appendDigits(b []byte, n, digits int, behind byte) []byte {
	b = append(b, "000000"[:digits]...)
	for i := len(b) - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return append(b, behind)
}

// ParseTime reads RFC 3339 in any zone and precision; what is finer than
// microseconds is cut off.
func ParseTime(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, err
	}
	return t.UnixMicro(), nil
}
