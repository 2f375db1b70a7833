package state

import (
	"encoding/json"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/qmp"
)

// Life is one life of an alert: from pending or firing to its end. Times are
// microseconds since 1970 UTC.
type Life struct {
	Fingerprint alert.Fingerprint
	ActiveAt    int64 // with Fingerprint, which life it is
	Name        string
	Labels      alert.Labels
	Annotations alert.Labels
	Status      alert.Status // of the newest change
	StartsAt    int64        // qmp.NoTime if it never fired
	EndsAt      int64        // qmp.NoTime if it has not ended
	UpdatedAt   int64        // of the newest change
	Count       int64
	Reason      alert.Reason // of the newest change
	Shadow      bool
	Omitted     int // changes and notes that were too many to be kept
}

// The bounds of one life: of what is beyond, the first half and the newest half
// are kept.
const (
	maxChanges = 100
	maxNotes   = 200
)

// life is a Life as it is kept.
type life struct {
	Life
	Changes, Notes int // how many are kept

	key []byte
}

// over says that the alert does not fire and is not pending.
func (l *Life) over() bool { return l.Status == alert.Resolved || l.Status == alert.Inactive }

// is says that the life is the one that started at startsAt: one that never
// fired is named by its ActiveAt.
func (l *Life) is(startsAt int64) bool {
	return l.StartsAt == startsAt || l.StartsAt == qmp.NoTime && l.ActiveAt == startsAt
}

func (l *life) put(tx store.Tx) error { return putJSON(tx, livesBucket, l.key, l) }

// lifeAt reads a life; nil when there is none.
func lifeAt(tx store.Tx, key []byte) *life {
	l := &life{key: key}
	if b := tx.Get(livesBucket, key); b == nil || json.Unmarshal(b, l) != nil {
		return nil
	}
	return l
}

// history adds what a step decided to the lives of the alerts concerned. texts
// are the changes as they are kept.
func (c *commit) history(step *Step, texts [][]byte) error {
	for i := range step.Changes {
		change := &step.Changes[i]
		l, err := c.begin(change)
		if err != nil {
			return err
		}
		l.take(change)
		err = c.add(l, changesBucket, partKey(l.key, step.Position, i), texts[i], &l.Changes, maxChanges)
		if err != nil {
			return err
		}
	}
	for i := range step.Notes {
		note := &step.Notes[i]
		l := c.find(note.Fingerprint, note.StartsAt)
		if l == nil {
			continue // forgotten, or it was none: what is left has no place
		}
		text, err := json.Marshal(note)
		if err != nil {
			return err
		}
		err = c.add(l, notesBucket, partKey(l.key, step.Position, i), text, &l.Notes, maxNotes)
		if err != nil {
			return err
		}
	}
	return nil
}

// begin returns the life that a change belongs to, a new one if need be.
func (c *commit) begin(change *alert.Change) (*life, error) {
	key := lifeKey(change.Fingerprint, change.ActiveAt)
	if l := c.of(key); l != nil {
		return l, nil
	}
	l := &life{key: key, Life: Life{Fingerprint: change.Fingerprint, ActiveAt: change.ActiveAt, Name: change.Name}}
	c.lives[string(key)] = l
	c.order = append(c.order, l)
	return l, c.tx.Put(alertsBucket, alertKey(change.Fingerprint, change.ActiveAt), nil)
}

// of returns a life to be changed; nil when there is none.
func (c *commit) of(key []byte) *life {
	if l := c.lives[string(key)]; l != nil {
		return l
	}
	l := lifeAt(c.tx, key)
	if l != nil {
		c.lives[string(key)] = l
		c.order = append(c.order, l)
	}
	return l
}

// find returns the life of an alert that started at startsAt; nil when there is
// none.
func (c *commit) find(f alert.Fingerprint, startsAt int64) (found *life) {
	// The newest life is nearly always the one.
	_ = livesOf(c.tx, f, func(activeAt int64) bool {
		if l := c.of(lifeKey(f, activeAt)); l != nil && l.is(startsAt) {
			found = l
		}
		return found == nil
	})
	return found
}

// livesOf calls f with the ActiveAt of each life of an alert, the newest first,
// until it returns false.
func livesOf(tx store.Tx, print alert.Fingerprint, f func(activeAt int64) bool) error {
	prefix := alertKey(print, 0)[:8]
	err := tx.EachBack(alertsBucket, prefix, nil, func(key, _ []byte) error {
		if at, _ := cutTime(key[8:]); !f(at) {
			return errEnough
		}
		return nil
	})
	return enough(err)
}

func (l *life) take(c *alert.Change) {
	l.Labels, l.Annotations = c.Labels, c.Annotations
	l.Status, l.StartsAt, l.EndsAt, l.UpdatedAt = c.Status, c.StartsAt, c.EndsAt, c.At
	l.Count, l.Reason, l.Shadow = c.Count, c.Reason, c.Shadow
}

// add writes a part of a life. When there are most of them, the one in the middle
// goes.
func (c *commit) add(l *life, bucket string, key, value []byte, count *int, most int) error {
	if c.tx.Has(bucket, key) {
		return nil
	}
	if *count == most {
		var middle []byte
		n := 0
		err := c.tx.Keys(bucket, l.key, func(key []byte) error {
			if n++; n > most/2 {
				middle = slices.Clone(key)
				return errEnough
			}
			return nil
		})
		if enough(err) != nil {
			return err
		}
		if middle != nil {
			if err := c.tx.Delete(bucket, middle); err != nil {
				return err
			}
		}
		l.Omitted++
		*count--
	}
	*count++
	return c.tx.Put(bucket, key, value)
}
