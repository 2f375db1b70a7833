package rules

import "github.com/qmpalert/qmpalert/internal/yamldoc"

// The keys of each mapping in a rule file.
var (
	fileKeys = yamldoc.Keys{
		Where: "a rule file",
		Known: []string{"groups", "lists", "macros"},
	}
	groupKeys = yamldoc.Keys{
		Where: "a group",
		Known: []string{"name", "labels", "rules"},
	}
	ruleKeys = yamldoc.Keys{
		Where: "a rule",
		Known: []string{"alert", "record", "event", "expr", "by", "scope",
			"count", "having", "sequence", "until", "all_of", "within", "absent_for",
			"for", "resolve", "keep_firing_for", "confirm", "exceptions", "on_vm_exit", "lateness",
			"labels", "annotations", "receiver", "inhibits", "attach", "mode", "tests"},
	}
	exceptionKeys = yamldoc.Keys{
		Where: "an exception",
		Known: []string{"name", "expr", "expires"},
	}
	confirmKeys = yamldoc.Keys{
		Where: "`confirm`",
		Known: []string{"query", "expr"},
	}
)

// The words that other tools use for what is called differently here, or does
// not exist. They are hints to keys that nobody knows, so a word may be in them
// only while it is no key.
var (
	fileWords = map[string]string{
		"rules":      "rules stand in a group: `groups: [{name: …, rules: […]}]`",
		"rule":       "rules stand in a group: `groups: [{name: …, rules: […]}]`",
		"alert":      "rules stand in a group: `groups: [{name: …, rules: […]}]`",
		"tests":      "tests stand in a rule, or in a file of their own with `rule_files` and without `groups`",
		"rule_files": "that belongs into a file of tests, which has no `groups`",
		"vars":       "named values are `lists`, named expressions `macros`",
		"variables":  "named values are `lists`, named expressions `macros`",
		"anchors":    "named values are `lists`, named expressions `macros`",
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
		"timespan":       "the length of the window is `within`",
		"span":           "the length of the window is `within`",
		"timewindow":     "the length of the window is `within`",
		"maxspan":        "the length of the window is `within`",
		"timeframe":      "the length of the window is `within`",
		"window":         "the length of the window is `within`",
		"range":          "the length of the window is `within`",
		"leakspeed":      "the length of the window is `within`",
		"capacity":       "the number of matches is `count`",
		"interval":       "a rule is evaluated at every event; the length of a window is `within`",
		"threshold":      "the number of matches is `count`",
		"num_events":     "the number of matches is `count`",
		"times":          "the number of matches is `count`",
		"condition":      "the condition on the members of an event is `expr`, that on a window `having`",
		"selection":      "the condition on the members of an event is `expr`",
		"detection":      "the condition on the members of an event is `expr`",
		"aggregation":    "the condition on a whole window is `having`",
		"aggregate":      "the condition on a whole window is `having`",
		"metric":         "the condition on a whole window is `having`",
		"filter":         "the condition on the members of an event is `expr`",
		"where":          "the condition on the members of an event is `expr`",
		"when":           "the condition on the members of an event is `expr`",
		"if":             "the condition on the members of an event is `expr`",
		"query":          "the condition on the members of an event is `expr`",
		"match":          "the condition on the members of an event is `expr`",
		"group_by":       "the members that make the key are `by`",
		"groupby":        "the members that make the key are `by`",
		"group":          "the members that make the key are `by`",
		"key":            "the members that make the key are `by`",
		"query_key":      "the members that make the key are `by`",
		"name":           "the name of a rule is `alert`",
		"title":          "the name of a rule is `alert`",
		"type":           "what a rule is about is `event`; a window is `count` and `within`",
		"severity":       "write it as a label: `labels: {severity: critical}`",
		"priority":       "write it as a label: `labels: {severity: critical}`",
		"level":          "write it as a label: `labels: {severity: critical}`",
		"summary":        "write it as an annotation: `annotations: {summary: …}`",
		"description":    "write it as an annotation: `annotations: {description: …}`",
		"message":        "write it as an annotation: `annotations: {summary: …}`",
		"duration":       "how long the condition must hold is `for`",
		"delay":          "how long the condition must hold is `for`",
		"cooldown":       "how long an alert stays after its condition ended is `keep_firing_for`",
		"steps":          "steps in order are `sequence`, in any order `all_of`",
		"ordered":        "steps in order are `sequence`, in any order `all_of`",
		"temporal":       "steps in order are `sequence`, in any order `all_of`",
		"followed_by":    "steps in order are `sequence`",
		"then":           "steps in order are `sequence`",
		"any_of":         "any of several events is a list: `event: [STOP, RESET]`",
		"all":            "several events in any order are `all_of`",
		"unless":         "matches that do not count are `exceptions`; what ends a condition is `resolve`",
		"except":         "matches that do not count are `exceptions`",
		"exclude":        "matches that do not count are `exceptions`",
		"suppress":       "alerts that are silent while this one fires are `inhibits`",
		"whitelist":      "matches that do not count are `exceptions`",
		"allowlist":      "matches that do not count are `exceptions`",
		"blacklist":      "matches that do not count are `exceptions`",
		"falsepositives": "matches that do not count are `exceptions`",
		"absent":         "no match for some time is `absent_for`",
		"missing":        "no match for some time is `absent_for`",
		"heartbeat":      "no match for some time is `absent_for`",
		"dead_man":       "no match for some time is `absent_for`",
		"flatline":       "no match for some time is `absent_for`",
		"dry_run":        "to evaluate without notifying is `mode: shadow`",
		"shadow":         "to evaluate without notifying is `mode: shadow`",
		"status":         "to evaluate without notifying is `mode: shadow`",
		"test":           "the tests of a rule are `tests`",
		"unit_tests":     "the tests of a rule are `tests`",
		"inhibit":        "alerts that are silent while this one fires are `inhibits`",
		"on_exit":        "whether alerts outlive their VM is `on_vm_exit`",
		"clear":          "what ends the condition is `resolve`",
		"recovery":       "what ends the condition is `resolve`",
		"notify":         "who is told is `receiver`, or the route of the configuration",
		"channel":        "who is told is `receiver`, or the route of the configuration",
		"actions":        "who is told is `receiver`, or the route of the configuration",
		"realert":        "how often is said again is `repeat_interval` of the configuration",
		"enabled":        "there is no switch: take the rule out of the file, or make it a comment",
		"disabled":       "there is no switch: take the rule out of the file, or make it a comment",
		"query_offset":   "a rule is evaluated at every event: there is nothing to shift",
	}
	resolveWords = map[string]string{
		"condition": "the condition on the members of an event is `expr`",
		"where":     "the condition on the members of an event is `expr`",
		"within":    "a resolve pattern has no window; how long an alert stays is `keep_firing_for` of the rule",
		"for":       "a resolve pattern ends the condition at once; how long an alert stays is `keep_firing_for` of the rule",
	}
	stepWords = map[string]string{
		"condition":  "the condition on the members of an event is `expr`",
		"where":      "the condition on the members of an event is `expr`",
		"within":     "all steps have one window: `within` of the rule",
		"maxspan":    "all steps have one window: `within` of the rule",
		"count":      "a step is one event; make a record of several, and name it here",
		"having":     "a step is one event; make a record of several, and name it here",
		"exceptions": "`exceptions` of the rule hold for every step",
		"until":      "`until` belongs to the rule",
		"not":        "what must not come between is `until` of the rule",
	}
	exceptionWords = map[string]string{
		"condition":   "the condition on the members of an event is `expr`",
		"where":       "the condition on the members of an event is `expr`",
		"when":        "the condition on the members of an event is `expr`",
		"if":          "the condition on the members of an event is `expr`",
		"until":       "the last day of an exception is `expires`",
		"expiry":      "the last day of an exception is `expires`",
		"valid_until": "the last day of an exception is `expires`",
		"reason":      "why is said by `name`",
		"description": "why is said by `name`",
		"comment":     "why is said by `name`",
		"event":       "an exception is about the events of the rule: `event == \"STOP\"` is a condition in `expr`",
	}
	confirmWords = map[string]string{
		"command":   "what is asked is `query`",
		"execute":   "what is asked is `query`",
		"event":     "what is asked is `query`",
		"condition": "what the answer must be is `expr`",
		"expect":    "what the answer must be is `expr`",
		"arguments": "the queries take no arguments",
		"timeout":   "after 5s without an answer the alert fires, and says so",
	}
)

// patternWords are those of the patterns under a key.
func patternWords(key string) map[string]string {
	switch key {
	case "sequence", "all_of":
		return stepWords
	}
	return resolveWords
}
