package dispatch

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"github.com/qmpalert/qmpalert/alert"
)

// groupKey names the group of one alert for one receiver. It stays the same
// from life to life of the alert, as receivers of Alertmanager's webhook
// expect.
func groupKey(receiver string, f alert.Fingerprint) string {
	return receiver + "/" + f.String()
}

// notificationID is 32 hex digits over everything that makes a message the one
// it is: to whom, about which alert, which life of it (startsAt), and which
// place in that life. Texts go in with their length, so that no two lists of
// them give the same bytes.
func notificationID(receiver, group string, f alert.Fingerprint, startsAt int64, place alert.Status) string {
	var b []byte
	for _, s := range []string{"qmpalert notification 1", receiver, group, string(place)} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(f))
	b = binary.BigEndian.AppendUint64(b, uint64(startsAt))
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
