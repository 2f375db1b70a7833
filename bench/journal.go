package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// sustained is how many events a second the daemon has to take with everything
// on disk.
const sustained = 50_000

// journals compares the daemon that keeps everything on disk with one that keeps
// nothing: both follow the same file.
func journals(w workload, rounds int) error {
	forgets := &contender{name: "run without storage", events: w.n}
	keeps := &contender{name: "run with storage", events: w.n}
	var fastest float64 // events a second, with storage
	forgets.run = func() (time.Duration, error) {
		spent, _, err := w.daemon("")
		return spent, err
	}
	keeps.run = func() (time.Duration, error) {
		spent, took, err := w.daemon(storageOn)
		fastest = max(fastest, float64(w.n)/took.Seconds())
		return spent, err
	}
	if err := measure(rounds, forgets, keeps); err != nil {
		return err
	}
	ratio("run with storage : without", keeps, forgets, 2, true)
	fmt.Printf("%-44s %8s %8.0f  %7s  ≥ %d  %s\n", "events a second with storage", "", fastest, "", sustained, verdict(fastest >= sustained))
	return nil
}

// daemon lets a daemon take all events, and returns its processor time until
// then, from its start, and how long it took. What its end takes depends on the
// rules' state, and not on how many events there were.
func (w workload) daemon(storage string) (spent, took time.Duration, err error) {
	dir, remove, err := w.folder()
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	address, err := freeAddress()
	if err != nil {
		return 0, 0, err
	}
	d, err := w.start(dir, w.following(w.rules(10, "yml"), address, storage))
	if err != nil {
		return 0, 0, err
	}
	waitErr := waitFor(address, w.n)
	took = time.Since(d.began)
	spent, spentErr := processorSeconds(address)
	if err := errors.Join(waitErr, spentErr, d.stop()); err != nil {
		return 0, 0, err
	}
	return spent, took, nil
}

// following is the configuration of a daemon that takes all events.
func (w workload) following(rules, address, storage string) string {
	return fmt.Sprintf("host: bench\nsources: [{file: %s}]\nrule_files: [%s]\nweb: {listen: '%s'}\n%s", w.events(1), rules, address, storage)
}

// processorSeconds asks a daemon for the processor time that it has taken so far.
func processorSeconds(address string) (spent time.Duration, err error) {
	answer, err := http.Get("http://" + address + "/metrics")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "process_cpu_seconds_total "); ok {
			seconds, err := strconv.ParseFloat(text, 64)
			return time.Duration(seconds * float64(time.Second)), err
		}
	}
	return 0, errors.New("the daemon's metrics do not say what it has taken")
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// waitFor returns when a daemon has decided n events.
func waitFor(address string, n int) error {
	const patience = 5 * time.Minute
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for began := time.Now(); time.Since(began) < patience; <-tick.C {
		if taken, err := evaluated(address); err == nil && taken >= n {
			return nil
		}
	}
	return fmt.Errorf("the daemon did not take %d events within %v", n, patience)
}

func evaluated(address string) (n int, err error) {
	answer, err := http.Get("http://" + address + "/api/v1/status")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	var s struct{ Events struct{ Evaluated int } }
	err = json.NewDecoder(answer.Body).Decode(&s)
	return s.Events.Evaluated, err
}
