package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/qmpalert/qmpalert/bench/loadgen"
	"github.com/qmpalert/qmpalert/engine"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
	"github.com/qmpalert/qmpalert/sources/ndjson"
)

// decoding compares the decoder with the usual way and with the floor.
func decoding(w workload, rounds int) error {
	const share = 10 // encoding/json has enough of a tenth
	if err := write(w.events(share), func(f io.Writer) error { return loadgen.Events(f, w.n/share) }); err != nil {
		return err
	}
	lines := &contender{name: "split lines", events: w.n, run: inside(func() error {
		return eachLine(w.events(1), func([]byte) error { return nil })
	})}
	maps := &contender{name: "encoding/json", events: w.n / share, run: inside(func() error {
		return eachLine(w.events(share), func(line []byte) error {
			var m map[string]any
			return json.Unmarshal(line, &m)
		})
	})}
	ours := &contender{name: "decode", events: w.n, run: inside(func() error { return decode(w.events(1)) })}
	if err := measure(rounds, lines, maps, ours); err != nil {
		return err
	}
	ratio("encoding/json into a map : decode", maps, ours, 15, false)
	ratio("decode : split lines", ours, lines, 5, true)
	return nil
}

func eachLine(path string, f func([]byte) error) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	s := bufio.NewScanner(file)
	for s.Scan() {
		if err := f(s.Bytes()); err != nil {
			return err
		}
	}
	return s.Err()
}

// decode reads all members of all events, as replay does.
func decode(path string) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	d := qmp.NewDecoder(file, qmp.Options{Reuse: true})
	var m qmp.Message
	for {
		switch err := d.Next(&m); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// pipelines compare numbers of rules, from the file to the changes, without the
// start of a process and the reading of rules.
func pipelines(w workload, rounds int) error {
	ten, err := pipeline(w, 10, "selective", 1)
	if err != nil {
		return err
	}
	many, err := pipeline(w, 10_000, "selective", 1)
	if err != nil {
		return err
	}
	broad, err := pipeline(w, 10_000, "broad", 100)
	if err != nil {
		return err
	}
	if err := measure(rounds, ten, many, broad); err != nil {
		return err
	}
	ratio("10,000 selective rules : 10", many, ten, 1.5, true)
	ratio("10,000 broad rules : 10", broad, ten, 10, true)
	return nil
}

func pipeline(w workload, n int, family string, share int) (*contender, error) {
	list, err := loadgen.Rules(n, family)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	if err := loadgen.File(&b, list); err != nil {
		return nil, err
	}
	set, found := rules.Load([]rules.File{{Name: "rules.yml", Src: []byte(b.String())}}, rules.Options{})
	if set == nil {
		return nil, fmt.Errorf("rules: %v", found)
	}
	path := w.events(share)
	c := &contender{name: fmt.Sprintf("%d %s rules", n, family), events: w.n / share}
	c.run = inside(func() error { return step(path, set) })
	return c, nil
}

func step(path string, set *rules.Set) (err error) {
	r, err := ndjson.Open(path, ndjson.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	m := engine.New(set, engine.Options{})
	var ev event.Event
	for {
		switch err := r.Next(&ev); {
		case errors.Is(err, io.EOF):
			m.Finish(0) // what waits for its lateness has to be paid for, too
			return nil
		case err != nil:
			return err
		}
		m.Step(&ev)
	}
}

// processes compares whole processes with what one writes in an afternoon.
func processes(w workload, rounds int) error {
	targets := map[int]float64{10: 20, 1000: 75}
	for _, s := range sizes {
		ours := &contender{name: "qmpalert replay", events: w.n, run: process(w.path("qmpalert"), "replay", "--rules", w.rules(s.rules, "yml"), w.events(1))}
		naive := &contender{name: "naive", events: w.n / s.share, run: process(w.path("naive"), w.rules(s.rules, "jsonl"), w.events(s.share))}
		if err := measure(rounds, ours, naive); err != nil {
			return err
		}
		ratio(fmt.Sprintf("naive engine : replay, %d rules", s.rules), naive, ours, targets[s.rules], false)
	}
	return nil
}
