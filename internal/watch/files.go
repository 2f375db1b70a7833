package watch

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	// MaxFile bounds what is read of one file, in bytes. Data of MaxFile bytes
	// may be cut off; whoever parses it refuses that much.
	MaxFile = 8 << 20
	// maxBytes bounds what is read of all files together.
	maxBytes = 256 << 20
	// maxFiles bounds how many files a set of patterns may name.
	maxFiles = 10_000
	// maxDepth bounds how deep a directory is searched.
	maxDepth = 16
)

// File is one file as it was when it was looked at.
type File struct {
	Name string
	Data []byte
	Err  error // it could not be read; Data is nil
}

// Files is what a list of patterns names, in order of the patterns and, in one
// pattern, in byte order of the names; each file once.
type Files []File

// Hash tells two states of files apart: it covers names, contents and errors.
type Hash [sha256.Size]byte

// Hash returns the state of the files.
func (fs Files) Hash() Hash {
	h := sha256.New()
	part := func(s []byte) {
		_ = binary.Write(h, binary.LittleEndian, int64(len(s))) // a hash takes everything
		h.Write(s)
	}
	for _, f := range fs {
		part([]byte(f.Name))
		part(f.Data)
		if f.Err == nil {
			part(nil)
		} else {
			part([]byte("!" + f.Err.Error()))
		}
	}
	return Hash(h.Sum(nil))
}

// Read returns what the patterns name now. A pattern is a file, a glob in the
// syntax of filepath.Match, or a directory, of which the *.yml and *.yaml files
// at any depth are taken, but not hidden ones, what editors leave behind, and
// what is below a directory testdata. A name that exists is never taken for a
// glob. A pattern without a glob that names nothing is a File with an error, and
// so is every directory that cannot be searched: no file vanishes without a
// word.
func Read(patterns []string) Files {
	s := search{seen: make(map[string]bool), searched: make(map[string]bool)}
	for _, pattern := range patterns {
		s.pattern(filepath.Clean(pattern))
	}
	size := 0
	for i := range s.found {
		f := &s.found[i]
		switch {
		case f.Err != nil:
		case size > maxBytes:
			f.Err = fmt.Errorf("the files have more than %d MiB together: this one is left out", maxBytes>>20)
		default:
			f.Data, f.Err = readFile(f.Name)
			size += len(f.Data)
		}
	}
	return s.found
}

// ReadOne reads the file of this name, which is never taken for a glob; a
// directory is an error.
func ReadOne(name string) File {
	f := File{Name: filepath.Clean(name)}
	f.Data, f.Err = readFile(f.Name)
	return f
}

// readFile reads a regular file. Anything else is not even opened for longer
// than it takes to see what it is: to wait for a writer of a pipe would be for
// ever.
func readFile(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	switch info, err := f.Stat(); {
	case err == nil && info.IsDir():
		return nil, syscall.EISDIR
	case err == nil && !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile))
	if err != nil {
		return nil, bare(err)
	}
	return data, nil
}

// bare takes the operation and the path off an error: File has the name.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
