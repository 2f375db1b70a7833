package qmpsock

import (
	"fmt"
	"strings"
)

// nameText is vm_name: plain text in which {{ file }} stands for the name of
// the socket file.
type nameText []string // the pieces between the places of the file name

func parseName(text string) (nameText, error) {
	if text == "" {
		return nil, nil
	}
	var pieces nameText
	rest := text
	for {
		before, after, open := strings.Cut(rest, "{{")
		if !open {
			return append(pieces, rest), nil
		}
		word, after, closed := strings.Cut(after, "}}")
		if word = strings.TrimSpace(word); !closed || word != "file" {
			return nil, fmt.Errorf("vm_name: %q: only {{ file }}, the name of the socket file without its extension, can stand here", text)
		}
		pieces = append(pieces, before)
		rest = after
	}
}

// with returns the name for a socket file; "" for no text.
func (n nameText) with(file string) string { return strings.Join(n, file) }
