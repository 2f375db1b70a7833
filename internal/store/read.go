package store

import (
	"errors"
	"fmt"
	"os"
)

// ReadJournal calls f for each entry of a journal behind position after, in
// order, without opening it: another process may write, compress and prune it
// meanwhile. Damaged stretches are skipped; damaged is told of them, and may be
// nil. An error of f ends it and is returned. A folder without a journal has no
// entries.
func ReadJournal(dir string, after uint64, damaged func(Damage), f func(Entry) error) error {
	segs, err := listSegments(dir)
	if err != nil {
		return err
	}
	if damaged == nil {
		damaged = func(Damage) {}
	}
	return readSegments(dir, segs, after, true, damaged, f)
}

// IsJournal says that a folder holds segments of a journal.
func IsJournal(dir string) bool {
	segs, err := listSegments(dir)
	return err == nil && len(segs) > 0
}

// readSegments reads segments in order. The last one may break off if it is
// being written.
func readSegments(dir string, segs []segment, after uint64, writing bool, damaged func(Damage), f func(Entry) error) error {
	next := uint64(0) // position that comes next; 0: not known
	for i, s := range segs {
		if i+1 < len(segs) && segs[i+1].first <= after+1 {
			continue
		}
		if next > 0 && s.first > next {
			damaged(Damage{File: s.name(), Err: fmt.Errorf("the entries before it, from %d on, are missing", next)})
		}
		told := false
		tell := func(d Damage) {
			told = true
			damaged(d)
		}
		next = s.first
		there, err := readSegment(dir, s, writing && i == len(segs)-1, tell, func(e Entry, _ int64) error {
			next = e.Pos + 1
			if e.Pos <= after {
				return nil
			}
			return f(e)
		})
		if err != nil {
			return err
		}
		if told || !there {
			next = 0
		}
	}
	return nil
}

// readSegment reads one. It is not there any more if it was pruned meanwhile.
func readSegment(dir string, s segment, writing bool, damaged func(Damage), f func(Entry, int64) error) (there bool, err error) {
	r, err := s.open(dir)
	if errors.Is(err, os.ErrNotExist) && !s.packed {
		s.packed = true // meanwhile
		r, err = s.open(dir)
	}
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		damaged(Damage{File: s.name(), Bytes: s.size, Err: err})
		return true, nil
	}
	defer r.Close()
	return true, scan(r, f, func(d damage) {
		if writing && errors.Is(d.err, errTorn) && d.lines == 1 {
			return
		}
		damaged(Damage{File: s.name(), Bytes: d.bytes, Err: fmt.Errorf("at byte %d: %w", d.offset, d.err)})
	})
}
