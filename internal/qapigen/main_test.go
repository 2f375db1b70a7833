package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const qmpDir = "../../qmp"

// TestGeneratedCodeIsCurrent fails when events.json or the generator changed and
// nobody ran go generate, or somebody edited what it wrote.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	if err := run(qmpDir, true); err != nil {
		t.Error(err)
	}
}

func TestStaleCodeIsFound(t *testing.T) {
	dir := t.TempDir()
	facts, err := os.ReadFile(filepath.Join(qmpDir, "events.json"))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("events.json", facts)
	if err := run(dir, true); err == nil || !strings.Contains(err.Error(), "go generate") {
		t.Errorf("missing files: %v", err)
	}
	if err := run(dir, false); err != nil {
		t.Fatal(err)
	}
	if err := run(dir, true); err != nil {
		t.Errorf("just written: %v", err)
	}
	write("table_gen.go", []byte(header))
	if err := run(dir, true); err == nil || !strings.Contains(err.Error(), "table_gen.go is stale") {
		t.Errorf("edited file: %v", err)
	}
}

func TestBadFacts(t *testing.T) {
	for want, facts := range map[string]string{
		"unexpected end":        `{`,
		`unknown type "x"`:      `{"events": [{"name": "A", "fields": [{"name": "m", "type": "x"}]}]}`,
		`unknown branch type`:   `{"types": {"U": {"branches": [{"value": "a", "type": "B"}]}}}`,
		`member "m" has two ty`: `{"types": {"U": {"branches": [{"type": "B"}, {"type": "C"}]}, "B": {"fields": [{"name": "m", "type": "str"}]}, "C": {"fields": [{"name": "m", "type": "int"}]}}}`,
	} {
		if _, err := generate([]byte(facts)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", facts, err, want)
		}
	}
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"node-name": "NodeName", "qom-path": "QOMPath", "sasl_username": "SASLUsername", "x509_dname": "X509Dname",
		"block_io_error": "BlockIOError", "qmpalert_gap": "QMPAlertGap", "ipv4": "IPv4",
	} {
		if got := goName(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
