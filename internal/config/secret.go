package config

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"syscall"

	"github.com/qmpalert/qmpalert/internal/diag"
)

// hidden is what a Secret prints as.
const hidden = "<secret>"

// maxSecret bounds a secret file, in bytes.
const maxSecret = 64 << 10

// Secret is a value that must not be printed, or the file that holds it. It
// prints as <secret> with every verb of fmt, in JSON and in logs; as a field
// that fmt cannot reach through its methods, it prints as an address.
type Secret struct {
	value *string // a pointer, so that reflection-happy printers stop at it
	file  string
	pos   diag.Pos
}

// NewSecret makes a secret from a value, for configurations built in code.
func NewSecret(value string) Secret { return Secret{value: &value} }

// IsSet reports whether there is a value or a file.
func (s Secret) IsSet() bool { return s.value != nil || s.file != "" }

// Read returns the value. One in a file is read now, without the white space
// around it. Errors name the file, never its content.
func (s Secret) Read() (string, error) {
	if s.value != nil {
		return *s.value, nil
	}
	if s.file == "" {
		return "", errors.New("no secret was given")
	}
	// Not to wait for the writer of a pipe: who reads a secret holds up a reload
	// or a delivery.
	f, err := os.OpenFile(s.file, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return "", fmt.Errorf("secret: %s is not a regular file", s.file)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxSecret+1))
	if err != nil {
		return "", fmt.Errorf("secret: %w", err)
	}
	if len(b) > maxSecret {
		return "", fmt.Errorf("secret: %s is larger than %d bytes", s.file, maxSecret)
	}
	value := strings.TrimSpace(string(b))
	if value == "" {
		return "", fmt.Errorf("secret: %s is empty", s.file)
	}
	return value, nil
}

// String hides the secret from fmt and everything else that wants a text.
func (s Secret) String() string {
	if !s.IsSet() {
		return ""
	}
	return hidden
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// Format hides the secret from every verb, %x included.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// MarshalText hides the secret from encoders of text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON hides the secret from encoding/json.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + s.String() + `"`), nil }

// LogValue hides the secret from log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Same reports whether both are the same value, or the same file.
func (s Secret) Same(o Secret) bool {
	if s.value != nil && o.value != nil {
		return *s.value == *o.value
	}
	return s.value == nil && o.value == nil && s.file == o.file
}

// Key names the secret for what is shared by those that are the Same: a hash, in
// which the value is not.
func (s Secret) Key() string {
	text := "file " + s.file
	if s.value != nil {
		text = "value " + *s.value
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
