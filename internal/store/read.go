package store

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"
)

// Files are the segments of a journal as they were at a moment, for one who only
// reads: another process may write, compress and prune the journal meanwhile.
// Not safe for concurrent use.
type Files struct {
	dir         string
	segs        []segment
	done, total int64
}

// FindFiles returns the segments in a folder, or the one that path names; nil
// when path is something else. Errors are those of the file system.
func FindFiles(path string) (*Files, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	f := &Files{dir: path}
	if info.IsDir() {
		if f.segs, err = listSegments(path); err != nil {
			return nil, err
		}
	} else if s, ok := parseName(filepath.Base(path)); ok {
		s.size = info.Size()
		f.dir, f.segs = filepath.Dir(path), []segment{s}
	}
	if len(f.segs) == 0 {
		return nil, nil
	}
	for _, s := range f.segs {
		f.total += s.size
	}
	return f, nil
}

// Read calls g for each entry behind position after, in order. Damaged
// stretches are skipped; damaged is told of them, and may be nil. An entry is
// valid until g returns, and an error of g ends it and is returned.
func (f *Files) Read(after uint64, damaged func(Damage), g func(Entry) error) error {
	if damaged == nil {
		damaged = func(Damage) {}
	}
	f.done = 0
	r := segmentReader{dir: f.dir, segs: f.segs, writing: true, damaged: damaged, done: &f.done}
	return r.read(after, g)
}

// Progress says how many bytes of the files have been read, and of how many;
// within a compressed one it is a guess.
func (f *Files) Progress() (done, total int64) { return f.done, f.total }

// Since is Journal.Since.
func (f *Files) Since(t time.Time) uint64 { return since(f.dir, f.segs, math.MaxUint64, t) }

// Newest returns the position behind which the last segment begins.
func (f *Files) Newest() uint64 { return f.segs[len(f.segs)-1].first - 1 }

// segmentReader reads segments in order.
type segmentReader struct {
	dir     string
	segs    []segment
	writing bool // the last one may break off
	damaged func(Damage)
	done    *int64 // bytes read, may be nil
}

func (r *segmentReader) read(after uint64, f func(Entry) error) error {
	next, passed := uint64(0), int64(0) // the position that comes next; 0: not known
	for i, s := range r.segs {
		if i+1 < len(r.segs) && r.segs[i+1].first <= after+1 {
			passed += s.size
			continue
		}
		if next > 0 && s.first > next {
			r.damaged(Damage{File: s.name(), Err: fmt.Errorf("the entries before it, from %d on, are missing", next)})
		}
		told := false
		tell := func(d Damage) {
			told = true
			r.damaged(d)
		}
		next = s.first
		there, err := readSegment(r.dir, s, r.writing && i == len(r.segs)-1, tell, func(e Entry, end int64) error {
			next = e.Pos + 1
			if r.done != nil {
				*r.done = passed + min(end, s.size)
			}
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
		passed += s.size
	}
	if r.done != nil {
		*r.done = passed
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

// IsJournal says that a folder holds segments of a journal.
func IsJournal(dir string) bool {
	segs, err := listSegments(dir)
	return err == nil && len(segs) > 0
}
