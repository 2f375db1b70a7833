package lang

// Text is a compiled text: literal pieces and expressions in {{ }}. It is
// immutable and safe for concurrent use with one Frame for each goroutine.
type Text struct{}

// CompileText compiles a text. Offsets of problems are those of src.
func CompileText(src string, env Env) (*Text, []Problem) { return nil, nil }

// Append appends the text for a Frame to b, at most MaxText bytes.
func (t *Text) Append(b []byte, f *Frame) []byte { return b }

// IsConstant says that the text is the same for every Frame.
func (t *Text) IsConstant() bool { return false }

// Canonical is a normal form: see Program.Canonical.
func (t *Text) Canonical() string { return "" }
