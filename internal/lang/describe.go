package lang

// Describe says in plain English what a condition asks for. What has no plain
// words stands as source in backquotes.
func Describe(p *Program) string { return "`" + p.source + "`" }
