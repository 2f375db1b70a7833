package ruletest

import (
	"context"

	"github.com/qmpalert/qmpalert/rules"
)

// Survivor is a change of a rule that no test notices.
type Survivor struct {
	Rule   *rules.Rule
	Mutant rules.Mutant
}

// Mutation is what became of the mutants of some rules.
type Mutation struct {
	Mutants   int
	Survivors []Survivor
	// Untested are rules that take part in no test that passes: none of their mutants is
	// noticed, and none is listed.
	Untested []Untested
}

// Untested is a rule without a test that passes.
type Untested struct {
	Rule    *rules.Rule
	Mutants int
}

// Survived is how many mutants no test notices.
func (m *Mutation) Survived() int {
	n := len(m.Survivors)
	for _, u := range m.Untested {
		n += u.Mutants
	}
	return n
}

// Mutate changes each rule in one place at a time and runs the tests that the
// rule takes part in until one of them fails. Cases that fail as they are must
// be left out. Progress may be nil. The error is that of ctx.
func Mutate(ctx context.Context, suite *rules.Suite, all []*rules.Rule, cases []*Case, progress func(done, total int)) (Mutation, error) {
	var out Mutation
	takingPart := map[*rules.Rule][]*Case{}
	for _, c := range cases {
		for _, r := range c.set.Rules() {
			takingPart[r] = append(takingPart[r], c)
		}
	}
	for i, r := range all {
		if progress != nil {
			progress(i, len(all))
		}
		with := takingPart[r]
		mutants := suite.Mutants(r)
		out.Mutants += len(mutants)
		if len(with) == 0 {
			if len(mutants) > 0 {
				out.Untested = append(out.Untested, Untested{r, len(mutants)})
			}
			continue
		}
		for _, m := range mutants {
			if err := ctx.Err(); err != nil {
				return Mutation{}, err
			}
			if !noticed(r, m.Rule, with) {
				out.Survivors = append(out.Survivors, Survivor{r, m})
			}
		}
	}
	return out, nil
}

// noticed runs tests with a mutant in the place of a rule until one fails. Those
// of the rule itself come first: they are the most likely to.
func noticed(r, mutant *rules.Rule, cases []*Case) bool {
	for _, own := range []bool{true, false} {
		for _, c := range cases {
			if (c.Test.Rule == r) != own {
				continue
			}
			t := c.Test
			if own {
				t.Rule = mutant // a record is looked up by its rule
			}
			s := play(c.set.Replace(r, mutant), &t, needsTrace(&t))
			if len(compare(&t, s)) > 0 {
				return true
			}
		}
	}
	return false
}
