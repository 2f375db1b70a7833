package config

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

const manualFile = "../../docs/configuration.md"

func manual(t *testing.T) string {
	t.Helper()
	src, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

var fenced = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestManualExamples loads every example of the manual, of which none has
// anything to complain about.
func TestManualExamples(t *testing.T) {
	blocks := fenced.FindAllStringSubmatch(manual(t), -1)
	if len(blocks) < 10 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, block := range blocks {
		c, list := Load("qmpalert.yml", []byte(block[1]), env)
		if c == nil || len(list) > 0 {
			t.Errorf("%s\n%s", block[1], rendered(t, []byte(block[1]), list))
		}
	}
}

// TestExample loads the example of a whole configuration.
func TestExample(t *testing.T) {
	src, err := os.ReadFile("../../examples/qmpalert.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, list := Load("examples/qmpalert.yml", src, env)
	if c == nil || len(list) > 0 {
		t.Fatal(rendered(t, src, list))
	}
	if found := c.CheckRules(Named{}); len(found) > 0 {
		t.Error(found)
	}
}

// TestManualHasEveryKey looks for the keys that are read.
func TestManualHasEveryKey(t *testing.T) {
	text := manual(t)
	for _, keys := range []yamldoc.Keys{
		topKeys, sourceKeys, routeKeys, escalateKeys, inhibitKeys, timeIntervalKeys, intervalKeys, timesKeys, receiverKeys, slackKeys,
		emailKeys, webhookKeys, alertmanagerKeys, execKeys, httpKeys, authorizationKeys, basicAuthKeys, tlsKeys, webKeys, storageKeys,
		heartbeatKeys,
	} {
		for _, key := range keys.Known {
			if !strings.Contains(text, "`"+key+"`") && !strings.Contains(text, "`{"+key+", ") && !strings.Contains(text, ", "+key+"}`") {
				t.Errorf("docs/configuration.md lacks `%s` of %s", key, keys.Where)
			}
		}
	}
}

// TestManualHasTheDefaults looks for them in the rows of their keys.
func TestManualHasTheDefaults(t *testing.T) {
	text := manual(t)
	for key, want := range map[string]string{
		"group_wait":      duration.Format(DefaultGroupWait),
		"group_interval":  duration.Format(DefaultGroupInterval),
		"repeat_interval": duration.Format(DefaultRepeatInterval),
		"group_by":        "[" + strings.Join(defaultGroupBy, ", ") + "]",
		"listen":          DefaultListen,
		"path":            DefaultStorage,
		"retention":       duration.Format(DefaultRetention),
		"max_size":        "2GB",
		"interval":        duration.Format(DefaultHeartbeat),
	} {
		row := regexp.MustCompile("(?m)^\\| `" + key + "` \\| ([^|]*)\\|").FindStringSubmatch(text)
		if row == nil || !strings.Contains(row[1], "`"+want+"`") {
			t.Errorf("`%s`: the default `%s` is not said: %q", key, want, row)
		}
	}
	if size, _ := parseSize("2GB"); size != DefaultMaxSize {
		t.Errorf("the default of max_size is %d bytes", int64(DefaultMaxSize))
	}
	if DefaultRetention != 30*24*time.Hour {
		t.Error("the default of retention is not 30d")
	}
}
