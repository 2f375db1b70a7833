package watch

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a directory that is being watched.
type bench struct {
	t    *testing.T
	dir  string
	seen chan string
}

// watching runs a watcher over patterns in a new directory, which set fills
// beforehand.
func watching(t *testing.T, set func(b *bench), patterns ...string) *bench {
	t.Helper()
	// An hour: what a test sees was noticed, not found by a look at random.
	return watchingWith(t, Options{Rescan: time.Hour}, set, patterns...)
}

func watchingWith(t *testing.T, o Options, set func(b *bench), patterns ...string) *bench {
	t.Helper()
	b := &bench{t: t, dir: t.TempDir(), seen: make(chan string, 100)}
	set(b)
	for i, p := range patterns {
		patterns[i] = filepath.Join(b.dir, p)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- Run(ctx, o, func() []string { return patterns }, Hash{}, func(fs Files) { b.seen <- b.brief(fs) })
	}()
	<-b.seen // the first look
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return b
}

// brief is "a.yml=text b.yml!permission denied".
func (b *bench) brief(fs Files) string {
	var out []string
	for _, f := range fs {
		name, _ := filepath.Rel(b.dir, f.Name)
		if f.Err != nil {
			out = append(out, name+"!"+f.Err.Error())
			continue
		}
		out = append(out, name+"="+string(f.Data))
	}
	return strings.Join(out, " ")
}

// want waits until the files are as said.
func (b *bench) want(state string) {
	b.t.Helper()
	last := ""
	for deadline := time.After(20 * time.Second); ; {
		select {
		case last = <-b.seen:
			if last == state {
				return
			}
		case <-deadline:
			b.t.Fatalf("never saw %q, last %q", state, last)
		}
	}
}

func (b *bench) write(name, data string) {
	b.t.Helper()
	p := filepath.Join(b.dir, name)
	must(b.t, os.MkdirAll(filepath.Dir(p), 0o755))
	must(b.t, os.WriteFile(p, []byte(data), 0o644))
}

func (b *bench) move(from, to string) {
	b.t.Helper()
	must(b.t, os.Rename(filepath.Join(b.dir, from), filepath.Join(b.dir, to)))
}

func (b *bench) link(target, name string) {
	b.t.Helper()
	must(b.t, os.Symlink(target, filepath.Join(b.dir, name)))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestEditorWritesAndRenames(t *testing.T) {
	b := watching(t, func(b *bench) { b.write("rules/a.yml", "1") }, "rules")
	b.write("rules/.a.yml.swp", "x")
	b.write("rules/4913", "x")
	b.move("rules/a.yml", "rules/a.yml~")
	b.write("rules/a.yml", "2")
	b.want("rules/a.yml=2")
}

func TestRenameOverASingleFile(t *testing.T) {
	b := watching(t, func(b *bench) { b.write("a.yml", "1") }, "a.yml")
	b.write("new", "2")
	b.move("new", "a.yml")
	b.want("a.yml=2")
	b.write("new", "3")
	b.move("new", "a.yml")
	b.want("a.yml=3")
}

func TestTruncateAndWriteInPieces(t *testing.T) {
	b := watching(t, func(b *bench) { b.write("rules/a.yml", "old") }, "rules/*.yml")
	f, err := os.Create(filepath.Join(b.dir, "rules/a.yml"))
	must(t, err)
	defer f.Close()
	for _, piece := range []string{"n", "e", "w"} {
		_, err := f.WriteString(piece)
		must(t, err)
	}
	b.want("rules/a.yml=new")
}

func TestDirectoryMovedAwayAndBack(t *testing.T) {
	b := watching(t, func(b *bench) { b.write("etc/rules/a.yml", "1") }, "etc/rules")
	b.move("etc/rules", "etc/elsewhere")
	b.want("etc/rules!no such file or directory")
	b.move("etc/elsewhere", "etc/rules")
	b.want("etc/rules/a.yml=1")
	b.write("etc/rules/a.yml", "2")
	b.want("etc/rules/a.yml=2")
	b.move("etc", "etc2")
	b.want("etc/rules!no such file or directory")
	b.move("etc2", "etc")
	b.want("etc/rules/a.yml=2")
}

func TestDirectoryReplacedByAnother(t *testing.T) {
	b := watching(t, func(b *bench) {
		b.write("rules/a.yml", "1")
		b.write("next/a.yml", "2")
	}, "rules")
	b.move("rules", "old")
	b.move("next", "rules")
	b.want("rules/a.yml=2")
	b.write("rules/a.yml", "3")
	b.want("rules/a.yml=3")
}

// Kubernetes mounts a config map as a.yml → ..data/a.yml and ..data → a dated
// directory, and renames another link over ..data.
func TestLinkSwapAsKubernetesDoesIt(t *testing.T) {
	for _, pattern := range []string{"rules", "rules/*.yml", "rules/a.yml", "link.yml"} {
		t.Run(strings.ReplaceAll(pattern, "/", "-"), func(t *testing.T) {
			b := watching(t, func(b *bench) {
				b.write("rules/..2026_1/a.yml", "1")
				b.link("..2026_1", "rules/..data")
				b.link("..data/a.yml", "rules/a.yml")
				b.link("rules/a.yml", "link.yml")
			}, pattern)
			for _, v := range []string{"2", "3"} {
				b.write("rules/..2026_"+v+"/a.yml", v)
				b.link("..2026_"+v, "rules/..data_tmp")
				b.move("rules/..data_tmp", "rules/..data")
				name := "rules/a.yml"
				if pattern == "link.yml" {
					name = pattern
				}
				b.want(name + "=" + v)
			}
		})
	}
}

func TestManyFilesAtOnce(t *testing.T) {
	var names []string
	for i := range 40 {
		names = append(names, "rules/d"+string(rune('a'+i%5))+"/"+string(rune('a'+i/5))+".yml")
	}
	b := watching(t, func(b *bench) {
		for _, n := range names {
			b.write(n, "1")
		}
	}, "rules")
	must(t, os.RemoveAll(filepath.Join(b.dir, "rules/da")))
	var want []string
	for _, n := range names {
		b.write(n, "2")
		want = append(want, n+"=2")
	}
	slices.Sort(want)
	b.want(strings.Join(want, " "))
}

func TestDirectoryThatAppearsLater(t *testing.T) {
	b := watching(t, func(*bench) {}, "a/b/rules")
	b.write("a/b/rules/x.yml", "1")
	b.want("a/b/rules/x.yml=1")
	b.write("a/b/rules/deep/y.yml", "2")
	b.want("a/b/rules/deep/y.yml=2 a/b/rules/x.yml=1")
}

func TestDeletionAndAppearanceUnderAGlob(t *testing.T) {
	b := watching(t, func(b *bench) { b.write("r/a.yml", "1"); b.write("r/b.yml", "2") }, "r/*.yml")
	must(t, os.Remove(filepath.Join(b.dir, "r/a.yml")))
	b.want("r/b.yml=2")
	b.write("r/c.yml", "3")
	b.want("r/b.yml=2 r/c.yml=3")
}

func TestUnreadableFile(t *testing.T) {
	b := watching(t, func(b *bench) { b.write("r/a.yml", "1") }, "r/a.yml")
	// Root reads everything: a directory in the place of the file cannot be
	// read as one by anybody.
	must(t, os.Remove(filepath.Join(b.dir, "r/a.yml")))
	must(t, os.Symlink("/proc/self/mem", filepath.Join(b.dir, "r/a.yml")))
	b.want("r/a.yml!input/output error")
}

// A touch changes nothing that anybody wants to know.
func TestTouchSaysNothing(t *testing.T) {
	looks := make(chan bool, 100)
	b := watchingWith(t, Options{Rescan: time.Hour, looked: func(news bool) { looks <- news }},
		func(b *bench) { b.write("r/a.yml", "1") }, "r")
	if !<-looks {
		t.Fatal("the first look saw nothing")
	}
	now := time.Now()
	must(t, os.Chtimes(filepath.Join(b.dir, "r/a.yml"), now, now))
	if <-looks {
		t.Error("a touch is news")
	}
	b.write("r/a.yml", "1")
	if <-looks {
		t.Error("the same bytes are news")
	}
	b.write("r/a.yml", "2")
	b.want("r/a.yml=2")
}

// What happens beside the files costs not even a look.
func TestNeighboursDoNotMatter(t *testing.T) {
	looks := make(chan bool, 100)
	b := watchingWith(t, Options{Rescan: time.Hour, looked: func(news bool) { looks <- news }},
		func(b *bench) { b.write("a.yml", "1"); b.write("r/x.yml", "1") }, "a.yml", "r")
	<-looks
	b.write("b.yml", "1")
	b.write("s/c.yml", "1")
	b.write("a.yml", "2")
	if !<-looks {
		t.Error("a look for a neighbour's sake")
	}
}

// Permissions are content too, for those whom they stop.
func TestPermissionsChange(t *testing.T) {
	looks := make(chan bool, 100)
	b := watchingWith(t, Options{Rescan: time.Hour, looked: func(news bool) { looks <- news }},
		func(b *bench) { b.write("r/a.yml", "1") }, "r")
	<-looks
	must(t, os.Chmod(filepath.Join(b.dir, "r/a.yml"), 0))
	_, err := os.ReadFile(filepath.Join(b.dir, "r/a.yml"))
	if news := <-looks; news != (err != nil) {
		t.Errorf("news %v, although reading gives %v", news, err)
	}
	must(t, os.Chmod(filepath.Join(b.dir, "r/a.yml"), 0o644))
	if news := <-looks; news != (err != nil) {
		t.Errorf("readable again: news %v", news)
	}
}

// Without watches it looks by itself, in the way it does for lost notices.
func TestLooksWithoutNotices(t *testing.T) {
	b := watchingWith(t, Options{blind: true, Poll: time.Millisecond, Rescan: time.Hour},
		func(b *bench) { b.write("r/a.yml", "1") }, "r")
	b.write("r/a.yml", "2")
	b.want("r/a.yml=2")
}

// One who never stops writing is read nevertheless.
func TestWriterWithoutEnd(t *testing.T) {
	b := watchingWith(t, Options{Rescan: time.Hour, Quiet: time.Hour, AtMost: 50 * time.Millisecond},
		func(b *bench) { b.write("r/a.yml", "1") }, "r")
	b.write("r/a.yml", "2")
	b.want("r/a.yml=2")
}

// What changed between loading and watching is news at once; what did not is none.
func TestKnownFilesAreNoNews(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "a.yml"), []byte("1"), 0o644))
	known := Read([]string{dir}).Hash()
	for _, changed := range []bool{false, true} {
		if changed {
			must(t, os.WriteFile(filepath.Join(dir, "a.yml"), []byte("2"), 0o644))
		}
		ctx, cancel := context.WithCancel(context.Background())
		told, news := false, false
		err := Run(ctx, Options{looked: func(n bool) { news = n; cancel() }}, func() []string { return []string{dir} }, known,
			func(Files) { told = true })
		if err != nil || told != changed || news != changed {
			t.Errorf("changed %v: told %v, news %v, error %v", changed, told, news, err)
		}
		cancel()
	}
}

// What a look finds that nothing called for may be half of a change: it is
// reported when it has become quiet, like every other.
func TestFirstLookWaitsForQuiet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yml")
	write := func(text string) { must(t, os.WriteFile(file, []byte(text), 0o644)) }
	write("old")
	known := Read([]string{file}).Hash()
	write("half")
	ctx, cancel := context.WithCancel(t.Context())
	var got []string
	looks := 0
	patterns := func() []string {
		if looks++; looks == 2 {
			write("whole")
		}
		return []string{file}
	}
	err := Run(ctx, Options{Quiet: 20 * time.Millisecond}, patterns, known, func(fs Files) {
		got = append(got, string(fs[0].Data))
		cancel()
	})
	if err != nil || len(got) != 1 || got[0] != "whole" {
		t.Errorf("reported %q, %v", got, err)
	}
}
