package replay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/store"
)

// recordings are the names that are taken from a directory. Any file can be
// named itself.
var recordings = []string{".ndjson", ".jsonl", ".qmp"}

// ErrNothing says that a directory holds no recording.
var ErrNothing = errors.New("no recording (*.ndjson, *.jsonl, *.qmp) is in it")

// Expand replaces each directory by the recordings in it at any depth, in byte
// order of their paths; hidden files are left out. A directory that is the
// journal of a daemon is one recording. "-" is standard input. A file that is
// named twice is an error: its events would count twice.
func Expand(paths []string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, path := range paths {
		found := []string{path}
		if info, err := os.Stat(path); path != "-" && err != nil {
			return nil, err
		} else if path != "-" && info.IsDir() {
			if found, err = inDirectory(path); err != nil {
				return nil, err
			}
		}
		for _, f := range found {
			if seen[filepath.Clean(f)] {
				return nil, fmt.Errorf("%s: named twice", f)
			}
			seen[filepath.Clean(f)] = true
			out = append(out, f)
		}
	}
	return out, nil
}

func inDirectory(dir string) ([]string, error) {
	var out []string
	root := dir + "/" // so that a link is the directory that it leads to
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		hidden := strings.HasPrefix(d.Name(), ".") && name != root
		if name == root {
			name = dir
		}
		switch {
		case d.IsDir() && hidden:
			return fs.SkipDir
		case d.IsDir():
			if !store.IsJournal(name) {
				return nil
			}
			out = append(out, name)
			return fs.SkipDir
		case d.Type()&^fs.ModeSymlink != 0: // a socket, or a pipe that nobody may write to
		case !hidden && slices.Contains(recordings, filepath.Ext(name)):
			out = append(out, name)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: %w", dir, ErrNothing)
	}
	slices.Sort(out)
	return out, nil
}
