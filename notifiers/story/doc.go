// Package story turns an alert into what people are told about it: a heading,
// where and since when, the facts, the evidence, and how it ended.
//
// In: an alert.Change, or a whole Notification. Out: a Story, the steps of its
// timeline, who acknowledged, who is concerned. Their strings are bounded,
// valid UTF-8 and free of control, bidirectional and invisible characters,
// whatever a guest put in. They are text, not markup: each notifier still
// escapes for its own output.
//
// It does not know chat services, mail or terminals.
package story
