package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// progress is a line on a terminal for work that takes longer than a moment.
type progress struct {
	w     io.Writer // nil: no terminal
	began time.Time
	next  time.Time // not before
	shown bool
}

func newProgress(w io.Writer) *progress {
	if !terminal(w) {
		return &progress{}
	}
	now := time.Now()
	return &progress{w: w, began: now, next: now.Add(time.Second)}
}

// show draws the bar of so many bytes, ten times a second at most.
func (p *progress) show(done, total int64) { p.draw(done, total, fmt.Sprintf("%d MB", total>>20)) }

// count is show for things that are counted: rules.
func (p *progress) count(done, total int, what string) {
	p.draw(int64(done), int64(total), plural(total, what))
}

func (p *progress) draw(done, total int64, amount string) {
	if p.w == nil || time.Now().Before(p.next) {
		return
	}
	now := time.Now()
	p.next, p.shown = now.Add(100*time.Millisecond), true
	fmt.Fprint(p.w, "\r\x1b[K"+progressLine(done, total, amount, now.Sub(p.began)))
}

// progressLine is "████████░░░░  67 % of 120 MB, 3s left".
func progressLine(done, total int64, amount string, spent time.Duration) string {
	const width = 30
	total = max(total, 1)
	done = min(max(done, 0), total)
	part := float64(done) / float64(total)
	full := int(part * width)
	line := strings.Repeat("█", full) + strings.Repeat("░", width-full)
	line += fmt.Sprintf(" %3d %% of %s", int(part*100), amount)
	if part > 0 {
		left := time.Duration(float64(spent) * (1 - part) / part)
		line += ", " + left.Round(time.Second).String() + " left"
	}
	return line
}

func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
