package lang

// Edit is one small change of a source that changes its meaning: the bytes
// [Offset, End) become Text.
type Edit struct {
	Offset, End int
	Text        string
	What        string // for people: `>=` becomes `>`
}

// Mutants lists changes that a good test notices. Every one compiles, and no
// two of them, nor the source itself, have the same canonical form.
func Mutants(src string, env Env, want Want) []Edit { return nil }
