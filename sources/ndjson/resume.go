package ndjson

import (
	"os"
	"path/filepath"
	"slices"
)

// This file finds out where to go on in a file that was followed before.

// maxLeft bounds what is remembered of files that are gone.
const maxLeft = 10_000

// positionOf is how far the file that had this path was read before: in this
// run, else in the one before.
func (f *Follower) positionOf(path string) (p position, ok bool) {
	if s, here := f.left[path]; here {
		return parsePosition(s)
	}
	return parsePosition(f.cfg.Resume(path))
}

// fits says that a file is the one that a position is in.
func (p position) fits(file *os.File, info os.FileInfo) bool {
	if p.inode != idOf(info).inode || p.offset > info.Size() {
		return false
	}
	sum, whole := headOf(file, p.offset)
	return whole && sum == p.head
}

// resumed is how far a file was read before, and the name that it had then.
type resumed struct {
	position position
	path     string
}

// readBefore finds out how far files were read before, by inode: under their own
// names or, when they were renamed while nobody looked, under those of others.
func (f *Follower) readBefore(files []found) map[uint64]resumed {
	all := map[uint64]resumed{}
	for _, file := range files {
		p, ok := f.positionOf(file.path)
		if first, twice := all[p.inode]; ok && (!twice || first.position.offset < p.offset) {
			all[p.inode] = resumed{p, file.path}
		}
	}
	return all
}

// rest finds what path named when the daemon ended, if that was rotated to
// another name of its directory since, which the pattern does not match; nil
// when there is nothing like it.
func (f *Follower) rest(path string, now os.FileInfo, all []found) *tail {
	p, ok := parsePosition(f.cfg.Resume(path))
	_, here := f.left[path] // then all of it was read
	if !ok || here || p.inode == idOf(now).inode {
		return nil
	}
	if slices.ContainsFunc(all, func(g found) bool { return g.id.inode == p.inode }) {
		return nil
	}
	dir := filepath.Dir(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // it cannot be searched; the new file is read
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || idOf(info).inode != p.inode {
			continue
		}
		file, info, err := open(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil
		}
		if !p.fits(file, info) {
			_ = file.Close() // it was only looked at
			return nil
		}
		f.cfg.Log.Info("a file was rotated: its rest is read first", "source", "file:"+path, "now", e.Name())
		return f.newTail(path, file, info, p.offset)
	}
	return nil
}
