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
	"slices"
	"strings"
)

const (
	// MaxFile bounds what is read of one file, in bytes. Data of MaxFile bytes
	// may be cut off; whoever parses it refuses that much.
	MaxFile = 8 << 20
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
		if f.Err != nil {
			part([]byte(f.Err.Error()))
		}
	}
	return Hash(h.Sum(nil))
}

// Read returns what the patterns name now. A pattern is a file, a glob in the
// syntax of filepath.Match, or a directory, of which the *.yml and *.yaml files
// at any depth are taken, but not hidden ones and what editors leave behind. A
// pattern without a glob that names nothing is a File with an error.
func Read(patterns []string) Files {
	var out Files
	seen := make(map[string]bool)
	for _, pattern := range patterns {
		for _, name := range expand(pattern) {
			if seen[name] {
				continue
			}
			seen[name] = true
			if len(out) == maxFiles {
				return append(out, File{Name: name, Err: fmt.Errorf("more than %d files: this one and those after it are left out", maxFiles)})
			}
			out = append(out, readFile(name))
		}
	}
	return out
}

func readFile(name string) File {
	f, err := os.Open(name)
	if err != nil {
		return File{Name: name, Err: bare(err)}
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return File{Name: name, Err: errors.New("not a regular file")}
	}
	data, err := io.ReadAll(io.LimitReader(f, MaxFile))
	if err != nil {
		return File{Name: name, Err: bare(err)}
	}
	return File{Name: name, Data: data}
}

// bare takes the operation and the path off an error: File has the name.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// expand returns the files that one pattern names.
func expand(pattern string) []string {
	pattern = filepath.Clean(pattern)
	if !IsGlob(pattern) {
		return expandPath(pattern)
	}
	matches, err := filepath.Glob(pattern)
	if err != nil {
		return []string{pattern} // reading it says what is wrong
	}
	slices.Sort(matches)
	var out []string
	for _, m := range matches {
		if !leftover(filepath.Base(m)) {
			out = append(out, expandPath(m)...)
		}
	}
	return out
}

// IsGlob says that a path holds a character that filepath.Match gives a
// meaning.
func IsGlob(path string) bool { return strings.ContainsAny(path, `*?[`) }

func expandPath(path string) []string {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}
	}
	return walk(path, 0, map[string]bool{})
}

// walk lists the YAML files below a directory. Links are followed; above holds
// the real paths of the directories that it came through, so that a loop of
// links ends.
func walk(dir string, depth int, above map[string]bool) []string {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || above[real] || depth > maxDepth {
		return nil
	}
	above[real] = true
	defer delete(above, real)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return []string{dir} // reading it says what is wrong
	}
	var out []string
	for _, e := range entries { // ReadDir sorts by name
		name := filepath.Join(dir, e.Name())
		if leftover(e.Name()) {
			continue
		}
		info, err := os.Stat(name)
		switch ext := filepath.Ext(name); {
		case err == nil && info.IsDir():
			out = append(out, walk(name, depth+1, above)...)
		case ext == ".yml" || ext == ".yaml":
			out = append(out, name)
		}
	}
	return out
}

// leftover says that a name is hidden (also Kubernetes' ..data) or what an
// editor leaves behind: vim's .x.swp, x~ and 4913, emacs' #x# and .#x.
func leftover(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") || strings.HasSuffix(base, ".swp") ||
		strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#") || base == "4913"
}
