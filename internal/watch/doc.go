// Package watch notices that files were changed.
//
// In: patterns (files, directories, globs), asked for again and again. Out:
// what these files hold now, whenever that differs from what they held before,
// within a second of the last write.
//
// It is the only package that uses fsnotify. It does not know what is in the
// files: one that cannot be read is reported with its error like any other.
package watch
