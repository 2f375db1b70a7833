// Package config reads qmpalert.yml.
//
// In go the bytes of the file and the environment; out come plain data
// (Config) and findings with positions. Load is pure; LoadFile and CheckFiles
// beside it touch the disk. Nothing here knows rules, sockets or notifiers:
// the daemon turns the data into them.
//
// The file is strict: a key that nobody knows is an error with a suggestion,
// and a key that means something but not to this version is refused by name
// (Q110), never ignored.
//
// # ${VAR}
//
// ${NAME} in a value stands for an environment variable, here and nowhere
// else; one that is not set is an error, and $${ is a literal ${. Expansion
// happens in values that were parsed already: whatever a variable holds, it
// cannot add keys.
//
// # Secrets
//
// Every secret has a twin with the ending _file, which is read at each use, so
// that a rotated token needs no reload. Type Secret prints as <secret> however
// it is printed; ask Read for the value.
package config
