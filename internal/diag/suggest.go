package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// suggestMax bounds the length of words that are compared, in code points:
// nobody misspells a longer one, and the comparison is quadratic.
const suggestMax = 64

// Suggest returns the candidate that the user probably meant by word, or "".
// Case does not count and "-" equals "_"; up to a third of the letters (at
// least one) may be missing, wrong, too many or swapped with a neighbour.
// Of equally good candidates the first one wins.
func Suggest(word string, candidates []string) string {
	w := fold(word)
	if len(w) == 0 {
		return ""
	}
	best, bestDistance := "", max(1, len(w)/3)+1
	for _, candidate := range candidates {
		c := fold(candidate)
		if len(c) == 0 || abs(len(c)-len(w)) >= bestDistance {
			continue
		}
		// A candidate must keep at least one letter of a short word.
		if d := distance(w, c, bestDistance); d < bestDistance && d < max(len(w), len(c)) {
			best, bestDistance = candidate, d
			if d == 0 {
				break
			}
		}
	}
	return best
}

// DidYouMean is Suggest as a hint: "did you mean `x`?", or "".
func DidYouMean(word string, candidates []string) string {
	if s := Suggest(word, candidates); s != "" {
		return "did you mean `" + s + "`?"
	}
	return ""
}

// fold brings a word to the form in which words are compared; nil if too long.
func fold(s string) []rune {
	if len(s) > suggestMax*utf8.UTFMax || utf8.RuneCountInString(s) > suggestMax {
		return nil
	}
	return []rune(strings.Map(func(r rune) rune {
		if r == '-' {
			return '_'
		}
		return unicode.ToLower(r)
	}, s))
}

// distance is the Damerau-Levenshtein distance (optimal string alignment),
// or some number >= limit once it is clear that it cannot be below limit.
func distance(a, b []rune, limit int) int {
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		// A swap reaches two rows back, and costs one more than that row's least.
		if least > limit {
			return least
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
