package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/qmpalert/qmpalert/bench/loadgen"
)

// engine has the rules and the windows of their keys.
type engine struct {
	rules   []rule
	windows map[string][]float64
	out     io.Writer
}

type rule struct {
	loadgen.Rule
	program *vm.Program
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	err := run(out, os.Args[1:])
	if err = errors.Join(err, out.Flush()); err != nil {
		fmt.Fprintln(os.Stderr, "naive:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, args []string) error {
	if len(args) != 2 {
		return errors.New("usage: naive RULES.jsonl EVENTS.ndjson")
	}
	e := &engine{windows: make(map[string][]float64), out: out}
	if err := eachLine(args[0], e.load); err != nil {
		return err
	}
	return eachLine(args[1], e.step)
}

func eachLine(path string, f func([]byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if err := f(lines.Bytes()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// load compiles one rule: its events and conditions as one expression.
func (e *engine) load(line []byte) error {
	var r loadgen.Rule
	if err := json.Unmarshal(line, &r); err != nil {
		return err
	}
	terms := []string{fmt.Sprintf("event in [%s]", `"`+strings.Join(r.Events, `", "`)+`"`)}
	if len(r.Events) == 1 {
		terms[0] = fmt.Sprintf("event == %q", r.Events[0])
	}
	program, err := expr.Compile(strings.Join(append(terms, r.Terms()...), " and "), expr.AllowUndefinedVariables(), expr.AsBool(),
		expr.DisableAllBuiltins()) // type and len are members
	if err != nil {
		return err
	}
	e.rules = append(e.rules, rule{r, program})
	return nil
}

// step takes one event.
func (e *engine) step(line []byte) error {
	var m map[string]any
	if err := json.Unmarshal(line, &m); err != nil {
		return err
	}
	env := map[string]any{"event": m["event"]}
	if data, ok := m["data"].(map[string]any); ok {
		for name, value := range data {
			env[strings.ReplaceAll(name, "-", "_")] = value
		}
	}
	stamp, ok := m["timestamp"].(map[string]any)
	if !ok {
		return fmt.Errorf("no timestamp: %s", line)
	}
	seconds, _ := stamp["seconds"].(float64)
	micros, _ := stamp["microseconds"].(float64)
	for i := range e.rules {
		holds, err := expr.Run(e.rules[i].program, env)
		if err != nil {
			return err
		}
		if holds == true {
			e.match(&e.rules[i], env, seconds+micros/1e6)
		}
	}
	return nil
}

// match counts in the window of a key, and says so when it is full.
func (e *engine) match(r *rule, env map[string]any, now float64) {
	key := fmt.Sprint(r.ID, env[strings.ReplaceAll(r.By, "-", "_")])
	times := e.windows[key]
	for len(times) > 0 && times[0] <= now-float64(r.Window) {
		times = times[1:]
	}
	times = append(times, now)
	if len(times) == r.Count {
		fmt.Fprintln(e.out, now, key)
	}
	e.windows[key] = times
}
