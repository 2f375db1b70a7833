package backtest

import (
	"context"
	"time"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/replay"
	"github.com/qmpalert/qmpalert/qmp"
	"github.com/qmpalert/qmpalert/rules"
)

// Reader reads recorded events once and shows each to one machine for each of
// the sets. replay.Recordings is one.
type Reader interface {
	Feed(ctx context.Context, sets []*rules.Set, told func(set int, changes []alert.Change) error) (replay.Pass, error)
}

// Result is what was found.
type Result struct {
	replay.Pass
	// Alerts are those of each set in order of start, name and labels.
	Alerts [][]Alert
	// From is the beginning of the time that was asked for; qmp.NoTime: all.
	From int64
}

// Run reads the events once and collects the alerts of each set. Since is how
// far back from the newest event the alerts are of interest; 0 is all the way.
// What is older is read all the same: it decides what windows hold and what
// fires at that time.
func Run(ctx context.Context, r Reader, sets []*rules.Set, since time.Duration) (Result, error) {
	var all []*history
	for _, set := range sets {
		all = append(all, newHistory(set))
	}
	pass, err := r.Feed(ctx, sets, func(set int, changes []alert.Change) error { return all[set].add(changes) })
	if err != nil {
		return Result{}, err
	}
	result := Result{Pass: pass, From: qmp.NoTime}
	if since > 0 && pass.Last != qmp.NoTime {
		result.From = pass.Last - since.Microseconds()
	}
	for _, h := range all {
		result.Alerts = append(result.Alerts, h.done())
	}
	return result, nil
}
