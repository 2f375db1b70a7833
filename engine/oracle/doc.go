// Package oracle is the second opinion about what rules mean: the simplest
// evaluator of docs/semantics.md ("What a rule means") that could be written, with
// no regard for speed or memory. Tests run the same rules and events through it
// and through package engine and compare everything that comes out.
//
// In: rules in a small form of their own and a whole recording, in order of
// arrival. Out: the changes of every alert. Nothing is incremental: each rule
// is evaluated alone, each key of it alone, over the whole recording, so that
// rule 1 ("rules never influence each other, keys never influence each other")
// is true by construction here.
//
// It imports nothing of this module on purpose: two programs that share code
// share mistakes. Numbers in comments ("rule 5") are those of docs/semantics.md.
//
// How a recording goes through it, one file a step:
//
//	stamp (clock.go: rules 2 and 4) → watermarks (watermark.go: rule 3)
//	→ keys (key.go: rules 6 and 14) → life (life.go: rules 5, 7, 11–13, 16, 17)
package oracle
