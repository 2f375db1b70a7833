package rules

import "slices"

// KeyLabels returns the names of the labels that tell the alerts of the rule
// apart: host and vm by scope, and one for each member of By; sorted.
func (r *Rule) KeyLabels() []string {
	var names []string
	if r.Scope != ScopeFleet {
		names = append(names, "host")
	}
	if r.Scope == ScopeVM {
		names = append(names, "vm")
	}
	for _, path := range r.By {
		names = append(names, labelName(path))
	}
	slices.Sort(names)
	return names
}
