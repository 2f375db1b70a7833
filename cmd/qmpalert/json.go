package main

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// writeJSON prints a value as one line of JSON (see diag.JSONLine).
func writeJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(diag.JSONLine(nil, bytes.TrimSuffix(text.Bytes(), []byte("\n"))))
	return err
}
