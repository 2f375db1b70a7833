package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// contender does some work on a number of events.
type contender struct {
	name   string
	events int
	run    func() (time.Duration, error) // processor time of one round
	best   time.Duration                 // for one event
}

// measure lets all take turns and keeps the best round of each.
func measure(rounds int, all ...*contender) error {
	for range rounds {
		for _, c := range all {
			spent, err := c.run()
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if each := spent / time.Duration(c.events); c.best == 0 || each < c.best {
				c.best = each
			}
		}
	}
	return nil
}

// inside measures a function of this process.
func inside(f func() error) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		before, err := processorTime()
		if err != nil {
			return 0, err
		}
		if err := f(); err != nil {
			return 0, err
		}
		after, err := processorTime()
		return after - before, err
	}
}

func processorTime() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// process measures a whole process on one core, from its start to its end.
func process(name string, args ...string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%w\n%s", err, out)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
	}
}

// ratio prints how much faster one is than another. at most: how much slower
// one may be than the other.
func ratio(what string, slow, fast *contender, target float64, atMost bool) {
	r := float64(slow.best) / float64(fast.best)
	sign, met := "≥", r >= target
	if atMost {
		sign, met = "≤", r <= target
	}
	fmt.Printf("%-44s %8v %8v  %6.1f×  %s %g×  %s\n", what, slow.best, fast.best, r, sign, target, verdict(met))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "NOT MET"
}
