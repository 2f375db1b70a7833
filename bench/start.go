package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"time"

	"github.com/qmpalert/qmpalert/bench/loadgen"
)

const (
	startRules = 10_000
	startIn    = 2 * time.Second
)

// starts measures how long a daemon takes to be ready: with many rules, and
// after it was killed behind half of the events.
func starts(w workload, rounds int) error {
	fresh, err := fastest(rounds, w.startFresh)
	if err != nil {
		return err
	}
	killed, err := fastest(rounds, w.startKilled)
	if err != nil {
		return err
	}
	fmt.Printf("%-44s %8s %8v  %7s  ≤ %v  %s\n", fmt.Sprintf("start with %d rules, until ready", startRules), "", fresh, "", startIn, verdict(fresh <= startIn))
	fmt.Printf("%-44s %8s %8v\n", fmt.Sprintf("start after a kill behind %d events", w.n/2), "", killed)
	return nil
}

// fastest returns the best of some rounds.
func fastest(rounds int, once func() (time.Duration, error)) (best time.Duration, err error) {
	for range rounds {
		took, err := once()
		if err != nil {
			return 0, err
		}
		if best == 0 || took < best {
			best = took
		}
	}
	return best, nil
}

// startFresh starts a daemon with many rules and nothing on disk.
func (w workload) startFresh() (took time.Duration, err error) {
	dir, remove, err := w.folder()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	list, err := loadgen.Rules(startRules, "selective")
	if err != nil {
		return 0, err
	}
	file := filepath.Join(dir, "many.yml")
	if err := write(file, func(f io.Writer) error { return loadgen.File(f, list) }); err != nil {
		return 0, err
	}
	return w.untilReady(dir, file, "")
}

// startKilled lets a daemon take half of the events, kills it, and starts it
// again on what it left.
func (w workload) startKilled() (took time.Duration, err error) {
	dir, remove, err := w.folder()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	d, err := w.start(dir, w.following(w.rules(10, "yml"), address, storageOn))
	if err != nil {
		return 0, err
	}
	err = errors.Join(waitFor(address, w.n/2), d.cmd.Process.Kill())
	_ = d.cmd.Wait() // it was killed
	if err != nil {
		return 0, err
	}
	return w.untilReady(dir, w.rules(10, "yml"), storageOn)
}

// untilReady starts a daemon, waits for it to be ready, and stops it.
func (w workload) untilReady(dir, rules, storage string) (time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	d, err := w.start(dir, w.following(rules, address, storage))
	if err != nil {
		return 0, err
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for isReady(address) != nil && time.Since(d.began) < time.Minute {
		<-tick.C
	}
	took := time.Since(d.began)
	return took.Round(time.Millisecond), errors.Join(isReady(address), d.stop())
}

func isReady(address string) error {
	answer, err := http.Get("http://" + address + "/-/ready")
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}
