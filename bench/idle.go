package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

const (
	idleSources = 100
	idleFor     = 20 * time.Second
)

// idle measures what a daemon costs that has nothing to do: it looks for a
// hundred monitors and files that are not there, with everything on disk.
func idle(w workload, _ int) (err error) {
	dir, remove, err := w.folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	var config strings.Builder
	fmt.Fprintf(&config, "host: bench\nrule_files: [%s]\n%ssources:\n", w.rules(10, "yml"), storageOn)
	for i := range idleSources / 2 {
		fmt.Fprintf(&config, "- qmp: %s\n- file: %s\n",
			filepath.Join(dir, fmt.Sprintf("%d.qmp", i)), filepath.Join(dir, fmt.Sprintf("%d.ndjson", i)))
	}
	d, err := w.start(dir, config.String())
	if err != nil {
		return err
	}
	<-time.After(idleFor)
	took := time.Since(d.began)
	memory, err := d.memory()
	if err := errors.Join(err, d.stop()); err != nil {
		return err
	}
	fmt.Printf("%-44s %7.2f%% %5d MB  (start and end are in it)\n", fmt.Sprintf("idle with %d sources: of a core, and memory", idleSources),
		100*d.spent().Seconds()/took.Seconds(), memory>>20)
	return nil
}
