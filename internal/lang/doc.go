// Package lang is the expression language of rules, and the texts that have
// expressions in them.
//
// In: the source of an expression or text, and an Env that says what its names
// mean (the event it is about, further variables, the lists and macros of the
// file). Out: a Program that answers for one Frame (an event and a few numbers),
// or every Problem that was found, with offsets into the source, codes and hints.
// Of a program there are also its Coverage, its Mutants and what it says in
// English (Describe).
//
// It does not know YAML, files, rules, windows or what time it is.
//
// # Language
//
// The syntax and the static types are those of github.com/expr-lang/expr, and
// this package is the only door to that module. expr parses and type-checks;
// the evaluation is ours, because a member that QEMU did not send has to mean
// the same in every operator:
//
//   - It is nil, and so is every member of it.
//   - == and != compare it: node_name != "a" is true without node-name.
//   - Orderings, in, contains, startsWith, endsWith and matches on it are
//     false; so not in is true.
//   - Arithmetic and functions of it are nil. Exceptions are what is about nil:
//     ??, ?., conditionals, and type(x), which is "nil".
//   - Where a condition is wanted, nil is false, and so is anything else that
//     is not true: not nospace is true when nospace was not sent.
//
// Nothing is an error at run time. A value of the wrong type (possible only
// where the type is not known, as in data["x"]), an index out of range, a
// division by zero and a number that is not finite are nil.
//
// # Names
//
// These names are the same in every expression: event (the name), host, time,
// vm.name, vm.uuid and data, the members as they were received, by the names
// of QMP: data["node-name"]. After them come the variables of the Env, after
// these the members of the event, hyphens written as underscores (node_name),
// nested ones with a dot (client.host). So a member called event, as
// QMPALERT_RESYNC has one, is data["event"]: the meaning of a fixed name does
// not depend on the event. What an event does not have (no VM, no host) is nil.
// A name before "(" is always a function. The members of an event that the table
// does not have (a vendor's, or a newer QEMU's) are not known: there every other
// name is a member of that name, and its type is that of the value.
//
// An event of a rule's own making has a definition and no decoded members: its
// Kind is qmp.Unknown. It is typed like any other, and its members are read from
// Raw by their names; one that has another type there is nil.
//
// # Aggregates
//
// A having is about all matches of a window, by aggregates: count and rate, which
// are names, and those of AggFunc that look like functions. An aggregate is cut
// out of the expression: its argument is compiled for each kind of event, its
// value comes from outside (package internal/aggregate has the accumulators), by
// its index in the table of the rule. Two that mean the same are one. Outside of
// an argument a having knows no names but those of lists, macros and let; inside
// of it there are no aggregates and no names of let. Names win over members: in a
// having and the texts beside it rate is the aggregate, while count in a text is
// that of the change. sum, min, max, first and last with one argument are
// aggregates wherever there is a window, also if that argument is a list, and
// functions with more; count(…) of one argument is refused there.
//
// The types: count, countif, distinct and changes are int; rate, avg, stddev and
// percentile float; first_seen bool; sum, min, max, first and last have that of
// their argument, so that a literal beside last(action) is checked against the
// enum. sum, avg, stddev and percentile take numbers, min and max numbers,
// strings, times and spans, countif a condition, the others anything. An argument
// of unknown type is taken, and what does not fit at run time is skipped.
//
// # Lists and macros
//
// A list is a constant with a name: as fast as one that is written out, and as
// good for an index. A macro is put in the place of its name in the syntax tree,
// as if in brackets, and checked there for the event at hand; a problem in it has
// both places. It does not see the names that let makes around it. All macros of
// an expression together, expanded, are bounded by MaxNodes.
//
// # Numbers
//
// Whole numbers are exact from -2^63 to 2^64-1 and compare exactly with each
// other and with floats. +, - and * of whole numbers that leave this range go
// over to floats; / and ** always give floats; % is for whole numbers.
//
// # Where this differs from expr
//
// Lengths, slices and indexOf count code points throughout. toJSON writes one
// line. mean and median of an empty list are nil. Methods exist on times and
// durations only, and times are UTC. What is refused, and why, is in refuse.go;
// the functions are in Functions.
package lang
