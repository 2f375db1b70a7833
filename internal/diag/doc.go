// Package diag is the language in which qmpalert complains about files: a
// position, a code that stays the same for ever, a sentence that says what is
// wrong, and a hint that says how to mend it.
//
// In go findings (from the YAML reader, the rule loader, the configuration);
// out come a sorted list and its three renderings: text with the source line
// and a caret, JSON with one object a line, and annotations for GitHub.
//
// It does not know YAML, rules or expressions, reads no files and keeps no
// state: whoever prints hands in the sources.
//
// # Positions
//
// Lines and columns count from 1. A column counts Unicode code points, not
// bytes and not cells on a screen: every editor can jump there, and the caret
// line is laid out separately (tabs, wide and invisible characters).
package diag
