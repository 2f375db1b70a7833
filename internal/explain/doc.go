// Package explain says in plain English what a rule does, so that a wrong rule
// reads wrong.
//
// In: a compiled rule (not the text that somebody wrote: what was understood is
// what is said). Out: sentences. The first says when the rule fires and when
// that ends; the others say what else must be known about it: exceptions, what
// it silences, how QEMU limits its events.
//
// It does not know the configuration (who is told by the route), the alerts that
// are there, or the texts of labels and annotations.
//
// Verb phrases for events are data (phrases.go); an event that is not there is
// named as it is. Text from the rule file is escaped for terminals.
package explain
