package watch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// search collects the names of files, each once and unread.
type search struct {
	found    Files
	seen     map[string]bool // names in found
	searched map[string]bool // real paths of directories: each is searched once, so loops of links end
}

func (s *search) add(name string, err error) {
	if s.seen[name] || len(s.found) > maxFiles {
		return
	}
	if len(s.found) == maxFiles {
		err = fmt.Errorf("more than %d files: this one and those after it are left out", maxFiles)
	}
	s.seen[name] = true
	s.found = append(s.found, File{Name: name, Err: err})
}

func (s *search) pattern(pattern string) {
	if _, err := os.Lstat(pattern); err == nil || !IsGlob(pattern) {
		s.path(pattern)
		return
	}
	if _, err := filepath.Match(pattern, ""); err != nil {
		s.add(pattern, err)
		return
	}
	for _, name := range s.glob(pattern) {
		if !Skipped(filepath.Base(name)) {
			s.path(name)
		}
	}
}

// path takes a file, or searches a directory.
func (s *search) path(path string) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		s.directory(path, 0)
		return
	}
	s.add(path, nil) // reading it says if it is not there
}

// directory takes the YAML files below a directory. Links are followed.
func (s *search) directory(dir string, depth int) {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		s.add(dir, bare(err))
		return
	}
	if s.searched[real] {
		return
	}
	s.searched[real] = true
	if depth > maxDepth {
		s.add(dir, fmt.Errorf("more than %d directories deep", maxDepth))
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		s.add(dir, bare(err))
		return
	}
	for _, e := range entries { // ReadDir sorts by name
		name := filepath.Join(dir, e.Name())
		if Skipped(e.Name()) {
			continue
		}
		info, err := os.Stat(name)
		switch ext := filepath.Ext(name); {
		case err == nil && info.IsDir():
			s.directory(name, depth+1)
		case err != nil && e.IsDir():
			s.add(name, bare(err))
		case ext == ".yml" || ext == ".yaml":
			s.add(name, nil)
		}
	}
}

// glob is filepath.Glob that does not swallow errors: a directory that is there
// but cannot be listed is a File with an error.
func (s *search) glob(pattern string) []string {
	dir, base := filepath.Split(pattern)
	if dir == "" {
		dir = "."
	}
	dir = filepath.Clean(dir)
	dirs := []string{dir}
	if _, err := os.Lstat(dir); err != nil && IsGlob(dir) {
		dirs = s.glob(dir)
	}
	var out []string
	for _, d := range dirs {
		names, err := matching(d, base)
		if err != nil {
			s.add(d, err)
		}
		for _, name := range names {
			out = append(out, filepath.Join(d, name))
		}
	}
	return out
}

// matching lists the names in a directory that match, in byte order. One that
// is not there, or is none, has no names; hidden names match only a pattern
// that begins with a dot.
func matching(dir, base string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(base, ".")
		if ok, _ := filepath.Match(base, e.Name()); ok && !hidden {
			names = append(names, e.Name())
		}
	}
	return names, bare(err)
}

// IsGlob says that a path holds a character that filepath.Match gives a
// meaning.
func IsGlob(path string) bool { return strings.ContainsAny(path, `*?[`) }

// Skipped says that a name is hidden (also Kubernetes' ..data), what an editor
// leaves behind (vim's .x.swp, x~ and 4913, emacs' #x# and .#x), or testdata,
// which holds input of tests, as for the go command: a clone of this project
// has a directory rules, and below it rules that are broken on purpose.
func Skipped(base string) bool {
	return strings.HasPrefix(base, ".") || strings.HasSuffix(base, "~") || strings.HasSuffix(base, ".swp") ||
		strings.HasPrefix(base, "#") && strings.HasSuffix(base, "#") || base == "4913" || base == "testdata"
}
