// Command qmpalert watches the events of QEMU virtual machines and tells people
// what is wrong, by rules that they write in YAML.
//
// main is tiny; every verb is a file of that name. A verb parses flags, calls
// the package that does the work, and prints what comes back; nothing is
// decided here. The exit codes are in exit.go, what goes to the terminal and
// how is in output.go.
package main
