package engine

import "github.com/qmpalert/qmpalert/alert"

// matchForm is a rule without a window: the match is the condition.
type matchForm struct{ plain }

func (matchForm) take(p *partition, rs *ruleState, in *arrival, t int64) {
	p.m.key = rs.rule.AppendKey(p.m.key[:0], in.event)
	if rs.rule.Record != "" {
		p.record(rs.rule, in.event, p.m.key, 1, t)
		return
	}
	tr := p.track(rs, p.m.key, in, t)
	if p.m.tracing {
		p.trace(Trace{At: t, What: "match", Event: in.keep(&p.m.store).show()}, tr)
	}
	made := [1]match{{t, in.keep(&p.m.store)}}
	tr.happen(p, t, alert.ReasonMatch, made[:])
}

func (matchForm) leave(*partition, *track, int64) {}
