package daemon

import (
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/config"
)

// routeOf says what the planner decides by. Whether a receiver wants to hear of
// ends is asked of each of its endpoints.
func routeOf(cfg *config.Config) dispatch.Config {
	out := dispatch.Config{Route: routeTree(&cfg.Route), ExternalURL: cfg.ExternalURL}
	for _, r := range cfg.Receivers {
		out.Receivers = append(out.Receivers, dispatch.Receiver{Name: r.Name, SendResolved: true})
	}
	for _, r := range cfg.InhibitRules {
		out.InhibitRules = append(out.InhibitRules, dispatch.InhibitRule{
			Name: r.Name, SourceMatchers: r.SourceMatchers, TargetMatchers: r.TargetMatchers, Equal: r.Equal,
		})
	}
	for _, t := range cfg.TimeIntervals {
		out.TimeIntervals = append(out.TimeIntervals, dispatch.TimeInterval{Name: t.Name, Intervals: t.Intervals})
	}
	return out
}

func routeTree(r *config.Route) dispatch.Route {
	out := dispatch.Route{
		Receiver: r.Receiver, Matchers: r.Matchers, Continue: r.Continue,
		GroupBy: r.GroupBy, GroupByAll: r.GroupByAll,
		GroupWait: r.GroupWait, GroupInterval: r.GroupInterval, RepeatInterval: r.RepeatInterval,
		MuteTimeIntervals: r.MuteTimeIntervals, ActiveTimeIntervals: r.ActiveTimeIntervals,
	}
	if r.Escalate != nil {
		out.Escalate = &dispatch.Escalation{After: r.Escalate.After, Receiver: r.Escalate.Receiver}
	}
	for i := range r.Routes {
		out.Routes = append(out.Routes, routeTree(&r.Routes[i]))
	}
	return out
}

// consoleRoute tells a terminal of each alert at once.
func consoleRoute() config.Route {
	return config.Route{Receiver: consoleName, GroupByAll: true}
}
