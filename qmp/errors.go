package qmp

import "fmt"

// SyntaxError is text that is not JSON. The decoder that returned it goes on
// with the next value.
type SyntaxError struct {
	Offset int64 // of the byte that cannot be, from the start of the stream
	Line   int   // from 1
	Column int   // in bytes, from 1
	Msg    string
}

// Error says where the text is bad and why.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// TooLargeError is a value longer than Options allow. It is skipped without
// being kept in memory, and the decoder goes on behind it.
type TooLargeError struct {
	Offset int64 // of the value's first byte
	Line   int   // where the value begins, from 1
	Limit  int   // in bytes
}

// Error says which limit the value broke.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("line %d: value is larger than %d bytes", e.Line, e.Limit)
}
