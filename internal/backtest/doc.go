// Package backtest tells what rules would have alerted, and what two sets of
// rules would have alerted differently.
//
// In: one or two sets of rules and recordings, read once. Out: the alerts of
// each set as spans of time, the differences between the spans of two sets, a
// summary for each rule, and both as pictures: bars on a terminal, or SVG. It
// also reads the rule files of a git revision, which is what a set of rules is
// mostly compared with.
//
// Memory is bounded by the number of alerts (MaxAlerts), not by the number of
// events: the evidence of an alert is not kept. Texts from guests are escaped
// in the pictures; everything else is plain values, which each output escapes.
//
// It does not know command lines, colours of terminals, receivers or the
// daemon.
package backtest
