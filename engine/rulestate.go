package engine

import (
	"encoding/binary"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// maxKeys bounds the keys of a rule in one partition (design: 10,000 keys a
// rule and VM). Beyond it the key with the oldest match goes.
const maxKeys = 10_000

// ruleState holds the tracks of one rule in one partition, found by key and
// linked in order of their last match.
type ruleState struct {
	rule   *rules.Rule
	since  uint64 // number of the last event that arrived before the rule was loaded
	tracks map[string]*track
	oldest *track
	newest *track
}

// find returns the track of a key, making it if need be; evicted is the one
// that had to go for it, or nil.
func (rs *ruleState) find(key []string, scratch []byte, born *uint64) (tr, evicted *track) {
	id := appendID(scratch[:0], key)
	if tr = rs.tracks[string(id)]; tr != nil {
		rs.unlink(tr)
		rs.link(tr)
		return tr, nil
	}
	if len(rs.tracks) >= maxKeys {
		evicted = rs.oldest
		rs.forget(evicted)
	}
	*born++
	tr = newTrack(rs, append([]string(nil), key...), *born)
	rs.adopt(tr)
	return tr, evicted
}

func newTrack(rs *ruleState, key []string, born uint64) *track {
	for i, k := range key {
		key[i] = string(append([]byte(nil), k...)) // the event's buffer is not kept alive for a key
	}
	tr := &track{home: rs, key: key, id: string(appendID(nil, key)), born: born, status: alert.Inactive}
	for ph := range tr.due {
		tr.due[ph], tr.queued[ph] = never, never
	}
	return tr
}

// adopt adds a track as the newest.
func (rs *ruleState) adopt(tr *track) {
	if rs.tracks == nil {
		rs.tracks = make(map[string]*track)
	}
	tr.home = rs
	rs.tracks[tr.id] = tr
	rs.link(tr)
}

// forget removes a track; its deadlines lapse.
func (rs *ruleState) forget(tr *track) {
	delete(rs.tracks, tr.id)
	rs.unlink(tr)
	for ph := range tr.due {
		tr.due[ph] = never
	}
}

func (rs *ruleState) link(tr *track) {
	tr.older, tr.newer = rs.newest, nil
	if rs.newest != nil {
		rs.newest.newer = tr
	} else {
		rs.oldest = tr
	}
	rs.newest = tr
}

func (rs *ruleState) unlink(tr *track) {
	if tr.older != nil {
		tr.older.newer = tr.newer
	} else {
		rs.oldest = tr.newer
	}
	if tr.newer != nil {
		tr.newer.older = tr.older
	} else {
		rs.newest = tr.older
	}
	tr.older, tr.newer = nil, nil
}

// appendID makes one map key of several values: each with its length first, so
// that no two keys run together.
func appendID(b []byte, key []string) []byte {
	for _, k := range key {
		b = binary.AppendUvarint(b, uint64(len(k)))
		b = append(b, k...)
	}
	return b
}
