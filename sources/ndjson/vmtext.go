package ndjson

import (
	"errors"
	"strings"
)

// vmText names VMs: plain text in which {{ file }} stands for the name of the
// file.
type vmText []string // the pieces between the places of the file name

func parseVMText(text string) (vmText, error) {
	if text == "" {
		return nil, nil
	}
	var pieces vmText
	for {
		before, after, found := strings.Cut(text, "{{")
		if !found {
			return append(pieces, text), nil
		}
		word, after, closed := strings.Cut(after, "}}")
		if !closed || strings.TrimSpace(word) != "file" {
			return nil, errors.New("vm_name: only {{ file }}, the name of the file without its extension, can stand in it")
		}
		pieces, text = append(pieces, before), after
	}
}

// with returns the name for a file; "" for no text.
func (v vmText) with(file string) string { return strings.Join(v, file) }
