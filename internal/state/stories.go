package state

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/store"
	"github.com/qmpalert/qmpalert/qmp"
)

// Filter says which lives Lives returns; the zero value: the newest 100.
type Filter struct {
	Fingerprint alert.Fingerprint       // 0: any
	Statuses    []alert.Status          // of the newest change; nil: any
	Match       func(alert.Labels) bool // nil: any
	Before      int64                   // leaves out what became active at or after it, in microseconds since 1970 UTC; 0: nothing
	Limit       int                     // 0: 100
}

// Story is everything that is known about one life.
type Story struct {
	Life
	Changes  []alert.Change  // oldest first
	Notes    []dispatch.Note // oldest first
	Messages []Message       // those that Notes name, and those that carry them
}

// errEnough ends a walk early.
var errEnough = errors.New("enough")

func enough(err error) error {
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

func (f *Filter) wants(l *Life) bool {
	return (f.Fingerprint == 0 || l.Fingerprint == f.Fingerprint) &&
		(f.Statuses == nil || slices.Contains(f.Statuses, l.Status)) &&
		(f.Match == nil || f.Match(l.Labels))
}

// Lives returns lives without their changes: the one that became active last
// first, then by Fingerprint from the highest.
func (s *State) Lives(f Filter) (all []Life, more bool, err error) {
	if f.Limit == 0 {
		f.Limit = 100
	}
	var before []byte
	if f.Before != 0 {
		before = appendTime(nil, f.Before)
	}
	err = s.db.View(func(tx store.Tx) error {
		return tx.EachBack(livesBucket, nil, before, func(_, value []byte) error {
			var l life
			if json.Unmarshal(value, &l) != nil || !f.wants(&l.Life) {
				return nil
			}
			if len(all) == f.Limit {
				more = true
				return errEnough
			}
			all = append(all, l.Life)
			return nil
		})
	})
	return all, more, enough(err)
}

// Newest returns the newest change of a life, with its evidence; nil when it is
// not known any more.
func (s *State) Newest(f alert.Fingerprint, activeAt int64) (newest *alert.Change, err error) {
	err = s.db.View(func(tx store.Tx) error {
		return tx.EachBack(changesBucket, lifeKey(f, activeAt), nil, func(_, value []byte) error {
			c, err := alert.ParseStored(value)
			if err == nil {
				newest = &c
			}
			return errEnough
		})
	})
	return newest, enough(err)
}

// Story returns the life of an alert that started at startsAt, in microseconds
// since 1970 UTC, or, if it never fired, became active then; qmp.NoTime: its
// newest life. Nil: there is none.
func (s *State) Story(f alert.Fingerprint, startsAt int64) (*Story, error) {
	var story *Story
	err := s.db.View(func(tx store.Tx) error {
		var l *life
		if err := livesOf(tx, f, func(activeAt int64) bool {
			l = lifeAt(tx, lifeKey(f, activeAt))
			if l != nil && startsAt != qmp.NoTime && !l.is(startsAt) {
				l = nil
			}
			return l == nil
		}); err != nil || l == nil {
			return err
		}
		story = &Story{Life: l.Life}
		return errors.Join(story.read(tx, l.key))
	})
	if err != nil || story == nil {
		return nil, err
	}
	var ids []string
	for _, n := range story.Notes {
		if n.NotificationID != "" {
			ids = append(ids, n.NotificationID)
		}
	}
	story.Messages, err = s.Messages(ids...)
	return story, err
}

// read reads the parts of a life. What cannot be read is left out.
func (s *Story) read(tx store.Tx, key []byte) error {
	err := tx.Each(changesBucket, key, func(_, value []byte) error {
		if c, err := alert.ParseStored(value); err == nil {
			s.Changes = append(s.Changes, c)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return tx.Each(notesBucket, key, func(_, value []byte) error {
		var n dispatch.Note
		if json.Unmarshal(value, &n) == nil {
			s.Notes = append(s.Notes, n)
		}
		return nil
	})
}
