package sources

import (
	"errors"
	"strings"
)

// FileName is vm_name: the name of a VM as plain text in which {{ file }} stands
// for the name of the file or socket that its events come from, without the
// extension. The zero value names nobody.
type FileName struct {
	pieces []string // between the places of the file name
}

// ParseFileName reads vm_name; "" is the zero FileName.
func ParseFileName(text string) (FileName, error) {
	var n FileName
	if text == "" {
		return n, nil
	}
	for {
		before, after, open := strings.Cut(text, "{{")
		if !open {
			n.pieces = append(n.pieces, text)
			return n, nil
		}
		word, after, closed := strings.Cut(after, "}}")
		if !closed || strings.TrimSpace(word) != "file" {
			return FileName{}, errors.New("vm_name: only {{ file }}, the name of the file without its extension, can stand in it")
		}
		n.pieces, text = append(n.pieces, before), after
	}
}

// Of returns the name of the VM of a file; "" of the zero FileName.
func (n FileName) Of(file string) string { return strings.Join(n.pieces, file) }
