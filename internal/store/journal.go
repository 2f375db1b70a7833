package store

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// DefaultSegment is the default of JournalOptions.Segment.
const DefaultSegment = 64 << 20

// JournalOptions of OpenJournal; the zero value has the defaults.
type JournalOptions struct {
	// Segment is the size in bytes at which a segment is closed.
	Segment int64
	// NoSync leaves it to the system when data reaches the disk: a power
	// failure may lose the last seconds, the death of the process nothing.
	NoSync bool
	// Damaged is told of damage that is found while reading. It must not call
	// the journal. Nil: nobody is.
	Damaged func(Damage)
}

// Damage says what is wrong with a file of the store, and where the damaged
// bytes are kept.
type Damage struct {
	File  string // name of the file in the store's folder
	Bytes int64
	Kept  string // where the file as it was is kept; "" when it stays in place
	Err   error
}

// Journal is the Log on files. Open it with OpenJournal; Close it.
type Journal struct {
	dir  string
	opts JournalOptions
	lock *os.File

	mu   sync.Mutex // of everything below, held by Append while it writes
	segs []segment  // in order; the last one is being written if file is not nil
	file *os.File
	last uint64
	buf  []byte
}

// OpenJournal opens the journal in a folder, which it makes if need be, and
// says what damage it found at its end. A line that breaks off there, as a death
// in the middle of Append leaves it, is no damage and cut. Another process in
// the same folder is an error (ErrInUse).
func OpenJournal(dir string, opts JournalOptions) (*Journal, []Damage, error) {
	if opts.Segment <= 0 {
		opts.Segment = DefaultSegment
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, nil, err
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, nil, err
	}
	j := &Journal{dir: dir, opts: opts, lock: lock}
	found, err := j.recover()
	if err != nil {
		return nil, nil, errors.Join(err, lock.Close())
	}
	return j, found, nil
}

// Close ends writing and lets another process open the folder.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return errors.Join(j.closeFile(), j.lock.Close())
}

func (j *Journal) closeFile() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}

// Last implements Log.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Skip lets the next entry come behind pos, if it would not anyway: what knows
// of entries that damage took from the journal asks for it, so that no two
// entries ever have one position.
func (j *Journal) Skip(pos uint64) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if pos <= j.last {
		return nil
	}
	j.last = pos
	return j.closeFile() // positions in a segment have no gaps
}

// Append implements Log.
func (j *Journal) Append(lines ...[]byte) (last uint64, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(lines) == 0 {
		return j.last, nil
	}
	j.buf = j.buf[:0]
	for i, line := range lines {
		if j.buf, err = appendLine(j.buf, j.last+uint64(i)+1, line); err != nil {
			return 0, err
		}
	}
	if err := j.room(int64(len(j.buf))); err != nil {
		return 0, fmt.Errorf("the journal: %w", err)
	}
	if err := j.write(j.buf); err != nil {
		return 0, fmt.Errorf("the journal: %w", err)
	}
	j.last += uint64(len(lines))
	return j.last, nil
}

// room makes sure that there is a segment to write n bytes to.
func (j *Journal) room(n int64) error {
	if j.file != nil {
		if s := j.segs[len(j.segs)-1]; s.size == 0 || s.size+n <= j.opts.Segment {
			return nil
		}
		if err := j.closeFile(); err != nil {
			return err
		}
	}
	s := segment{first: j.last + 1}
	path := filepath.Join(j.dir, s.name())
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
	if errors.Is(err, os.ErrExist) {
		// What a write left that failed in all ways. No entry of it counts.
		if _, err := keepFile(j.dir, s.name()); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		f, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o640)
	}
	if err != nil {
		return err
	}
	if err := j.syncFolder(); err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	j.file = f
	j.segs = append(j.segs, s)
	return nil
}

// write adds bytes to the open segment and waits for the disk. After an error
// the segment ends where it did before, and is closed: what the kernel failed to
// write it may have forgotten.
func (j *Journal) write(b []byte) error {
	s := &j.segs[len(j.segs)-1]
	n, err := j.file.Write(b)
	if err == nil && !j.opts.NoSync {
		err = syncData(j.file)
	}
	if err == nil {
		s.size += int64(n)
		return nil
	}
	err = errors.Join(err, j.file.Truncate(s.size), j.closeFile())
	if s.size == 0 {
		err = errors.Join(err, os.Remove(filepath.Join(j.dir, s.name())))
		j.segs = j.segs[:len(j.segs)-1]
	}
	return err
}

func (j *Journal) syncFolder() error {
	if j.opts.NoSync {
		return nil
	}
	return syncDir(j.dir)
}

// Read implements Log. Damaged stretches are skipped and reported; the
// positions in them are missing.
func (j *Journal) Read(after uint64, f func(Entry) error) error {
	j.mu.Lock()
	segs, last, writing := slices.Clone(j.segs), j.last, j.file != nil
	j.mu.Unlock()
	r := segmentReader{dir: j.dir, segs: segs, writing: writing, damaged: j.damaged}
	return r.read(after, func(e Entry) error {
		if e.Pos > last {
			return nil
		}
		return f(e)
	})
}

func (j *Journal) damaged(d Damage) {
	if j.opts.Damaged != nil {
		j.opts.Damaged(d)
	}
}

// Bytes is the size of all segments on disk.
func (j *Journal) Bytes() (n int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, s := range j.segs {
		n += s.size
	}
	return n
}

// First is the position of the oldest entry that is kept, or Last+1.
func (j *Journal) First() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.segs) == 0 {
		return j.last + 1
	}
	return min(cmp.Or(j.segs[0].first, 1), j.last+1)
}
