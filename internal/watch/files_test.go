package watch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// tree makes files (and directories, with a slash at the end) in a new one.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o755))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(name), 0o644))
	}
	return dir
}

// read gives the names, with errors behind an exclamation mark.
func read(t *testing.T, dir string, patterns ...string) []string {
	t.Helper()
	for i, p := range patterns {
		patterns[i] = filepath.Join(dir, p)
	}
	var out []string
	for _, f := range Read(patterns) {
		name, err := filepath.Rel(dir, f.Name)
		must(t, err)
		if f.Err != nil {
			name += "!" + f.Err.Error()
		} else if string(f.Data) != name && !strings.Contains(name, "link") {
			t.Errorf("%s holds %q", name, f.Data)
		}
		out = append(out, name)
	}
	return out
}

func TestRead(t *testing.T) {
	dir := tree(t, "b.yml", "a.yaml", "a/z.yml", "a/b.txt", "a-x.yml", "Z.yml", ".hidden.yml", ".git/x.yml", "a.yml~", "#a.yml#",
		"a.yml.swp", "4913", "note.txt", "a/.b.yml.swp", "[x].yml", "empty/", "..data/k.yml", "testdata/t.yml", "a/testdata/t.yml")
	for _, tt := range []struct{ patterns, want []string }{
		{[]string{"."}, []string{"Z.yml", "[x].yml", "a/z.yml", "a-x.yml", "a.yaml", "b.yml"}},
		{[]string{"b.yml", ".", "a/*"}, []string{"b.yml", "Z.yml", "[x].yml", "a/z.yml", "a-x.yml", "a.yaml", "a/b.txt"}},
		{[]string{"*.yml"}, []string{"Z.yml", "[x].yml", "a-x.yml", "b.yml"}},
		{[]string{"*"}, []string{"Z.yml", "[x].yml", "a/z.yml", "a-x.yml", "a.yaml", "b.yml", "note.txt"}},
		{[]string{"*/*.yml"}, []string{"a/z.yml", "testdata/t.yml"}},
		{[]string{"note.txt", ".hidden.yml"}, []string{"note.txt", ".hidden.yml"}},
		{[]string{"[x].yml"}, []string{"[x].yml"}},
		{[]string{"testdata", "testdata/*.yml"}, []string{"testdata/t.yml"}},
		{[]string{"empty"}, nil},
		{[]string{"no*.yml", "nowhere/*.yml", "b.yml/*"}, nil},
		{[]string{"nowhere.yml"}, []string{"nowhere.yml!no such file or directory"}},
		{[]string{"[.yml"}, []string{"[.yml!syntax error in pattern"}},
	} {
		if got := read(t, dir, slices.Clone(tt.patterns)...); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.patterns, got, tt.want)
		}
	}
}

func TestReadFollowsLinks(t *testing.T) {
	dir := tree(t, "real/a.yml", "r/")
	must(t, os.Symlink("../real", filepath.Join(dir, "r/link1")))
	must(t, os.Symlink("../real", filepath.Join(dir, "r/link2"))) // the same files once more: not taken twice
	must(t, os.Symlink("self", filepath.Join(dir, "r/self")))
	must(t, os.Symlink("..", filepath.Join(dir, "r/up")))
	must(t, os.Symlink("nowhere", filepath.Join(dir, "r/link.yml")))
	want := []string{"r/link.yml!no such file or directory", "r/link1/a.yml"}
	if got := read(t, dir, "r"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestReadDoesNotWait would hang on a pipe that nobody writes to.
func TestReadDoesNotWait(t *testing.T) {
	dir := tree(t, "a.yml")
	must(t, syscall.Mkfifo(filepath.Join(dir, "pipe.yml"), 0o644))
	want := []string{"a.yml", "pipe.yml!not a regular file"}
	if got := read(t, dir, "."); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadIsBounded(t *testing.T) {
	deep := strings.Repeat("d/", maxDepth+3) + "x.yml"
	dir := tree(t, "a.yml", deep)
	if got := read(t, dir, "."); len(got) != 2 || !strings.HasSuffix(got[1], "directories deep") {
		t.Errorf("too deep: got %q", got)
	}
	var patterns []string
	for i := range maxFiles + 10 {
		patterns = append(patterns, fmt.Sprintf("no%d", i))
	}
	got := read(t, dir, patterns...)
	if len(got) != maxFiles+1 || !strings.Contains(got[maxFiles], "left out") {
		t.Errorf("too many: got %d, the last %q", len(got), got[len(got)-1])
	}
	big := filepath.Join(dir, "big.yml")
	must(t, os.WriteFile(big, nil, 0o644))
	must(t, os.Truncate(big, MaxFile+1))
	if f := Read([]string{big}); len(f[0].Data) != MaxFile {
		t.Errorf("too big: got %d bytes", len(f[0].Data))
	}
}

// A glob over a directory that cannot be listed must not look like one without
// files: all its rules would be gone.
func TestGlobSaysWhatItCannotList(t *testing.T) {
	dir := tree(t, "a/x.yml")
	must(t, os.Symlink("loop", filepath.Join(dir, "loop")))
	want := []string{"loop!too many levels of symbolic links", "a/x.yml"}
	if got := read(t, dir, "*/x.yml"); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHashTellsStatesApart(t *testing.T) {
	states := []Files{
		nil,
		{{Name: "a"}},
		{{Name: "a", Data: []byte("b")}},
		{{Name: "ab"}},
		{{Name: "a", Err: os.ErrNotExist}},
		{{Name: "a", Data: []byte(os.ErrNotExist.Error())}},
		{{Name: "a"}, {Name: "b"}},
		{{Name: "a"}, {Name: "!e", Data: []byte("b")}},
		{{Name: "a", Err: errors.New("e")}, {Name: "b"}},
		{{Name: "b"}, {Name: "a"}},
	}
	seen := map[Hash]int{}
	for i, s := range states {
		if j, ok := seen[s.Hash()]; ok {
			t.Errorf("states %d and %d have the same hash", i, j)
		}
		seen[s.Hash()] = i
	}
}
