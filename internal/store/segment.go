package store

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The names of segments: the position of the first entry, so that their order
// as text is theirs.
const (
	plainExt  = ".ndjson"
	packedExt = ".ndjson.gz"
)

// segment is one file of the log.
type segment struct {
	first  uint64 // position of its first entry
	packed bool
	size   int64 // bytes on disk
}

func (s segment) name() string {
	ext := plainExt
	if s.packed {
		ext = packedExt
	}
	return fmt.Sprintf("%020d%s", s.first, ext)
}

// segments lists those of a folder in order. A leftover of a compression that
// was interrupted is removed: what it was made of is still there.
func segments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), tempExt) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return nil, err
			}
		}
	}
	all, err := listSegments(dir)
	for _, s := range all {
		packed := segment{first: s.first, packed: true}
		if s.packed || err != nil {
			continue
		}
		if err = os.Remove(filepath.Join(dir, packed.name())); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	return all, err
}

// listSegments is segments for one who must not change anything.
func listSegments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []segment
	for _, e := range entries {
		s, ok := parseName(e.Name())
		if !ok {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.size = info.Size()
		// Plain before packed: the plain one is whole as long as it is there.
		if n := len(all); n > 0 && all[n-1].first == s.first {
			continue
		}
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b segment) int { return strings.Compare(a.name(), b.name()) })
	return all, nil
}

func parseName(name string) (s segment, ok bool) {
	number, packed := strings.CutSuffix(name, packedExt)
	if !packed {
		if number, ok = strings.CutSuffix(name, plainExt); !ok {
			return s, false
		}
	}
	first, err := strconv.ParseUint(number, 10, 64)
	s = segment{first: first, packed: packed}
	return s, err == nil && s.name() == name
}

// damage is what is wrong with a part of a segment.
type damage struct {
	offset int64 // bytes into the (unpacked) segment
	bytes  int64
	lines  int
	err    error
}

// scan calls good for each sound line of a segment, with the offset behind it,
// and bad for each stretch of what is none. A last line without a line end is
// none. An error of good ends it and is returned.
func scan(r io.Reader, good func(e Entry, end int64) error, bad func(damage)) error {
	in := bufio.NewReaderSize(r, 64<<10)
	var d damage
	report := func() {
		if d.bytes > 0 {
			bad(d)
		}
		d = damage{}
	}
	var offset int64
	var long []byte
	for {
		line, whole, n, err := readLine(in, &long)
		begin := offset
		offset += n
		entry, problem := Entry{}, err
		if whole {
			entry, problem = parseLine(line)
		}
		switch {
		case whole && problem == nil:
			report()
			if err := good(entry, offset); err != nil {
				return err
			}
		case n > 0:
			if d.bytes == 0 {
				d.offset, d.err = begin, problem
			}
			d.bytes += n
			d.lines++
		}
		if err != nil {
			if !errors.Is(err, io.EOF) && d.bytes == 0 {
				d = damage{offset: offset, bytes: 1, lines: 1, err: err} // such as a gzip stream that breaks off
			}
			report()
			return nil
		}
	}
}

// maxLine is the longest line that is read as one.
const maxLine = MaxEntry + 64

var errTorn = fmt.Errorf("a line that breaks off: %w", io.EOF)

// readLine reads up to a line end; n counts all bytes. A line that is too long
// is skipped: line is nil then, and whole true.
func readLine(in *bufio.Reader, long *[]byte) (line []byte, whole bool, n int64, err error) {
	*long = (*long)[:0]
	for {
		part, err := in.ReadSlice('\n')
		n += int64(len(part))
		if len(*long)+len(part) <= maxLine {
			*long = append(*long, part...)
		}
		switch {
		case err == nil:
			if n > maxLine {
				return nil, true, n, nil
			}
			return bytes.TrimSuffix(*long, []byte("\n")), true, n, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF):
			return nil, false, n, errTorn
		default:
			return nil, false, n, err
		}
	}
}

// open opens a segment for reading, unpacked.
func (s segment) open(dir string) (io.ReadCloser, error) {
	f, err := os.Open(filepath.Join(dir, s.name()))
	if err != nil || !s.packed {
		return f, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", s.name(), err)
	}
	return &unpacked{z, f}, nil
}

type unpacked struct {
	*gzip.Reader
	file *os.File
}

func (u *unpacked) Close() error { return errors.Join(u.Reader.Close(), u.file.Close()) }
