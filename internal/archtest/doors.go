package archtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// doors has the one package that may import a third-party module, so that
// replacing the module, or hearing that it is broken, concerns one folder.
var doors = map[string]string{
	"github.com/expr-lang/expr":    "internal/lang",
	"go.yaml.in/yaml/v4":           "internal/yamldoc",
	"github.com/slack-go/slack":    "notifiers/slack",
	"github.com/wneessen/go-mail":  "notifiers/email",
	"github.com/fsnotify/fsnotify": "internal/watch",
	"github.com/spf13/cobra":       "cmd/qmpalert",
	"github.com/spf13/pflag":       "cmd/qmpalert",
	"go.etcd.io/bbolt":             "internal/store",

	"github.com/prometheus/alertmanager":  "internal/alertmanager",
	"github.com/prometheus/client_golang": "internal/telemetry",
	"golang.org/x/time":                   "internal/deliver",
}

// sideDoors are packages beside the door of a module.
var sideDoors = map[string]string{
	// What qmpalert's speed is compared with is made of expr as it comes; through
	// internal/lang it would be our evaluation again.
	"github.com/expr-lang/expr": "bench/naive",
}

// testModules may be imported by any test and by nothing else.
var testModules = []string{
	"github.com/getkin/kin-openapi",
	"github.com/google/go-cmp",
	"github.com/gorilla/websocket", // the far end of Slack's Socket Mode
	"github.com/rogpeppe/go-internal",
	"github.com/santhosh-tekuri/jsonschema/v6",
	"github.com/slack-go/slack/slacktest", // a far end: whoever tests the whole needs one
	"github.com/standard-webhooks/standard-webhooks",
	"go.uber.org/goleak",
	"golang.org/x/sys", // limits of a child process
	"pgregory.net/rapid",
}

// checkDoors looks at imports of third-party modules.
func checkDoors(h *house) []Finding {
	var out []Finding
	for _, p := range h.packages {
		for _, f := range p.files {
			for _, in := range h.imports(f) {
				if in.own != "" || !thirdParty(in.path) {
					continue
				}
				if what, why := badDoor(p.dir, in.path, f.test); what != "" {
					out = append(out, Finding{in.line, what, why})
				}
			}
		}
	}
	return out
}

// thirdParty reports whether an import path is outside the standard library:
// its first element has a dot.
func thirdParty(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(first, ".")
}

func badDoor(dir, importPath string, test bool) (what, why string) {
	of := func(module string) bool { return importPath == module || strings.HasPrefix(importPath, module+"/") }
	if slices.ContainsFunc(testModules, of) {
		if test {
			return "", ""
		}
		return fmt.Sprintf("%s imports %s, which is for tests", dir, importPath),
			"the binary must not carry test libraries"
	}
	for _, module := range slices.Sorted(maps.Keys(doors)) {
		if !of(module) {
			continue
		}
		if doors[module] == dir || sideDoors[module] == dir {
			return "", ""
		}
		return fmt.Sprintf("%s imports %s, whose door is %s", dir, importPath, doors[module]),
			"each third-party module comes in through one package, which speaks the project's own types to all others"
	}
	return fmt.Sprintf("%s imports %s, which has no door", dir, importPath),
		"a new dependency is a decision: name its one door in internal/archtest/doors.go, or do without it"
}
