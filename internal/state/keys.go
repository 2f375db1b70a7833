package state

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/deliver"
)

// appendText appends a text so that no key with it is the prefix of one with
// another.
func appendText(key []byte, s string) []byte {
	return append(binary.AppendUvarint(key, uint64(len(s))), s...)
}

// cutText is the inverse.
func cutText(key []byte) (s string, rest []byte, ok bool) {
	n, size := binary.Uvarint(key)
	if size <= 0 || n > uint64(len(key)-size) {
		return "", nil, false
	}
	return string(key[size : size+int(n)]), key[size+int(n):], true
}

// endpointKey begins the keys of everything of an endpoint.
func endpointKey(e deliver.EndpointID) []byte {
	return appendText(appendText(make([]byte, 0, 64), e.Receiver), e.Name)
}

func cutEndpoint(key []byte) (e deliver.EndpointID, rest []byte, ok bool) {
	if e.Receiver, key, ok = cutText(key); !ok {
		return e, nil, false
	}
	e.Name, rest, ok = cutText(key)
	return e, rest, ok
}

// itemKey is the key of a message of an endpoint.
func itemKey(e deliver.EndpointID, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(endpointKey(e), seq)
}

func parseItemKey(key []byte) (e deliver.EndpointID, seq uint64, ok bool) {
	e, rest, ok := cutEndpoint(key)
	if !ok || len(rest) != 8 {
		return e, 0, false
	}
	return e, binary.BigEndian.Uint64(rest), true
}

// groupKey is the key of a group of an endpoint. Groups that guests made long
// are hashed: a key has room for 32 KiB.
func groupKey(e deliver.EndpointID, group string) []byte {
	if len(group) > 1024 {
		sum := sha256.Sum256([]byte(group))
		return append(endpointKey(e), sum[:]...)
	}
	return append(endpointKey(e), group...)
}

// appendTime appends a time (or any int64) so that keys are in its order.
func appendTime(key []byte, t int64) []byte {
	return binary.BigEndian.AppendUint64(key, uint64(t)^1<<63)
}

func cutTime(key []byte) (int64, []byte) {
	return int64(binary.BigEndian.Uint64(key) ^ 1<<63), key[8:]
}

// lifeKey is the key of a life. Keys are in order of activeAt.
func lifeKey(f alert.Fingerprint, activeAt int64) []byte {
	return binary.BigEndian.AppendUint64(appendTime(make([]byte, 0, 32), activeAt), uint64(f))
}

// alertKey leads from an alert to its lives, in order of activeAt.
func alertKey(f alert.Fingerprint, activeAt int64) []byte {
	return appendTime(binary.BigEndian.AppendUint64(make([]byte, 0, 16), uint64(f)), activeAt)
}

// partKey is the key of the n-th thing that the entry at a position of the log
// decided about a life.
func partKey(life []byte, position uint64, n int) []byte {
	key := append(make([]byte, 0, 32), life...)
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(key, position), uint32(n))
}
