package oracle

import "time"

// This file is what makes the condition of a key, by the form of its rule. Each
// answer is worked out anew from all matches since the last reset.

// hit is a match of a key, with the steps that it is of.
type hit struct {
	input
}

// inWindow lists the matches m with now - within < m.time <= now (rule 7), as
// many of the newest as rule 21 keeps.
func (x *run) inWindow() []hit {
	var in []hit
	for _, m := range x.matches {
		if m.at > x.now-micros(x.r.Within) {
			in = append(in, m)
		}
	}
	most := x.w.Window
	if x.r.Form == FormCount {
		most = x.r.Count
	}
	return in[max(0, len(in)-most):]
}

// windowed says that the condition is a matter of what is in the window.
func (x *run) windowed() bool { return x.r.Form == FormCount || x.r.Form == FormHaving }

// true is the condition of a windowed rule (rules 7 and 8).
func (x *run) true() bool {
	window := x.inWindow()
	if x.r.Form == FormCount {
		return len(window) >= x.r.Count
	}
	return len(window) > 0 && x.r.Having.holds(x, window)
}

// judge begins or ends the condition of a windowed rule.
func (x *run) judge() {
	holds := x.true()
	if holds {
		x.shown = nil
		for _, a := range x.r.Shown {
			x.shown = append(x.shown, text(a.over(x.inWindow(), x.r.Within.Seconds())))
		}
	}
	switch {
	case holds && !x.holds:
		x.begin(map[Form]string{FormCount: "count", FormHaving: "having"}[x.r.Form], x.inWindow())
	case !holds && x.holds:
		keep := time.Duration(0) // rule 13: the default, but after a count window ran out
		if x.r.Form == FormCount {
			keep = x.r.Within
		}
		if x.r.KeepGiven {
			keep = x.r.Keep
		}
		x.endCondition("ended", keep)
	}
}

// attempt is a sequence that was begun: its matches so far.
type attempt []hit

// completed is rule 9's sequence: what the newest match completes, or nil. It
// follows all attempts from the first match on.
func (x *run) completed() attempt {
	waits := map[int]attempt{} // by the step that it waits for
	var done attempt
	for _, m := range x.matches {
		done = nil
		for step, a := range waits {
			if a[0].at <= m.at-micros(x.r.Within) {
				delete(waits, step) // its first event is `within` old
			}
		}
		for step := len(x.r.Steps) - 1; step >= 0; step-- {
			if !m.isStep(step) {
				continue
			}
			moved, there := waits[step]
			if step > 0 && !there {
				continue
			}
			delete(waits, step)
			moved = append(append(attempt{}, moved...), m)
			if step == len(x.r.Steps)-1 {
				done = moved
			} else {
				waits[step+1] = moved
			}
		}
	}
	return done
}

// allThere is rule 9's all_of: what is in the window when it has a match of
// each pattern, else nil.
func (x *run) allThere() []hit {
	window := x.inWindow()
	for step := range x.r.Steps {
		found := false
		for _, m := range window {
			found = found || m.isStep(step)
		}
		if !found {
			return nil
		}
	}
	return window
}

func (m hit) isStep(i int) bool {
	for _, s := range m.steps {
		if s == i {
			return true
		}
	}
	return false
}
