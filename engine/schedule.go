package engine

// point is a place in the order of what happens.
type point struct {
	time  int64
	phase phase
}

func (a point) before(b point) bool {
	return a.time < b.time || a.time == b.time && a.phase < b.phase
}

// runTo runs all that the watermark w allows. What is over at w itself by `for`
// or `absent_for` waits until the watermark has passed it: an event at w may
// still come.
func (p *partition) runTo(w int64) { p.run(point{w, phaseLast}) }

// drain evaluates all that waits, as far as the limit goes: nothing more comes
// that it could wait for. What the machine makes of it is behind it.
func (p *partition) drain(limit point) {
	for len(p.waiting) > 0 && p.waiting[0].at().before(limit) {
		p.mark = max(p.mark, p.waiting[0].time)
		p.runTo(p.mark)
	}
}

// run runs, in order, everything that comes before a point. Nearly always that
// is nothing.
func (p *partition) run(until point) {
	if len(p.waiting) > 0 || len(p.due.heap) > 0 && p.due.heap[0].time <= until.time {
		p.runAll(until)
	}
}

func (p *partition) runAll(until point) {
	for {
		next := until
		d, isDue := p.due.next(until)
		if isDue {
			next = d.at()
		}
		switch {
		case len(p.waiting) > 0 && p.waiting[0].at().before(next):
			p.evaluateWaiting(p.waiting.pop())
		case isDue:
			p.expire(p.due.take())
		default:
			return
		}
	}
}

// evaluateWaiting evaluates an event or record whose time has come.
func (p *partition) evaluateWaiting(w waiting) {
	from := w.event.from
	if from != nil && from.sign != nil {
		if p.census != nil { // the rules that asked for it may be gone
			p.present(from.sign, w.order, w.time)
		}
		return
	}
	in := &p.m.waited
	*in = arrival{event: &w.event.Event, kept: w.event, number: w.order, order: w.order, from: from}
	if from != nil {
		in.number = from.number
	}
	p.evaluate(in, w.time)
	in.done(&p.m.store)
}

// expire does what is due for a track.
func (p *partition) expire(d deadline) {
	tr := d.track
	p.cause = cause{order: orderLeave, number: p.m.number}
	switch d.phase {
	case phaseLeave:
		tr.home.cond.leave(p, tr, d.time)
	case phaseKeep:
		tr.close(p, d.time, tr.endCause)
	case phaseOver:
		p.cause.order = orderLast
		tr.over(p, d.time)
	}
	if tr.idle() {
		tr.home.forget(tr)
		p.m.store.takeBack(tr)
	}
}
