package daemon

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// open is the rule whose window is open before each reload and must fire after
// it. Others come and go.
const open = `
groups:
- name: open
  rules:
  - {alert: Open, event: STOP, count: 3, within: 10m}
`

func other(name string) string {
	return fmt.Sprintf("groups:\n- name: other\n  rules:\n  - {alert: %s, event: RESET, resolve: RESUME}\n", name)
}

// TestReload changes rule files in the ways that people and programs do. Each
// time a window of two events of three is open before, and the third one fires
// it afterwards.
func TestReload(t *testing.T) {
	cases := []struct {
		name   string
		rules  string // what is watched
		files  []string
		change func(r *rig)
		says   string // the last log line of the reload
	}{
		{"an editor writes another file and renames it", "rules", []string{"rules/a.yml", open, "rules/b.yml", other("Before")},
			func(r *rig) {
				r.write("rules/.b.yml.swp", "not a rule")
				r.must(os.Rename(r.path("rules/b.yml"), r.path("rules/b.yml~")))
				r.write("rules/4913", "")
				r.write("rules/b.yml", other("After"))
			}, "kept=1 added=1 changed=0 removed=1"},
		{"a file is truncated and written slowly", "rules/*.yml", []string{"rules/a.yml", open, "rules/b.yml", other("Before")},
			func(r *rig) {
				f, err := os.Create(r.path("rules/b.yml"))
				r.must(err)
				defer f.Close()
				for _, piece := range strings.SplitAfter(other("After"), "\n") {
					_, err := f.WriteString(piece)
					r.must(err)
				}
			}, "kept=1 added=1 changed=0 removed=1"},
		{"a file stays cut off for a while", "rules", []string{"rules/a.yml", open, "rules/b.yml", other("Before")},
			func(r *rig) {
				r.write("rules/b.yml", "")
				r.log.wait(r.t, `the file is empty`, 1)
				r.write("rules/b.yml", other("After")[:30])
				r.log.wait(r.t, `msg="reload refused"`, 2)
				r.write("rules/b.yml", other("After"))
			}, "kept=1 added=1 changed=0 removed=1"},
		{"the directory is moved away and another put in its place", "rules",
			[]string{"rules/a.yml", open, "next/a.yml", open, "next/b.yml", other("After")},
			func(r *rig) {
				r.must(os.Rename(r.path("rules"), r.path("old")))
				r.log.wait(r.t, `no such file or directory`, 1)
				r.must(os.Rename(r.path("next"), r.path("rules")))
			}, "kept=1 added=1 changed=0 removed=0"},
		{"a link is turned as Kubernetes does it", "rules",
			[]string{"rules/..1/a.yml", open, "rules/..2/a.yml", open + strings.TrimPrefix(other("After"), "groups:\n")},
			func(r *rig) {
				r.must(os.Symlink("..2", r.path("rules/..data_tmp")))
				r.must(os.Rename(r.path("rules/..data_tmp"), r.path("rules/..data")))
			}, "kept=1 added=1 changed=0 removed=0"},
		{"git checks out many files", "rules", manyFiles(1), func(r *rig) {
			files := manyFiles(2)
			for i := 2; i < len(files); i += 2 {
				r.must(os.Remove(r.path(files[i])))
			}
			for i := 2; i < len(files); i += 2 {
				r.write(files[i], files[i+1])
			}
		}, "kept=1 added=0 changed=40 removed=0"},
		{"a file is deleted", "rules", []string{"rules/a.yml", open, "rules/b.yml", other("Before")},
			func(r *rig) { r.must(os.Remove(r.path("rules/b.yml"))) }, "kept=1 added=0 changed=0 removed=1"},
		{"a file cannot be read for a while", "rules", []string{"rules/a.yml", open, "rules/b.yml", other("Before")},
			func(r *rig) {
				// Root reads everything; what is not a file nobody reads.
				r.must(os.Remove(r.path("rules/b.yml")))
				r.must(os.Symlink("/proc/self/mem", r.path("rules/b.yml")))
				r.log.wait(r.t, `the file cannot be read`, 1)
				r.must(os.Remove(r.path("rules/b.yml")))
				r.write("rules/b.yml", other("After"))
			}, "kept=1 added=1 changed=0 removed=1"},
		{"YAML is broken and mended later", "rules", []string{"rules/a.yml", open, "rules/b.yml", other("Before")},
			func(r *rig) {
				r.write("rules/b.yml", other("After")+"  - alert: [")
				r.log.wait(r.t, `msg="reload refused"`, 1)
				r.write("rules/b.yml", other("After"))
			}, "kept=1 added=1 changed=0 removed=1"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := prepare(t, c.rules, c.files)
			r.event("STOP", "")
			r.event("STOP", "")
			c.change(r)
			changed := time.Now()
			r.log.wait(t, c.says, 1)
			t.Logf("current %v after the change", time.Since(changed).Round(time.Millisecond))
			r.event("STOP", "")
			r.console.wait(t, "FIRING", 1)
			if !strings.Contains(r.console.String(), "count = 3") {
				t.Errorf("the window did not survive:\n%s", r.console)
			}
		})
	}
}

// prepare starts a daemon on files; Kubernetes' links cannot be written as
// files.
func prepare(t *testing.T, rules string, files []string) *rig {
	t.Helper()
	if strings.HasPrefix(files[0], "rules/..1/") {
		return startWith(t, rules, Options{}, func(r *rig) {
			r.must(os.Symlink("..1", r.path("rules/..data")))
			r.must(os.Symlink("..data/a.yml", r.path("rules/a.yml")))
		}, files...)
	}
	return startWith(t, rules, Options{}, func(*rig) {}, files...)
}

// manyFiles is a rule set of 41 files in its n-th version.
func manyFiles(n int) []string {
	files := []string{"rules/a.yml", open}
	for i := range 40 {
		files = append(files, fmt.Sprintf("rules/dir%d/f%d.yml", i%4, i),
			fmt.Sprintf("groups:\n- name: many\n  rules:\n  - {alert: Many%d, event: RESET, count: %d, within: 1m}\n", i, n))
	}
	return files
}

func TestReloadThatFailsIsAnEvent(t *testing.T) {
	r := startWith(t, "rules", Options{}, func(*rig) {}, "rules/a.yml", `
groups:
- name: g
  rules:
  - {alert: ReloadFailed, event: QMPALERT_RELOAD_FAILED, annotations: {summary: "{{ error }}"}}
`)
	r.write("rules/b.yml", "groups: [{name: g2, rules: [{alert: X, event: STOPP}]}]")
	r.console.wait(t, "unknown event `STOPP`", 1)

	r.write("rules/c.yml", "groups: [{name: g3, rules: [{alert: R, event: RESET, count: 2, within: 5m}]}]")
	r.write("rules/b.yml", "groups: [{name: g2, rules: [{alert: X, event: STOPPP}]}]")
	r.log.wait(t, "unknown event `STOPPP`", 1)
	if n := r.log.count("2 RESET need not be 2 occurrences"); n > 0 {
		t.Errorf("refused for a warning: %s", r.log)
	}
}

// TestNoRule: a pattern that names nothing is no error, for files may come, but
// nobody should wait for alerts meanwhile.
func TestNoRule(t *testing.T) {
	r := startWith(t, "*.yml", Options{}, func(*rig) {})
	r.log.wait(t, "there is no rule", 1)
	r.write("a.yml", other("B"))
	r.log.wait(t, "rules=1 kept=0 added=1", 1)
	if n := r.log.count("there is no rule"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

// Whoever moves a directory of rules must not end all alerts: the loss of more
// than half is taken over only when it stays, or when it is asked for.
func TestLossOfMoreThanHalf(t *testing.T) {
	files := []string{"rules/a.yml", open, "rules/b.yml", other("B"), "rules/c.yml", strings.ReplaceAll(other("C"), "other", "third")}
	lose := func(r *rig) {
		r.must(os.Remove(r.path("rules/b.yml")))
		r.must(os.Remove(r.path("rules/c.yml")))
		r.log.wait(t, "more than half of the rules are gone", 1)
	}
	t.Run("stays", func(t *testing.T) {
		r := startWith(t, "rules", Options{Settle: time.Second}, func(*rig) {}, files...)
		lose(r)
		if r.log.count("msg=reloaded") > 0 {
			t.Error("taken over at once")
		}
		r.log.wait(t, "kept=1 added=0 changed=0 removed=2", 1)
	})
	t.Run("comes back", func(t *testing.T) {
		r := startWith(t, "rules", Options{Settle: time.Hour}, func(*rig) {}, files...)
		lose(r)
		r.write("rules/b.yml", files[3])
		r.write("rules/c.yml", files[5])
		r.log.wait(t, "kept=3 added=0 changed=0 removed=0", 1)
	})
	t.Run("asked for", func(t *testing.T) {
		r := startWith(t, "rules", Options{Settle: time.Hour}, func(*rig) {}, files...)
		lose(r)
		r.reload <- struct{}{}
		r.log.wait(t, "kept=1 added=0 changed=0 removed=2", 1)
	})
}
