package main

import "github.com/qmpalert/qmpalert/qmp"

// eventJSON is the table's row as `events -o json` prints it. Members are never
// removed from it; new ones may come.
type eventJSON struct {
	Name       string        `json:"name"`
	Summary    string        `json:"summary"`
	Category   string        `json:"category"`
	Since      string        `json:"since"`
	Own        bool          `json:"own"`
	Removed    string        `json:"removed,omitempty"`
	Deprecated string        `json:"deprecated,omitempty"`
	DataSince  string        `json:"data_since,omitempty"`
	Gate       string        `json:"gate,omitempty"`
	Condition  string        `json:"condition,omitempty"`
	Unstable   bool          `json:"unstable,omitempty"`
	Members    []memberJSON  `json:"members"`
	Throttle   *throttleJSON `json:"throttle,omitempty"`
	Correlate  []string      `json:"correlate,omitempty"`
	Follows    []followJSON  `json:"follows,omitempty"`
	Quirks     []string      `json:"quirks,omitempty"`
	Example    string        `json:"example"`
}

type memberJSON struct {
	Name     string       `json:"name"`
	Path     string       `json:"path"`
	Ident    string       `json:"ident"` // the path as expressions spell it
	Type     string       `json:"type"`
	JSON     string       `json:"json"`
	Unit     string       `json:"unit,omitempty"`
	Optional bool         `json:"optional"`
	Since    string       `json:"since"`
	Branch   string       `json:"branch,omitempty"`
	Aliases  []string     `json:"aliases,omitempty"`
	Values   []valueJSON  `json:"values,omitempty"`
	Members  []memberJSON `json:"members,omitempty"`
}

type valueJSON struct {
	Value   string `json:"value"`
	Since   string `json:"since"`
	NotSent string `json:"not_sent,omitempty"`
}

type throttleJSON struct {
	PeriodMS int      `json:"period_ms"`
	Since    string   `json:"since,omitempty"`
	Key      []string `json:"key"`
}

type followJSON struct {
	When string `json:"when"`
	Then string `json:"then"`
}

func jsonOf(d *qmp.Def) eventJSON {
	out := eventJSON{
		Name: d.Name, Summary: d.Summary, Category: d.Category, Since: d.Since, Own: d.Own,
		Removed: d.Removed, Deprecated: d.Deprecated, DataSince: d.DataSince, Gate: d.Gate,
		Condition: d.Condition, Unstable: d.Unstable, Members: membersJSON(d.Members),
		Correlate: d.Correlate, Quirks: d.Quirks, Example: exampleRule(d),
	}
	if t := d.Throttle; t != nil {
		out.Throttle = &throttleJSON{t.PeriodMS, t.Since, append([]string{}, t.Key...)}
	}
	for _, f := range d.Follows {
		out.Follows = append(out.Follows, followJSON(f))
	}
	return out
}

func membersJSON(members []*qmp.Member) []memberJSON {
	out := []memberJSON{}
	for _, m := range members {
		j := memberJSON{
			Name: m.Name, Path: m.Path, Ident: m.IdentPath, Type: m.Type, JSON: string(m.JSON), Unit: m.Unit,
			Optional: m.Optional, Since: m.Since, Branch: m.Branch, Aliases: m.Aliases,
		}
		if m.Enum != nil {
			for _, v := range m.Enum.Values {
				j.Values = append(j.Values, valueJSON(v))
			}
		}
		if len(m.Members) > 0 {
			j.Members = membersJSON(m.Members)
		}
		out = append(out, j)
	}
	return out
}
