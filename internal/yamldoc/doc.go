// Package yamldoc reads one YAML document into a tree in which every key and
// value knows where it stands. It is the one door to go.yaml.in/yaml.
//
// In go the name and the bytes of a file; out come a tree of nodes and
// findings. The tree is what both the rule loader and the configuration read;
// what a key means, which keys there are and what a value may be is theirs to
// say, with the help of the accessors here (AsString, AsInt, CheckKeys, …),
// which complain at the right place.
//
// # A strict dialect
//
// Files for people need less than YAML has, and the rest is mostly a way to be
// misunderstood. Refused, each at its place: duplicate keys, a second document,
// tags, anchors, aliases and merge keys (so nothing can be expanded into
// something huge), keys that are not plain words, bytes that are not UTF-8,
// control characters, line ends other than LF and CR LF, more than MaxBytes,
// and nesting deeper than MaxDepth.
//
// # A value cut by a comment
//
// " #" begins a comment, also in the middle of what somebody meant as one
// value. That is an error where it surely was not meant: behind a plain
// (unquoted) or missing value,
//
//   - a "#" that is directly followed by a letter, a digit, a quote, a brace or
//     a dot, as in "channel: #ops" and "summary: disk #{{ device }}", unless the
//     value is a number, a duration or true/false and so cannot go on
//     ("count: 3 #three");
//   - a "#" behind a value with an unclosed double quote, {{ or (, as in
//     `expr: name == "a # b"` and "expr: any(data.list, # > 1)".
//
// "count: 3   # three" and "expr: a == b  # why" are comments.
//
// # Positions inside a value
//
// An expression or text has its own offsets. Node.PosAt and Node.Range map a
// byte offset in the decoded value to the line and column in the file, through
// quotes, escapes, folded lines, indentation and chomping.
package yamldoc
