package backtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/internal/watch"
	"github.com/qmpalert/qmpalert/rules"
)

const (
	maxRevision = 256       // bytes of the name of a revision
	maxTogether = 256 << 20 // bytes of all rule files of a revision
	maxFiles    = 10_000
)

// Revision returns the rule files that paths (files, directories and globs, as
// for watch.Read) name as they were in a revision of the Git repository that
// holds them. A file is called "REVISION:path", as git show spells it. What
// cannot be used of a file is its Err; an error is about the repository or the
// revision. It runs git, which reads the repository and nothing else.
func Revision(ctx context.Context, revision string, paths []string) ([]rules.File, error) {
	if err := checkRevision(revision); err != nil {
		return nil, err
	}
	var out []rules.File
	for _, p := range paths {
		files, err := revisionFiles(ctx, revision, p)
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("revision %s holds no rule file %s", revision, p)
		}
		for _, f := range files {
			if !slices.ContainsFunc(out, func(g rules.File) bool { return g.Name == f.Name }) {
				out = append(out, f)
			}
		}
	}
	return out, nil
}

// checkRevision refuses what git could take for something else than a revision.
func checkRevision(revision string) error {
	switch {
	case revision == "":
		return errors.New("an empty name is no revision")
	case strings.HasPrefix(revision, "-"):
		return fmt.Errorf("%q looks like an option, not like a revision", revision)
	case len(revision) > maxRevision:
		return fmt.Errorf("a name of %d bytes is no revision", len(revision))
	case strings.ContainsFunc(revision, func(r rune) bool { return r <= ' ' || r == 0x7f || r == ':' || r == '\ufffd' }):
		return fmt.Errorf("%q is not the name of a commit: no spaces, no colon", revision)
	}
	return nil
}

// revisionFiles are the files that one path names.
func revisionFiles(ctx context.Context, revision, name string) ([]rules.File, error) {
	dir, pattern := fixedPart(name)
	g := git{dir: dir}
	prefix, err := g.line(ctx, "rev-parse", "--show-prefix")
	if errors.Is(err, errNoGit) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("%s: no Git repository holds these rules: %w", name, err)
	}
	commit, err := g.line(ctx, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	if err != nil || commit == "" {
		return nil, fmt.Errorf("there is no revision %s in the repository of %s", revision, name)
	}
	entries, err := g.list(ctx, commit, prefix)
	if err != nil {
		return nil, err
	}
	entries = slices.DeleteFunc(entries, func(e entry) bool {
		rel, below := strings.CutPrefix(e.path, prefix)
		return !below || !named(rel, pattern)
	})
	return g.files(ctx, revision, entries)
}

// fixedPart splits a path into a directory that is there and the pattern below
// it, with slashes; the pattern is "" where the path is that directory.
func fixedPart(name string) (dir, pattern string) {
	dir = filepath.Clean(name)
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir, filepath.ToSlash(pattern)
		}
		pattern = filepath.Join(filepath.Base(dir), pattern)
		parent := filepath.Dir(dir)
		if parent == dir {
			return dir, filepath.ToSlash(pattern)
		}
		dir = parent
	}
}

// named says that a pattern names the file at rel, in the sense of watch.Read:
// the pattern is its path, or that of a directory above it in which it counts as
// a rule file.
func named(rel, pattern string) bool {
	parts := strings.Split(rel, "/")
	if pattern != "" {
		for _, want := range strings.Split(pattern, "/") {
			if len(parts) == 0 || !matches(parts[0], want) {
				return false
			}
			parts = parts[1:]
		}
		if len(parts) == 0 {
			return true
		}
	}
	ext := path.Ext(rel)
	return (ext == ".yml" || ext == ".yaml") && !slices.ContainsFunc(parts, watch.Skipped)
}

func matches(name, pattern string) bool {
	if name == pattern {
		return true
	}
	ok, _ := path.Match(pattern, name) // a malformed one matches nothing
	return ok && !watch.Skipped(name)
}

// files reads the blobs of the entries.
func (g git) files(ctx context.Context, revision string, entries []entry) ([]rules.File, error) {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.path, b.path) })
	var out []rules.File
	var wanted []string
	total := int64(0)
	for i, e := range entries {
		f := rules.File{Name: revision + ":" + e.path}
		total += e.size
		switch {
		case i >= maxFiles:
			return nil, fmt.Errorf("revision %s has more than %d rule files", revision, maxFiles)
		case e.mode != "100644" && e.mode != "100755":
			f.Err = errors.New("not a regular file in that revision")
		case e.size >= watch.MaxFile:
			f.Err = fmt.Errorf("%d MiB or more", watch.MaxFile>>20)
		case total > maxTogether:
			return nil, fmt.Errorf("the rule files of revision %s have more than %d MiB together", revision, maxTogether>>20)
		default:
			wanted = append(wanted, e.object)
		}
		out = append(out, f)
	}
	blobs, err := g.blobs(ctx, wanted)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if out[i].Err == nil {
			out[i].Src, blobs = blobs[0], blobs[1:]
		}
	}
	return out, nil
}
