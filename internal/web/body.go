package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// readBody reads the one JSON object that a request has as its body into v, a
// pointer to a struct. Unknown, misspelled and repeated members are errors: a
// silence whose end was misread is worse than none.
func readBody(r *http.Request, v any) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return NewProblem(http.StatusUnsupportedMediaType, "send Content-Type: application/json")
	}
	data, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return NewProblem(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", large.Limit)
	case err != nil:
		return Invalid("the body ended early")
	case !utf8.Valid(data):
		return Invalid("the body is not UTF-8")
	}
	if err := members(data, memberNames(v)); err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			return Invalid("%s: want %s, not %s", wrong.Field, kindName(wrong.Type), wrong.Value)
		}
		return Invalid("the body: %v", err)
	}
	return nil
}

// members checks the names of the members of an object.
func members(data []byte, known []string) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return Invalid("the body is not a JSON object")
	}
	seen := make(map[string]bool)
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return Invalid("the body: %v", err)
		}
		name, _ := t.(string)
		if !slices.Contains(known, name) {
			hint := diag.DidYouMean(name, known)
			if hint == "" {
				hint = "there are " + strings.Join(known, ", ")
			}
			return Invalid("unknown member %.60q: %s", name, hint)
		}
		if seen[name] {
			return Invalid("the member %q is there twice", name)
		}
		seen[name] = true
		var skipped json.RawMessage
		if err := dec.Decode(&skipped); err != nil {
			return Invalid("the body: %v", err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return Invalid("the body: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return Invalid("there is something behind the JSON object")
	}
	return nil
}

// memberNames lists the members of a struct as JSON spells them.
func memberNames(v any) []string {
	var names []string
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "a list"
	case reflect.String, reflect.Int64: // Time is written as a string
		return "a string"
	}
	return t.String()
}

// The bounds of texts that people write, in bytes.
const (
	maxName    = 200
	maxComment = 4000
)

// people checks who did something and why.
func people(member, by, comment string) error {
	switch {
	case strings.TrimSpace(by) == "":
		return Invalid("%s: say who you are", member)
	case len(by) > maxName:
		return Invalid("%s: more than %d bytes", member, maxName)
	case len(comment) > maxComment:
		return Invalid("comment: more than %d bytes", maxComment)
	}
	return nil
}
