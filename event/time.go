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
	return time.UnixMicro(us).UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
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
