// Package body makes the JSON that other services want out of what the user
// wrote: a tree of YAML whose strings are texts with {{ expressions }} in the
// language of rules.
//
// In: the value of `body` in the configuration, once, and then a Notification
// each time. Out: findings with their place in the file, and then JSON that we
// encode ourselves, so that no value can break out of its string. A string that
// is one expression and nothing else keeps the type of its value: a number, a
// list, an object, null. Everything else in the tree is written as it is.
//
// The names are those of Names: they are about the group and, in `alerts`, about
// each alert. An unknown name or a bad expression is an error when the
// configuration is loaded; at run time nothing is an error: what is not there is
// null, and prints nothing inside of a longer text. What may come from guests is
// one line (annotations: several), bounded, and free of control characters,
// before an expression sees it. Markup of a service is no control character:
// who writes a body for a service with markup switches it off there.
//
// The JSON has at most MaxSize bytes: when it would have more, the lists become
// shorter, but the numbers (total, count) stay.
package body
