package ndjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/qmpalert/qmpalert/qmp"
)

// inMemory is how much of a pipe is kept without a file.
const inMemory = 1 << 20

// spool is a recording that can be read as often as needed. What is appended to
// a file while it is read does not belong to it.
type spool struct {
	text io.ReaderAt
	size int64
	file *os.File // to close, or nil
}

func openSpool(path string) (*spool, error) {
	if path == "-" {
		s, err := newSpool(os.Stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return s, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case info.IsDir():
		err = errors.New("is a directory")
	case info.Mode().IsRegular() && info.Size() > 0:
		return &spool{text: f, size: info.Size(), file: f}, nil
	}
	defer f.Close()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s, err := newSpool(f) // a pipe, or a file of the kernel that does not tell its size
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return s, nil
}

// newSpool reads r to its end.
func newSpool(r io.Reader) (*spool, error) {
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, inMemory)
	if errors.Is(err, io.EOF) {
		return &spool{text: bytes.NewReader(head.Bytes()), size: n}, nil
	}
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "qmpalert-")
	if err != nil {
		return nil, err
	}
	// Nobody needs its name, and so it is gone however the process ends.
	err = os.Remove(f.Name())
	if err == nil {
		n, err = io.Copy(f, io.MultiReader(&head, r))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &spool{text: f, size: n, file: f}, nil
}

func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// reader returns a reader from the start that shares nothing with others.
func (s *spool) reader() io.Reader { return io.NewSectionReader(s.text, 0, s.size) }

// decoder returns a decoder from the start.
func (s *spool) decoder() *qmp.Decoder {
	return qmp.NewDecoder(s.reader(), qmp.Options{Reuse: true})
}
