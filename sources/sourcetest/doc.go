// Package sourcetest is the contract of sources as a test: what sources.Source
// promises, each source has to show here on its real input.
//
// In: a Rig, which is a source and the means to feed it. It knows no source.
package sourcetest
