package main

import (
	"io"
	"os"
	"strconv"
)

const (
	usualWidth = 100 // where nobody says
	maxWidth   = 400
)

// width is how many columns there are to draw in: those of the terminal, else
// COLUMNS, else a usual page.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok && terminal(w) {
		if n := columns(f); n > 0 {
			return min(n, maxWidth)
		}
	}
	if n, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && n > 0 {
		return min(n, maxWidth)
	}
	return usualWidth
}
