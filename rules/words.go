package rules

import "github.com/qmpalert/qmpalert/internal/yamldoc"

// The keys of each mapping in a rule file.
var (
	fileKeys = yamldoc.Keys{
		Where:       "a rule file",
		Known:       []string{"groups"},
		Unsupported: []string{"lists", "macros"},
	}
	groupKeys = yamldoc.Keys{
		Where: "a group",
		Known: []string{"name", "labels", "rules"},
	}
	ruleKeys = yamldoc.Keys{
		Where: "a rule",
		Known: []string{"alert", "event", "expr", "by", "scope", "count", "within", "for",
			"resolve", "keep_firing_for", "labels", "annotations", "receiver"},
		Unsupported: []string{"record", "having", "sequence", "until", "all_of", "absent_for",
			"confirm", "inhibits", "exceptions", "attach", "on_vm_exit", "lateness", "mode", "tests"},
	}
	resolveKeys = yamldoc.Keys{
		Where: "a resolve pattern",
		Known: []string{"event", "expr", "by"},
	}
)

// The words that other tools use for what is called differently here, or does
// not exist. They are hints to keys that nobody knows, so a word may be in them
// only while it is no key.
var (
	fileWords = map[string]string{
		"rules": "rules stand in a group: `groups: [{name: …, rules: […]}]`",
		"rule":  "rules stand in a group: `groups: [{name: …, rules: […]}]`",
		"alert": "rules stand in a group: `groups: [{name: …, rules: […]}]`",
	}
	groupWords = map[string]string{
		"interval":     "a rule is evaluated at every event: there is no interval",
		"query_offset": "a rule is evaluated at every event: there is nothing to shift",
		"limit":        "the number of alerts is bounded per rule and VM",
		"expr":         "`expr` belongs to a rule of the group",
		"event":        "`event` belongs to a rule of the group",
		"alert":        "put the rule into the list `rules` of the group",
		"receiver":     "`receiver` belongs to a rule, or to the route of the configuration",
		"annotations":  "`annotations` belong to a rule; a group has `labels`",
	}
	ruleWords = map[string]string{
		"timespan":     "the length of the window is `within`",
		"timewindow":   "the length of the window is `within`",
		"maxspan":      "the length of the window is `within`",
		"timeframe":    "the length of the window is `within`",
		"window":       "the length of the window is `within`",
		"range":        "the length of the window is `within`",
		"leakspeed":    "the length of the window is `within`",
		"capacity":     "the number of matches is `count`",
		"interval":     "a rule is evaluated at every event; the length of a window is `within`",
		"threshold":    "the number of matches is `count`",
		"num_events":   "the number of matches is `count`",
		"times":        "the number of matches is `count`",
		"condition":    "the condition on the members of an event is `expr`",
		"filter":       "the condition on the members of an event is `expr`",
		"where":        "the condition on the members of an event is `expr`",
		"when":         "the condition on the members of an event is `expr`",
		"if":           "the condition on the members of an event is `expr`",
		"query":        "the condition on the members of an event is `expr`",
		"match":        "the condition on the members of an event is `expr`",
		"group_by":     "the members that make the key are `by`",
		"groupby":      "the members that make the key are `by`",
		"key":          "the members that make the key are `by`",
		"query_key":    "the members that make the key are `by`",
		"name":         "the name of a rule is `alert`",
		"title":        "the name of a rule is `alert`",
		"type":         "what a rule is about is `event`; a window is `count` and `within`",
		"severity":     "write it as a label: `labels: {severity: critical}`",
		"priority":     "write it as a label: `labels: {severity: critical}`",
		"level":        "write it as a label: `labels: {severity: critical}`",
		"summary":      "write it as an annotation: `annotations: {summary: …}`",
		"description":  "write it as an annotation: `annotations: {description: …}`",
		"message":      "write it as an annotation: `annotations: {summary: …}`",
		"duration":     "how long the condition must hold is `for`",
		"delay":        "how long the condition must hold is `for`",
		"cooldown":     "how long an alert stays after its condition ended is `keep_firing_for`",
		"clear":        "what ends the condition is `resolve`",
		"recovery":     "what ends the condition is `resolve`",
		"notify":       "who is told is `receiver`, or the route of the configuration",
		"channel":      "who is told is `receiver`, or the route of the configuration",
		"actions":      "who is told is `receiver`, or the route of the configuration",
		"realert":      "how often is said again is `repeat_interval` of the configuration",
		"enabled":      "there is no switch: take the rule out of the file, or make it a comment",
		"disabled":     "there is no switch: take the rule out of the file, or make it a comment",
		"query_offset": "a rule is evaluated at every event: there is nothing to shift",
	}
	resolveWords = map[string]string{
		"condition": "the condition on the members of an event is `expr`",
		"where":     "the condition on the members of an event is `expr`",
		"within":    "a resolve pattern has no window; how long an alert stays is `keep_firing_for` of the rule",
		"for":       "a resolve pattern ends the condition at once; how long an alert stays is `keep_firing_for` of the rule",
	}
)
