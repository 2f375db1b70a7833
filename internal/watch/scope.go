package watch

import (
	"os"
	"path/filepath"
	"strings"
)

// scope is where a change of the files can come from. Any directory on the way
// to a file may be moved away, linked elsewhere or made only later, so all of
// them are watched; but only few of the names in them matter.
type scope struct {
	dirs  map[string]bool // to watch; true: every name in it matters
	names map[string]bool // that matter wherever they are
}

// scopeOf returns the scope of patterns, in absolute paths.
func scopeOf(patterns []string) scope {
	s := scope{dirs: map[string]bool{}, names: map[string]bool{}}
	for _, p := range patterns {
		if abs, err := filepath.Abs(p); err == nil {
			s.way("/", strings.Split(abs, "/"), 0)
		}
	}
	return s
}

// matters says that a change of this name may change the files.
func (s *scope) matters(name string) bool {
	return s.names[name] || s.dirs[filepath.Dir(name)]
}

// way follows the parts of a path from the directory at on, link by link: each
// link may be turned around (Kubernetes turns ..data, two links away from the
// file that is read).
func (s *scope) way(at string, parts []string, links int) {
	for i, part := range parts {
		if part == "" {
			continue
		}
		if len(s.dirs) > maxFiles || links > maxDepth {
			return
		}
		if _, ok := s.dirs[at]; !ok {
			s.dirs[at] = false // of the names in it only part matters
		}
		if _, err := os.Lstat(filepath.Join(at, part)); err != nil && IsGlob(part) {
			s.glob(at, part, parts[i+1:], links)
			return
		}
		at = filepath.Join(at, part)
		s.names[at] = true
		if target, ok := link(at); ok {
			s.way("/", append(strings.Split(target, "/"), parts[i+1:]...), links+1)
			return
		}
	}
	s.below(at, 0, links)
}

func (s *scope) glob(dir, pattern string, rest []string, links int) {
	s.dirs[dir] = true
	names, _ := matching(dir, pattern) // Read reports the error
	for _, name := range names {
		s.way(dir, append([]string{name}, rest...), links)
	}
}

// below takes in a directory that is to be searched for files.
func (s *scope) below(path string, depth, links int) {
	entries, err := os.ReadDir(path)
	if err != nil || depth > maxDepth || len(s.dirs) > maxFiles {
		return
	}
	s.dirs[path] = true
	for _, e := range entries {
		name := filepath.Join(path, e.Name())
		switch {
		case e.IsDir() && !Skipped(e.Name()):
			s.below(name, depth+1, links)
		case e.Type()&os.ModeSymlink != 0:
			if target, ok := link(name); ok && !s.names[target] {
				s.names[target] = true
				s.way("/", strings.Split(target, "/"), links+1)
			}
		}
	}
}

// link returns the absolute path that a link points to.
func link(path string) (string, bool) {
	target, err := os.Readlink(path)
	if err != nil {
		return "", false
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(filepath.Dir(path), target)
	}
	return filepath.Clean(target), true
}
