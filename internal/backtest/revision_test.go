package backtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository makes one with these files in its only commit, and returns where.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, link := strings.CutPrefix(text, "-> "); link {
			err = os.Symlink(target, path)
		} else {
			err = os.WriteFile(path, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main", "."}, {"add", "-A", "-f", "."},
		{"-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-q", "-m", "all"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	return dir
}

func TestRevision(t *testing.T) {
	dir := repository(t, map[string]string{
		"a.yml": "top", "rules/b.yml": "b", "rules/sub/c.yaml": "c\n\n", "rules/notes.txt": "n", "rules/.hidden.yml": "h",
		"rules/testdata/bad.yml": "bad", "rules/sub/x~": "x", "rules2/d.yml": "d", "rules/[odd].yml": "odd", "rules/link.yml": "-> b.yml",
		"rules/with space\nand more.yml": "spaced", "rules/empty.yml": "",
	})
	// What is in the working tree now does not matter.
	if err := os.WriteFile(filepath.Join(dir, "rules", "b.yml"), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "rules2", "d.yml")); err != nil {
		t.Fatal(err)
	}
	all := []string{
		"HEAD:rules/[odd].yml odd", "HEAD:rules/b.yml b", "HEAD:rules/empty.yml ", "HEAD:rules/link.yml !not a regular file in that revision",
		"HEAD:rules/sub/c.yaml c\n\n", "HEAD:rules/with space\nand more.yml spaced",
	}
	for _, tt := range []struct {
		name  string
		paths []string
		want  []string // nil: an error
	}{
		{"a directory", []string{"rules"}, all},
		{"a file", []string{"rules/b.yml"}, []string{"HEAD:rules/b.yml b"}},
		{"any file that is named", []string{"rules/notes.txt", "rules/.hidden.yml"}, []string{"HEAD:rules/notes.txt n", "HEAD:rules/.hidden.yml h"}},
		{"each once", []string{"rules/b.yml", "rules"}, append([]string{"HEAD:rules/b.yml b", all[0]}, all[2:]...)},
		{"a glob", []string{"rules/*b.yml"}, []string{"HEAD:rules/b.yml b"}},
		{"a glob of directories", []string{"rul*/sub"}, []string{"HEAD:rules/sub/c.yaml c\n\n"}},
		{"a name that looks like a glob", []string{"rules/[odd].yml"}, []string{"HEAD:rules/[odd].yml odd"}},
		{"a file that is not there any more", []string{"rules2/d.yml"}, []string{"HEAD:rules2/d.yml d"}},
		{"a directory that is not there any more", []string{"gone/../rules2"}, []string{"HEAD:rules2/d.yml d"}},
		{"one that never was", []string{"rules3"}, nil},
		{"a glob of nothing", []string{"rules/z*.yml"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Chdir(dir)
			files, err := Revision(t.Context(), "HEAD", tt.paths)
			if (err != nil) != (tt.want == nil) {
				t.Fatal(err)
			}
			var got []string
			for _, f := range files {
				text := string(f.Src)
				if f.Err != nil {
					text = "!" + f.Err.Error()
				}
				got = append(got, f.Name+" "+text)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
	t.Run("from elsewhere", func(t *testing.T) {
		t.Chdir(t.TempDir())
		if files, err := Revision(t.Context(), "main", []string{filepath.Join(dir, "a.yml")}); err != nil || len(files) != 1 || files[0].Name != "main:a.yml" {
			t.Errorf("%+v, %v", files, err)
		}
	})
}

func TestNoRevision(t *testing.T) {
	dir := repository(t, map[string]string{"a.yml": "a"})
	outside := t.TempDir()
	for revision, want := range map[string]string{
		"":                        "an empty name",
		"-x":                      "looks like an option",
		"--upload-pack=id":        "looks like an option",
		"HEAD:a.yml":              "no colon",
		"HEAD HEAD":               "no spaces",
		"HEAD\nHEAD":              "no spaces",
		strings.Repeat("x", 1000): "1000 bytes",
		"HEAD~1":                  "there is no revision HEAD~1 in the repository",
		"nope":                    "there is no revision nope",
		"HEAD^{tree}":             "there is no revision",
		"HEAD..HEAD":              "there is no revision",
		"$(id)":                   "there is no revision",
	} {
		if _, err := Revision(t.Context(), revision, []string{dir}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", revision, err, want)
		}
	}
	if _, err := Revision(t.Context(), "HEAD", []string{outside}); err == nil || !strings.Contains(err.Error(), "no Git repository holds these rules") {
		t.Errorf("outside of a repository: %v", err)
	}
	t.Setenv("PATH", outside)
	if _, err := Revision(t.Context(), "HEAD", []string{dir}); err == nil || !strings.Contains(err.Error(), "git is not installed") {
		t.Errorf("without git: %v", err)
	}
}
