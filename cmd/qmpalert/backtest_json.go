package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/backtest"
)

// The lines of `backtest -o json`: one for each difference, or without
// --against one for each rule.
type (
	jsonDifference struct {
		What      []string        `json:"what"`
		Alertname string          `json:"alertname"`
		Labels    json.RawMessage `json:"labels"` // what it is about
		Later     *float64        `json:"laterSeconds,omitempty"`
		Longer    *float64        `json:"longerSeconds,omitempty"`
		Before    *jsonSpan       `json:"before,omitempty"`
		After     *jsonSpan       `json:"after,omitempty"`
	}
	jsonSpan struct {
		StartsAt string          `json:"startsAt"`
		EndsAt   string          `json:"endsAt,omitempty"` // none: nothing ended it
		Labels   json.RawMessage `json:"labels"`
	}
	jsonSummary struct {
		Rule     string      `json:"rule"`
		Group    string      `json:"group"`
		Fired    int         `json:"fired"`
		Seconds  float64     `json:"firingSeconds"`
		Open     int         `json:"open"`
		Messages int         `json:"messages"`
		Keys     int         `json:"keys"`
		Noisiest []jsonNoise `json:"noisiest"`
	}
	jsonNoise struct {
		Labels json.RawMessage `json:"labels"`
		Fired  int             `json:"fired"`
	}
)

func (b *backtesting) printJSON(w io.Writer) error {
	if b.compared {
		for i := range b.comparison.Differences {
			if err := writeJSON(w, differenceJSON(&b.comparison.Differences[i])); err != nil {
				return err
			}
		}
		return nil
	}
	for _, s := range backtest.Summarize(b.after, b.alertsAfter(), b.result.From, b.result.Last) {
		line := jsonSummary{
			Rule: s.Rule.Name, Group: s.Rule.Group, Fired: s.Fired, Seconds: s.Firing.Seconds(),
			Open: s.Open, Messages: s.Messages, Keys: s.Keys, Noisiest: []jsonNoise{},
		}
		for _, n := range s.Noisy {
			line.Noisiest = append(line.Noisiest, jsonNoise{n.Labels.AppendJSON(nil), n.Fired})
		}
		if err := writeJSON(w, line); err != nil {
			return err
		}
	}
	return nil
}

func differenceJSON(d *backtest.Difference) jsonDifference {
	a := d.Either()
	line := jsonDifference{What: d.What(), Alertname: a.Name, Labels: a.Key().AppendJSON(nil), Before: spanJSON(d.Before), After: spanJSON(d.After)}
	if d.Before != nil && d.After != nil {
		line.Later = seconds(d.Later)
		if !d.Endless {
			line.Longer = seconds(d.Longer)
		}
	}
	return line
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}

func spanJSON(a *backtest.Alert) *jsonSpan {
	if a == nil {
		return nil
	}
	s := &jsonSpan{StartsAt: string(event.AppendTime(nil, a.Start)), Labels: a.Labels.AppendJSON(nil)}
	if !a.Open() {
		s.EndsAt = string(event.AppendTime(nil, a.End))
	}
	return s
}
