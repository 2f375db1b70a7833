package dispatch

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/notifiers"
)

// maxKey bounds a group key, because it becomes a part of message IDs and of
// keys in databases, and labels may be as long as a guest likes.
const maxKey = 512

// groupKey names a group: who is told, by which route, and what its alerts
// have in common. It stays the same from life to life, as receivers of
// Alertmanager's webhook expect.
func groupKey(receiver, route string, labels alert.Labels) string {
	var b strings.Builder
	b.WriteString(receiver + "/" + route + ":{")
	for i, l := range labels {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(l.Name + "=" + strconv.Quote(l.Value))
	}
	b.WriteByte('}')
	return shorten(b.String())
}

// shorten cuts a key that is too long and marks it with a hash of the whole.
func shorten(key string) string {
	if len(key) <= maxKey {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return strings.ToValidUTF8(key[:maxKey-40], "") + "…" + hex.EncodeToString(sum[:16])
}

// notificationID is 32 hex digits over everything that makes a message the one
// it is: to whom, what for, when, its number in the group, and the lives of the
// alerts that it is about. Texts go in with their length, so that no two lists
// of them give the same bytes.
func notificationID(n *notifiers.Notification, number uint64, about []alert.Change) string {
	var b []byte
	for _, s := range []string{"qmpalert notification 2", n.Receiver, n.GroupKey, string(n.Kind)} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(n.At))
	b = binary.BigEndian.AppendUint64(b, number)
	lives := make([]*alert.Change, len(about))
	for i := range about {
		lives[i] = &about[i]
	}
	slices.SortFunc(lives, func(x, y *alert.Change) int {
		return cmp.Or(cmp.Compare(x.Fingerprint, y.Fingerprint), cmp.Compare(x.StartsAt, y.StartsAt), cmp.Compare(x.Status, y.Status))
	})
	for _, c := range lives {
		b = binary.BigEndian.AppendUint64(b, uint64(c.Fingerprint))
		b = binary.BigEndian.AppendUint64(b, uint64(c.StartsAt))
		b = append(b, c.Status...)
		b = append(b, 0)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
