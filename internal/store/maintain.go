package store

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Pack compresses the segments that are closed and not compressed yet. It may
// take seconds and runs beside Append and Read.
func (j *Journal) Pack() error {
	for {
		s, ok := j.closedPlain()
		if !ok {
			return nil
		}
		size, err := j.pack(s)
		if err != nil {
			return err
		}
		j.mu.Lock()
		for i := range j.segs {
			if j.segs[i].first == s.first {
				j.segs[i].packed, j.segs[i].size = true, size
			}
		}
		j.mu.Unlock()
		// Only now: a reader who was about to open the plain one finds either.
		if err := os.Remove(filepath.Join(j.dir, s.name())); err != nil {
			return err
		}
	}
}

func (j *Journal) closedPlain() (segment, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i, s := range j.segs {
		if open := j.file != nil && i == len(j.segs)-1; !s.packed && !open {
			return s, true
		}
	}
	return segment{}, false
}

// pack writes the compressed form of a segment beside it.
func (j *Journal) pack(s segment) (size int64, err error) {
	from, err := os.Open(filepath.Join(j.dir, s.name()))
	if err != nil {
		return 0, err
	}
	defer from.Close()
	info, err := from.Stat()
	if err != nil {
		return 0, err
	}
	packed := segment{first: s.first, packed: true}
	path := filepath.Join(j.dir, packed.name())
	to, err := os.Create(path + tempExt)
	if err != nil {
		return 0, err
	}
	defer func() {
		err = errors.Join(err, to.Close())
		if err != nil { // there may be no room for it
			err = errors.Join(err, os.Remove(path+tempExt))
		}
	}()
	// The fastest level takes a third of the time of the default and leaves a sixth
	// more: the processor has VMs to run.
	z, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
	if err != nil {
		return 0, err
	}
	if _, err := io.Copy(z, from); err != nil {
		return 0, err
	}
	if err := errors.Join(z.Close(), to.Sync()); err != nil {
		return 0, err
	}
	if size, err = to.Seek(0, io.SeekCurrent); err != nil {
		return 0, err
	}
	// Its age is that of its newest entry.
	if err := os.Chtimes(path+tempExt, time.Time{}, info.ModTime()); err != nil {
		return 0, err
	}
	return size, errors.Join(os.Rename(path+tempExt, path), syncDir(j.dir))
}

// Prune deletes the oldest segments whose newest entry was written before
// oldest, and as many more as it takes to be at most maxBytes large (0: no
// bound). Entries behind position keep stay in any case. It returns how many
// entries went.
func (j *Journal) Prune(oldest time.Time, maxBytes int64, keep uint64) (entries uint64, err error) {
	total := j.Bytes()
	for {
		j.mu.Lock()
		if len(j.segs) < 2 {
			j.mu.Unlock()
			return entries, nil // the last one tells where the log ends
		}
		s, next := j.segs[0], j.segs[1]
		j.mu.Unlock()
		if next.first > keep+1 {
			return entries, nil
		}
		path := filepath.Join(j.dir, s.name())
		info, err := os.Stat(path)
		if err != nil {
			return entries, err
		}
		tooLarge := maxBytes > 0 && total > maxBytes
		if !tooLarge && !info.ModTime().Before(oldest) {
			return entries, nil
		}
		if err := os.Remove(path); err != nil {
			return entries, err
		}
		total -= s.size
		entries += next.first - s.first
		j.mu.Lock()
		j.segs = slices.Delete(j.segs, 0, 1)
		j.mu.Unlock()
	}
}

// Since returns a position behind which all entries are that were written at t
// or later, and few others: an index by time as fine as segments are.
func (j *Journal) Since(t time.Time) uint64 {
	j.mu.Lock()
	segs, last := slices.Clone(j.segs), j.last
	j.mu.Unlock()
	return since(j.dir, segs, last, t)
}

func since(dir string, segs []segment, last uint64, t time.Time) uint64 {
	for _, s := range segs {
		info, err := os.Stat(filepath.Join(dir, s.name()))
		if err != nil || !info.ModTime().Before(t) {
			return s.first - 1
		}
	}
	return last
}
