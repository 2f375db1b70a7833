package config

import (
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var inhibitKeys = yamldoc.Keys{
	Where: "an inhibit rule",
	Known: []string{"name", "source_matchers", "target_matchers", "equal"},
	Unsupported: []string{
		"source_match", "source_match_re", "target_match", "target_match_re",
	},
	Instead: oldMatchers,
}

func (r *reader) inhibitRule(n *yamldoc.Node) InhibitRule {
	n.CheckKeys(r.list, inhibitKeys)
	out := InhibitRule{Pos: n.Pos}
	out.Name, _ = r.text(n, "name")
	for _, side := range []string{"source", "target"} {
		if n.Get(side+"_match") == nil && n.Get(side+"_match_re") == nil { // these are refused already
			n.Require(r.list, "an inhibit rule", side+"_matchers")
		}
	}
	out.SourceMatchers = r.matchers(n, "source_matchers")
	out.TargetMatchers = r.matchers(n, "target_matchers")
	if v := n.Get("equal"); v != nil {
		out.Equal = r.labelNames(v, "")
	}
	return out
}
