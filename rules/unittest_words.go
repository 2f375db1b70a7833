package rules

import "github.com/qmpalert/qmpalert/internal/yamldoc"

// maxTestList bounds the tests of a rule and the lists in a test.
const maxTestList = 2000

// The keys of tests, and of a test file.
var (
	testFileKeys = yamldoc.Keys{
		Where: "a test file",
		Known: []string{"rule_files", "tests"},
	}
	testKeys = yamldoc.Keys{
		Where: "a test",
		Known: []string{"name", "input", "expect"},
	}
	inputKeys = yamldoc.Keys{
		Where: "an input",
		Known: []string{"at", "vm", "host", "event", "data", "raw"},
	}
	vmKeys = yamldoc.Keys{
		Where: "`vm`",
		Known: []string{"name", "uuid"},
	}
	expectKeys = yamldoc.Keys{
		Where: "an expectation",
		Known: []string{"at", "firing", "pending", "resolved", "notified"},
	}
	fileExpectKeys = yamldoc.Keys{
		Where: "an expectation",
		Known: []string{"at", "alertname", "firing", "pending", "resolved", "notified"},
	}
)

// The words that promtool and others use for what is called differently here.
var (
	testFileWords = map[string]string{
		"evaluation_interval": "a rule is evaluated at every event: there is no interval",
		"group_eval_order":    "the order of groups does not matter",
		"fuzzy_compare":       "values are compared exactly",
	}
	testWords = map[string]string{
		"interval":         "every input says its own time: `at`",
		"input_series":     "the events of a test are its `input`",
		"series":           "the events of a test are its `input`",
		"inputs":           "the events of a test are its `input`",
		"events":           "the events of a test are its `input`",
		"alert_rule_test":  "what must come of the events is `expect`",
		"promql_expr_test": "what must come of the events is `expect`",
		"expected":         "what must come of the events is `expect`",
		"test_group_name":  "the name of a test is `name`",
		"title":            "the name of a test is `name`",
	}
	inputWords = map[string]string{
		"time":      "when the event comes is `at`, counted from 0",
		"timestamp": "when the event comes is `at`, counted from 0",
		"values":    "the members of the event are `data`",
		"members":   "the members of the event are `data`",
		"line":      "a recorded line is `raw`",
		"type":      "the name of the event is `event`",
		"name":      "the name of the event is `event`",
	}
	expectWords = map[string]string{
		"eval_time":  "when it is looked at is `at`",
		"time":       "when it is looked at is `at`",
		"alertname":  "the tests of a rule are about its own alert: remove it",
		"exp_alerts": "what fires is `firing`",
		"alerts":     "what fires is `firing`",
		"fires":      "what fires is `firing`",
		"active":     "what fires is `firing`, what waits for `for` is `pending`",
		"receivers":  "who is told at that instant is `notified`",
		"inactive":   "`firing: []` says that nothing fires, `pending: []` that nothing waits",
	}
)
