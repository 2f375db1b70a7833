package web

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/qmp"
)

// AlertID names one life of an alert, or its newest one.
type AlertID struct {
	Fingerprint alert.Fingerprint
	// StartsAt says which life, in microseconds since 1970; qmp.NoTime: the newest
	// one. A life that never fired is named by its ActiveAt.
	StartsAt int64
}

// IDOf names the life that a change belongs to.
func IDOf(c *alert.Change) AlertID {
	if c.StartsAt == qmp.NoTime {
		return AlertID{c.Fingerprint, c.ActiveAt}
	}
	return AlertID{c.Fingerprint, c.StartsAt}
}

// String returns the fingerprint, and behind a hyphen StartsAt in hex.
func (id AlertID) String() string {
	if id.StartsAt == qmp.NoTime {
		return id.Fingerprint.String()
	}
	return id.Fingerprint.String() + "-" + strconv.FormatUint(uint64(id.StartsAt), 16)
}

// ParseAlertID reads what String writes.
func ParseAlertID(s string) (AlertID, error) {
	id := AlertID{StartsAt: qmp.NoTime}
	print, life, older := strings.Cut(s, "-")
	f, err := strconv.ParseUint(print, 16, 64)
	if err != nil || len(print) != 16 {
		return id, fmt.Errorf("%.40q is no alert: want the 16 hex digits of its fingerprint, and maybe a hyphen and which life of it", s)
	}
	id.Fingerprint = alert.Fingerprint(f)
	if !older {
		return id, nil
	}
	at, err := strconv.ParseUint(life, 16, 64)
	if err != nil || len(life) > 16 {
		return id, fmt.Errorf("%.40q is no alert: want hex digits behind the hyphen", s)
	}
	id.StartsAt = int64(at)
	return id, nil
}

// MarshalText implements encoding.TextMarshaler.
func (id AlertID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *AlertID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseAlertID(string(b))
	return err
}

// Newest names the newest life of an alert.
func Newest(f alert.Fingerprint) AlertID { return AlertID{f, qmp.NoTime} }
