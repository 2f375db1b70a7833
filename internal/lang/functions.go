package lang

// FuncDoc describes a function for people.
type FuncDoc struct {
	Name string // human_bytes
	Form string // human_bytes(x)
	Doc  string // what it gives, in one sentence
}

// Functions lists the functions of the language, sorted by name.
func Functions() []FuncDoc { return nil }
