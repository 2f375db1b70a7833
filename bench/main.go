package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/qmpalert/qmpalert/bench/loadgen"
)

func main() {
	n := flag.Int("n", 1_000_000, "events")
	rounds := flag.Int("rounds", 5, "rounds; the best of each contender counts")
	flag.Parse()
	if err := run(*n, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(n, rounds int) (err error) {
	runtime.GOMAXPROCS(1)
	dir, err := os.MkdirTemp("", "qmpalert-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w := workload{dir: dir, n: n}
	if err := w.make(); err != nil {
		return err
	}
	fmt.Printf("%-44s %8s %8s  %7s  target\n", "time for one event, and ratio", "", "", "")
	for _, compare := range []func(workload, int) error{decoding, pipelines, processes, journals, latencies, starts, idle} {
		if err := compare(w, rounds); err != nil {
			return err
		}
	}
	return nil
}

// workload is what the contenders work on: files in a folder, and programs.
type workload struct {
	dir string
	n   int
}

// sizes are the numbers of rules; the naive engine takes n/share events of the
// stream, or one would wait for minutes.
var sizes = []struct{ rules, share int }{{10, 10}, {1000, 100}}

func (w workload) path(name string) string       { return filepath.Join(w.dir, name) }
func (w workload) events(share int) string       { return w.path(fmt.Sprintf("events-%d.ndjson", share)) }
func (w workload) rules(n int, as string) string { return w.path(fmt.Sprintf("rules-%d.%s", n, as)) }

func (w workload) make() error {
	if err := write(w.events(1), func(f io.Writer) error { return loadgen.Events(f, w.n) }); err != nil {
		return err
	}
	for _, s := range sizes {
		if err := w.makeFor(s.rules, s.share); err != nil {
			return err
		}
	}
	for program, pkg := range map[string]string{"qmpalert": "./cmd/qmpalert", "naive": "./bench/naive"} {
		build := exec.Command("go", "build", "-trimpath", "-o", w.path(program), pkg)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s (run this in the root of the project): %w\n%s", pkg, err, out)
		}
	}
	return nil
}

// makeFor writes the rules for both engines, and the naive one's share.
func (w workload) makeFor(n, share int) error {
	list, err := loadgen.Rules(n, "selective")
	if err != nil {
		return err
	}
	return errors.Join(
		write(w.rules(n, "yml"), func(f io.Writer) error { return loadgen.File(f, list) }),
		write(w.rules(n, "jsonl"), func(f io.Writer) error {
			for i := range list {
				if err := json.NewEncoder(f).Encode(&list[i]); err != nil {
					return err
				}
			}
			return nil
		}),
		write(w.events(share), func(f io.Writer) error { return loadgen.Events(f, w.n/share) }),
	)
}

func write(path string, fill func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(fill(f), f.Close())
}
