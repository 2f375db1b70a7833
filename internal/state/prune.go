package state

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"slices"
	"time"

	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/store"
)

// pruneAtOnce is how many keys one transaction of Prune removes.
const pruneAtOnce = 1000

// The bounds of what has no natural end: the oldest go first.
const (
	maxMessagesPerLife = 4      // times MaxLives: messages whose log is kept
	maxDead            = 10_000 // dead letters
	maxReceipts        = 10_000 // handles, and standing messages, of an endpoint
)

// pruneEvery is how often Prune looks at everything: there can be much.
const pruneEvery = 10 * time.Minute

// Prune forgets what is older than the retention allows at a time (microseconds
// since 1970 UTC) or beyond the bounds. It works in short transactions, so that
// Commit never waits long for it; of calls within ten minutes, or a hundredth of
// the retention, only the first does anything. One at a time.
func (s *State) Prune(now int64) error {
	every := min(pruneEvery, s.opts.Retention/100).Microseconds()
	if since := now - s.pruned; s.pruned != 0 && since >= 0 && since < every {
		return nil
	}
	s.pruned = now
	oldest := now - s.opts.Retention.Microseconds()
	for _, prune := range []func(oldest int64) error{s.pruneLives, s.pruneMessages, s.pruneDead, s.pruneHandles} {
		if err := prune(oldest); err != nil {
			return err
		}
	}
	return nil
}

// place is a key of a bucket.
type place struct {
	bucket string
	key    []byte
}

// remove deletes keys, a part at a time.
func (s *State) remove(gone []place) error {
	for part := range slices.Chunk(gone, pruneAtOnce) {
		err := s.writer.update(func(tx store.Tx) error {
			for _, p := range part {
				if err := tx.Delete(p.bucket, p.key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pruneLives forgets lives that were over before the oldest time, and the oldest
// of those that are too many.
func (s *State) pruneLives(oldest int64) error {
	var gone []place
	err := s.db.View(func(tx store.Tx) error {
		total := 0
		if err := tx.Keys(livesBucket, nil, func([]byte) error { total++; return nil }); err != nil {
			return err
		}
		return tx.Each(livesBucket, nil, func(key, value []byte) error {
			activeAt, print := cutTime(key)
			if activeAt >= oldest && total <= s.opts.MaxLives {
				return errEnough // so are those behind it
			}
			var l life
			bad := json.Unmarshal(value, &l) != nil
			if total <= s.opts.MaxLives && !bad && (!l.over() || l.UpdatedAt >= oldest) {
				return nil
			}
			total--
			gone = append(gone, place{alertsBucket, append(slices.Clone(print), key[:8]...)})
			for _, bucket := range []string{changesBucket, notesBucket} {
				if err := tx.Keys(bucket, key, func(key []byte) error {
					gone = append(gone, place{bucket, slices.Clone(key)})
					return nil
				}); err != nil {
					return err
				}
			}
			gone = append(gone, place{livesBucket, slices.Clone(key)}) // the last: it leads to the others
			return nil
		})
	})
	if enough(err) != nil {
		return err
	}
	return s.remove(gone)
}

// pruneMessages forgets messages that were put before the oldest time, and what
// became of them. One that waits is kept, and so is one that stepping through the
// log again could decide once more.
func (s *State) pruneMessages(oldest int64) error {
	needed, err := s.Needed()
	if err != nil {
		return err
	}
	var gone []place
	err = s.db.View(func(tx store.Tx) error {
		wait, err := idsThatWait(tx)
		if err != nil {
			return err
		}
		var all []aged
		err = tx.Each(messagesBucket, nil, func(key, value []byte) error {
			var m message
			id, _, _ := cutText(key)
			if json.Unmarshal(value, &m) != nil || !wait[id] && m.Position <= needed {
				all = append(all, aged{m.PutAt, slices.Clone(key)})
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, key := range tooOld(all, oldest, maxMessagesPerLife*s.opts.MaxLives) {
			if err := tx.Keys(deliveriesBucket, key, func(key []byte) error {
				gone = append(gone, place{deliveriesBucket, slices.Clone(key)})
				return nil
			}); err != nil {
				return err
			}
			gone = append(gone, place{messagesBucket, key})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.remove(gone)
}

// idsThatWait are those of the messages in the outbox.
func idsThatWait(tx store.Tx) (map[string]bool, error) {
	ids := make(map[string]bool)
	err := tx.Each(outboxBucket, nil, func(_, value []byte) error {
		var it deliver.Item
		if json.Unmarshal(value, &it) == nil {
			ids[it.ID] = true
		}
		return nil
	})
	return ids, err
}

// pruneDead forgets dead letters.
func (s *State) pruneDead(oldest int64) error {
	var gone []place
	err := s.db.View(func(tx store.Tx) error {
		var all []aged
		err := tx.Each(deadBucket, nil, func(key, value []byte) error {
			var l deliver.DeadLetter
			if json.Unmarshal(value, &l) != nil {
				l.At = 0
			}
			all = append(all, aged{l.At, slices.Clone(key)})
			return nil
		})
		for _, key := range tooOld(all, oldest, maxDead) {
			gone = append(gone, place{deadBucket, key}, place{bodiesBucket, key})
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.remove(gone)
}

// pruneHandles forgets receipts and standing messages of groups whose end was
// never told. Their age alone says nothing: a group may fire for a year.
func (s *State) pruneHandles(int64) error {
	var gone []place
	err := s.db.View(func(tx store.Tx) error {
		for _, bucket := range []string{receiptsBucket, standingBucket} {
			of := make(map[deliver.EndpointID][]aged)
			err := tx.Each(bucket, nil, func(key, value []byte) error {
				if e, _, ok := cutEndpoint(key); ok && len(value) >= 8 {
					of[e] = append(of[e], aged{int64(binary.BigEndian.Uint64(value)), slices.Clone(key)})
				}
				return nil
			})
			if err != nil {
				return err
			}
			for _, all := range of {
				for _, key := range tooOld(all, 0, maxReceipts) {
					gone = append(gone, place{bucket, key})
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.remove(gone)
}

// aged is a key and how old it is.
type aged struct {
	at  int64
	key []byte
}

// tooOld returns the keys of what is older than oldest, and of the oldest of
// those that are more than most.
func tooOld(all []aged, oldest int64, most int) (keys [][]byte) {
	slices.SortStableFunc(all, func(a, b aged) int { return cmp.Compare(a.at, b.at) })
	for i, a := range all {
		if a.at >= oldest && len(all)-i <= most {
			break
		}
		keys = append(keys, a.key)
	}
	return keys
}
