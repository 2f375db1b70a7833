package store

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// damagedDir is the folder in the store where damaged files are kept.
const damagedDir = "damaged"

// tempExt ends the names of files that are being made.
const tempExt = ".tmp"

// recover finds the segments and where the last one ends, and goes on there if
// it may.
func (j *Journal) recover() ([]Damage, error) {
	var err error
	if j.segs, err = segments(j.dir); err != nil || len(j.segs) == 0 {
		return nil, err
	}
	s := &j.segs[len(j.segs)-1]
	j.last = s.first - 1
	var end int64
	var found []damage
	r, err := s.open(j.dir)
	if err != nil {
		found = append(found, damage{bytes: s.size, err: err})
	} else {
		err = scan(r, func(e Entry, at int64) error {
			j.last, end = max(j.last, e.Pos), at
			return nil
		}, func(d damage) { found = append(found, d) })
		if err := errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
	}
	if s.packed {
		return j.report(*s, "", found), nil // closed: the next entry begins a new one
	}
	if len(found) == 0 || torn(found) {
		return nil, j.goOn(s, end)
	}
	size := s.size
	kept, err := j.repair(s)
	if err != nil {
		// Such as no room. It stays as it is, closed: its sound lines are read all
		// the same.
		s.size = size
		found = append(found, damage{bytes: 0, err: fmt.Errorf("not mended: %w", err)})
		if err := os.Remove(filepath.Join(j.dir, s.name()+tempExt)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	return j.report(*s, kept, found), nil
}

// torn says that nothing is wrong but a last line that breaks off.
func torn(found []damage) bool {
	return len(found) == 1 && found[0].lines == 1 && errors.Is(found[0].err, errTorn)
}

// goOn opens the last segment to be written from end on, and cuts off the rest.
func (j *Journal) goOn(s *segment, end int64) error {
	path := filepath.Join(j.dir, s.name())
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	if end < s.size {
		if err := errors.Join(f.Truncate(end), f.Sync()); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	s.size = end
	j.file = f
	return nil
}

// repair keeps a damaged segment aside as it is and puts one in its place that
// has its sound lines. It is closed: the next entry begins a new one.
func (j *Journal) repair(s *segment) (kept string, err error) {
	path := filepath.Join(j.dir, s.name())
	temp, err := os.Create(path + tempExt)
	if err != nil {
		return "", err
	}
	defer temp.Close()
	r, err := s.open(j.dir)
	if err != nil {
		return "", err
	}
	defer r.Close()
	s.size = 0
	err = scan(r, func(e Entry, _ int64) error {
		n, err := temp.Write(appendCRC(e.Line[:len(e.Line)-1], 0))
		s.size += int64(n)
		return err
	}, func(damage) {})
	if err == nil {
		err = temp.Sync()
	}
	if err == nil {
		kept, err = keepFile(j.dir, s.name())
	}
	if err == nil {
		err = os.Rename(path+tempExt, path)
	}
	return kept, errors.Join(err, syncDir(j.dir))
}

// keepFile gives a file of the store a second name among the damaged ones, and
// returns it.
func keepFile(dir, name string) (kept string, err error) {
	if err := os.MkdirAll(filepath.Join(dir, damagedDir), 0o750); err != nil {
		return "", err
	}
	for i := 0; ; i++ {
		kept = filepath.Join(damagedDir, fmt.Sprintf("%s.%d", name, i))
		if _, err := os.Lstat(filepath.Join(dir, kept)); errors.Is(err, os.ErrNotExist) {
			break
		}
	}
	return kept, os.Link(filepath.Join(dir, name), filepath.Join(dir, kept))
}

func (j *Journal) report(s segment, kept string, found []damage) []Damage {
	var out []Damage
	for _, d := range found {
		if errors.Is(d.err, io.EOF) && d.lines == 1 && !s.packed && kept != "" {
			continue // the torn tail beside real damage
		}
		out = append(out, Damage{File: s.name(), Bytes: d.bytes, Kept: kept, Err: fmt.Errorf("at byte %d: %w", d.offset, d.err)})
	}
	return out
}
