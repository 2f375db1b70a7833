package ndjson

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/sources"
)

// This file notices which files there are: new, renamed, replaced, emptied and
// deleted ones.

// found is a file under a path, as it is now.
type found struct {
	path string
	info os.FileInfo
	id   fileID
}

// look compares what the pattern names now with what is followed.
func (f *Follower) look() {
	clear(f.troubled)
	files := f.list()
	byID, byPath := map[fileID]found{}, map[string]found{}
	for _, file := range files {
		byPath[file.path] = file
		if _, twice := byID[file.id]; !twice { // of hard links the first counts
			byID[file.id] = file
		}
	}
	had := f.rename(byID, byPath)
	taken := map[string]bool{}
	kept := f.tails[:0]
	for _, t := range f.tails {
		if f.survives(t, byPath) {
			kept = append(kept, t)
			taken[t.path] = true
			delete(byID, t.id)
		}
	}
	clear(f.tails[len(kept):])
	f.tails = kept
	var fresh []found
	for _, file := range files {
		if _, unknown := byID[file.id]; unknown && !taken[file.path] {
			delete(byID, file.id)
			fresh = append(fresh, file)
		}
	}
	f.followAll(fresh, files, had)
	if len(files) == 0 && len(f.tails) == 0 && len(f.troubled) == 0 {
		f.nothing()
	}
	f.forgetOthers()
}

// nothing reports that the pattern names no file, and why, as far as it can be
// known: a directory that cannot be listed looks like one without files.
func (f *Follower) nothing() {
	dir := f.cfg.Pattern
	for strings.ContainsAny(dir, `*?[\`) {
		dir = filepath.Dir(dir)
	}
	if _, err := os.ReadDir(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		f.unreadable(f.cfg.Pattern, err)
		return
	}
	f.trouble(f.cfg.Pattern, sources.Waiting, "no file matches")
}

// list returns the files that match, sorted by path.
func (f *Follower) list() []found {
	paths := []string{f.cfg.Pattern}
	if _, err := os.Lstat(f.cfg.Pattern); err != nil {
		paths, _ = filepath.Glob(f.cfg.Pattern) // Follow has checked the form
	}
	var out []found
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone again, or a link to nowhere
		case path != f.cfg.Pattern && strings.HasPrefix(filepath.Base(path), "."): // hidden
		case err != nil:
			f.unreadable(path, err)
		case info.IsDir() && path != f.cfg.Pattern: // a glob may match directories
		case !info.Mode().IsRegular():
			f.unreadable(path, errNotRegular)
		default:
			out = append(out, found{path, info, idOf(info)})
		}
	}
	return out
}

// unreadable reports a path that cannot be followed now.
func (f *Follower) unreadable(path string, err error) {
	state := sources.Waiting
	if errors.Is(err, fs.ErrPermission) {
		state = sources.Denied
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	f.trouble(path, state, err.Error())
}

// rename gives files that are known by another name now that name. It returns
// who had which name.
func (f *Follower) rename(byID map[fileID]found, byPath map[string]found) map[string]*tail {
	had := map[string]*tail{}
	for _, t := range f.tails {
		now, there := byID[t.id]
		if !there || byPath[t.path].id == t.id {
			continue
		}
		f.cfg.Log.Info("a file was renamed", "source", t.source, "to", now.path)
		had[t.path] = t
		f.call(t, now.path)
	}
	return had
}

// survives says whether a file is followed any longer. One that was emptied
// begins anew. One whose name another file has goes once it is read to its end
// and the other has something in it: who writes one file after the other is then
// done with it. One without any name goes when it is read to its end.
func (f *Follower) survives(t *tail, byPath map[string]found) bool {
	now, there := byPath[t.path]
	info, err := t.file.Stat()
	switch {
	case err != nil: // the disk is gone
	case there && now.id == t.id:
		f.checkEmptied(t, info)
		return true
	case !t.drained || t.reader.at < info.Size():
		return true
	case there && now.info.Size() == 0, !there && links(info) > 0:
		return true
	}
	f.cfg.Log.Info("a file is no longer followed", "source", t.source, "replaced", there)
	f.countHalf(t)
	t.drained = true // for who waits for it
	if len(f.left) >= maxLeft {
		clear(f.left)
	}
	f.left[t.path] = t.position().String()
	t.close()
	return false
}

// countHalf counts half a value at the end of a file, whose other half never
// came. White space behind the last value is used up when a file is drained.
func (f *Follower) countHalf(t *tail) {
	if t.drained && t.offset() < t.reader.at {
		t.seen.update(func(s *sources.Status) { s.Counts.Damaged++ })
		f.complain(t, errHalf)
	}
}

// checkEmptied begins anew with a file that was emptied, also when it has grown
// again since.
func (f *Follower) checkEmptied(t *tail, info os.FileInfo) {
	if info.Size() == t.looked.size && info.ModTime().Equal(t.looked.time) {
		return
	}
	t.looked.size, t.looked.time = info.Size(), info.ModTime()
	offset := t.offset()
	switch same := t.sameHead(); {
	case same && info.Size() >= t.reader.at:
	case same && info.Size() >= offset: // half a value was taken back
		t.restart(offset)
	default:
		f.cfg.Log.Warn("a file was emptied: it is read from its beginning", "source", t.source)
		f.countHalf(t)
		t.restart(0)
	}
}

// followAll begins with files that nobody follows yet. What was read before
// comes first; who had a name until now is read before who has it now.
func (f *Follower) followAll(fresh, all []found, had map[string]*tail) {
	before := f.readBefore(fresh)
	for _, begun := range []bool{true, false} {
		for _, file := range fresh {
			if _, known := before[file.id.inode]; known != begun {
				continue
			}
			t := f.follow(file, all, before)
			if t == nil {
				continue
			}
			t.after = had[file.path]
			if p, ok := f.positionOf(file.path); ok && t.after == nil && p.inode != t.id.inode {
				t.after = f.tailOf(p.inode)
			}
			f.tails = append(f.tails, t)
			f.report(file.path, sources.Connected, "")
		}
	}
}

func (f *Follower) tailOf(inode uint64) *tail {
	if i := slices.IndexFunc(f.tails, func(t *tail) bool { return t.id.inode == inode }); i >= 0 {
		return f.tails[i]
	}
	return nil
}

// follow opens a file, behind what was read of it before; nil when it cannot be
// read now.
func (f *Follower) follow(file found, all []found, before map[uint64]resumed) *tail {
	if len(f.tails) >= maxFollowed {
		f.unreadable(file.path, errors.New("too many files are followed already"))
		return nil
	}
	handle, info, err := open(file.path)
	if err != nil {
		f.unreadable(file.path, err)
		return nil
	}
	if old := f.rest(file.path, info, all); old != nil {
		_ = handle.Close() // it comes when the old one is read: see survives
		return old
	}
	r, known := before[idOf(info).inode]
	if !known || !r.position.fits(handle, info) {
		return f.newTail(file.path, handle, info, 0)
	}
	t := f.newTail(file.path, handle, info, r.position.offset)
	t.from = r.path
	return t
}
