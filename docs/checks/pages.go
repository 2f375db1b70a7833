package checks

import "embed"

//go:embed Q*.md
var pages embed.FS

// Page returns the page about a code such as Q204, in Markdown; false if there
// is none.
func Page(code string) (string, bool) {
	text, err := pages.ReadFile(code + ".md")
	return string(text), err == nil
}
