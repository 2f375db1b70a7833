// Package ruletest runs the unit tests of rules.
//
// In: a rules.Suite (rules, and what was written in them) and tests. Out: for
// each test what was expected and not so, with the timeline that explains it;
// for each rule what its tests never did (coverage), and which changes of it
// they do not notice (mutants).
//
// A test runs through the engine and the dispatcher of the daemon. All of its
// events are given, then time runs on to its last expectation; what was the case
// at an instant is read off the changes up to it, which do not depend on when
// the engine was asked. Of the rule set only those rules run that can have an
// influence: the tested one, the records that it uses, and what inhibits it.
//
// It prints nothing, reads no file and knows no configuration: the receiver of
// the route goes by the name Route, and a test may call it by any one name.
package ruletest
