package engine

import (
	"encoding/binary"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/rules"
)

// maxKeys bounds the keys of a rule in one partition (rule 21: 10,000 keys a
// rule and VM). Beyond it the key with the oldest match goes.
const maxKeys = 10_000

// ruleState holds the tracks of one rule in one partition, found by key and
// linked in order of their last match.
type ruleState struct {
	rule   *rules.Rule
	cond   condition
	tracks map[string]*track
	oldest *track
	newest *track
	slow   []int64 // when evaluations of it were given up lately
}

func newRuleState(r *rules.Rule) *ruleState {
	return &ruleState{rule: r, cond: conditions[r.Form]}
}

// touch returns the track of a key as the one with the newest match, nil if
// there is none.
func (rs *ruleState) touch(key []string, m *Machine) *track {
	m.id = appendID(m.id[:0], key)
	tr := rs.tracks[string(m.id)]
	if tr != nil {
		rs.unlink(tr)
		rs.link(tr)
	}
	return tr
}

// find returns the track of a key, making it if need be; evicted is the one
// that had to go for it, or nil.
func (rs *ruleState) find(key []string, m *Machine, born *uint64) (tr, evicted *track) {
	if tr = rs.touch(key, m); tr != nil {
		return tr, nil
	}
	if len(rs.tracks) >= maxKeys {
		evicted = rs.oldest
		rs.forget(evicted)
	}
	*born++
	tr = m.store.newTrack(rs, string(m.id), key, *born)
	rs.adopt(tr)
	return tr, evicted
}

// newTrack makes a track for the key with that id, in the memory of one that is
// not needed any more if there is one.
func (s *store) newTrack(rs *ruleState, id string, key []string, born uint64) *track {
	var tr *track
	if n := len(s.tracks); n > 0 {
		tr = s.tracks[n-1]
		s.tracks = s.tracks[:n-1]
	} else {
		tr = new(track)
	}
	*tr = track{
		home: rs, key: keyIn(tr.key[:0], id, key), id: id, born: born, life: tr.life + 1,
		status: alert.Inactive, window: window{ring: tr.window.ring},
	}
	for ph := range tr.due {
		tr.due[ph], tr.queued[ph] = never, never
	}
	return tr
}

// keyIn appends the values of a key out of its id, so that neither the event's
// buffer is kept alive nor room of their own is needed.
func keyIn(dst []string, id string, key []string) []string {
	for _, k := range key {
		_, n := binary.Uvarint([]byte(id[:min(len(id), binary.MaxVarintLen64)]))
		dst = append(dst, id[n:n+len(k)])
		id = id[n+len(k):]
	}
	return dst
}

// takeBack takes a forgotten track that nobody refers to but deadlines, which
// know by its life that it is not theirs any more.
func (s *store) takeBack(tr *track) {
	if len(s.tracks) < maxFree && len(tr.window.ring) <= maxRing {
		s.tracks = append(s.tracks, tr)
	}
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
