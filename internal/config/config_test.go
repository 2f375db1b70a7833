package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/internal/diag"
)

var update = flag.Bool("update", false, "rewrite the expected output in testdata")

var environment = map[string]string{"TOKEN": "xoxb-hunter2", "HOOK": "T0/B0/hunter2", "EMPTY": ""}

func env(name string) (string, bool) {
	v, ok := environment[name]
	return v, ok
}

// golden compares with a file of testdata, or rewrites it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// files lists the examples of a directory; none would make a test that cannot fail.
func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob("testdata/" + dir + "/*.yml")
	if err != nil || len(found) == 0 {
		t.Fatalf("no examples in %s: %v", dir, err)
	}
	return found
}

// rendered shows findings as `qmpalert check` does.
func rendered(t *testing.T, src []byte, list diag.List) string {
	t.Helper()
	var b bytes.Buffer
	err := diag.Text(&b, list, diag.TextOptions{Sources: func(string) ([]byte, bool) { return Mask(src), true }})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBadFiles(t *testing.T) {
	for _, file := range files(t, "bad") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, list := Load(filepath.Base(file), src, env)
			if c != nil || !list.HasErrors() {
				t.Fatal("taken as good")
			}
			out := rendered(t, src, list)
			golden(t, strings.TrimSuffix(file, ".yml")+".txt", out)
			if strings.Contains(out, "hunter2") {
				t.Errorf("a secret is shown:\n%s", out)
			}
		})
	}
}

func TestGoodFiles(t *testing.T) {
	for _, file := range files(t, "good") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, list := Load("conf/"+filepath.Base(file), src, env)
			if c == nil {
				t.Fatalf("refused:\n%s", rendered(t, src, list))
			}
			out, err := json.MarshalIndent(c, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			text := string(out) + "\n" + rendered(t, src, list)
			golden(t, strings.TrimSuffix(file, ".yml")+".txt", text)
			if strings.Contains(text, "hunter2") {
				t.Errorf("a secret is shown:\n%s", text)
			}
		})
	}
}

// TestValues reads what the golden files do not show.
func TestValues(t *testing.T) {
	src, err := os.ReadFile("testdata/good/full.yml")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load("full.yml", src, env)
	for _, tt := range []struct {
		secret Secret
		want   string
	}{
		{c.Receiver("oncall").Slack[1].WebhookURL, "https://hooks.slack.com/services/T0/B0/hunter2"},
		{c.Receiver("oncall").Slack[2].Token, "xoxb-hunter2"},
		{c.Receiver("ops").Webhook[0].URL, "http://127.0.0.1:8080/hook"},
		{c.Receiver("ops").Webhook[0].HTTP.BasicAuth.Password, "xoxb-hunter2"},
	} {
		if got, err := tt.secret.Read(); err != nil || got != tt.want {
			t.Errorf("secret %q, %v; want %q", got, err, tt.want)
		}
	}
	if got := c.Receiver("oncall").Slack[0].Token.file; got != "secrets/slack" {
		t.Errorf("token_file is %q", got)
	}
	if c.Receiver("missing") != nil {
		t.Error("a receiver that is not there")
	}
	if diff := cmp.Diff([]string{"oncall", "ops", "nobody"}, c.ReceiverNames()); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsAreNotPrinted(t *testing.T) {
	type holder struct {
		Exported Secret
		inner    Secret // fmt cannot call its methods
	}
	h := holder{NewSecret("hunter2"), NewSecret("hunter2")}
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
		fmt.Fprintf(&b, verb+verb+verb+"\n", h, &h, h.Exported)
	}
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "secret", h.Exported, "holder", h)
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "secret", h.Exported, "holder", h)
	if err := json.NewEncoder(&b).Encode(h); err != nil {
		t.Fatal(err)
	}
	if out := b.String(); strings.Contains(out, "hunter2") || strings.Contains(strings.ToLower(out), "68756e74657232") {
		t.Error(out)
	}
	if h.Exported.String() != "<secret>" || (Secret{}).String() != "" {
		t.Error("one cannot see whether a secret is set")
	}
}

func TestSecretFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	s := Secret{file: path}
	write := func(content string) {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a missing file: %v", err)
	}
	for _, content := range []string{"one\n", "two\r\n\n"} {
		write(content)
		if got, err := s.Read(); err != nil || got != strings.TrimSpace(content) {
			t.Errorf("%q was read as %q, %v", content, got, err)
		}
	}
	for _, content := range []string{"\n", strings.Repeat("x", maxSecret+1)} {
		write(content)
		if _, err := s.Read(); err == nil {
			t.Errorf("%d bytes were taken", len(content))
		}
	}
	pipe := filepath.Join(t.TempDir(), "pipe") // nobody will ever write to it
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (Secret{file: pipe}).Read(); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("a pipe: %v", err)
	}
	if _, err := (Secret{}).Read(); err == nil {
		t.Error("no secret was read")
	}
}

func TestLoadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "qmpalert.yml")
	if _, _, list := LoadFile(path); len(list) != 1 || list[0].Code != diag.Unreadable {
		t.Errorf("a missing file: %v", list)
	}
	src := "rule_files: rules\nreceivers:\n- name: ops\n  slack_configs: [{channel: C1, token_file: t}]\n"
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	c, shown, list := LoadFile(path)
	if c == nil || string(shown) != src || len(list) > 0 {
		t.Fatalf("%v, %q, %v", c, shown, list)
	}
	if c.RuleFiles[0] != filepath.Join(dir, "rules") || c.Route.Receiver != "ops" {
		t.Errorf("%+v", c)
	}
	findings := c.CheckFiles()
	if len(findings) != 1 || findings[0].Code != diag.UnreadableSecret || findings[0].Pos.Line != 4 {
		t.Errorf("the missing secret: %v", findings)
	}
	if err := os.WriteFile(filepath.Join(dir, "t"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if findings := c.CheckFiles(); len(findings) > 0 {
		t.Errorf("the secret that is there: %v", findings)
	}
}

func TestFind(t *testing.T) {
	t.Chdir(t.TempDir())
	if got := Find(); got == "qmpalert.yml" {
		t.Error("found where nothing is")
	}
	if err := os.WriteFile("qmpalert.yml", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := Find(); got != "qmpalert.yml" {
		t.Errorf("found %q", got)
	}
}

func TestMaskKeepsColumns(t *testing.T) {
	for in, want := range map[string]string{
		"token: xoxb-1-ä漢":                       "token: *********",
		"tokn: hunter2":                          "tokn: *******",
		"- {url: 'http://x/y', a: b}":            "- {url: ************, a: b}",
		"webhook_url: \"https://x/y\"":           "webhook_url: *************",
		"token_file: secrets/slack":              "token_file: secrets/slack",
		"auth_username: me":                      "auth_username: me",
		"auth_password: ${PASS}":                 "auth_password: ${PASS}",
		"tokn: 'a, b'  # c":                      "tokn: *** **  # c",
		"x: '${TOKEN:-x}'":                       "x: '${TOKEN:-x}'",
		"x: xoxb-abc # c":                        "x: ******** # c",
		"x: https://hooks.slack.com/services/T0": "x: https://hooks.slack.com/***********",
		"x: https://me:hunter2@example.org/":     "x: https://me:*******@example.org/",
		"external_url: https://example.org":      "external_url: https://example.org",
		"authorization: {credentials: abc}":      "authorization: {credentials: ***}",
		"headers: {Cookie: a=b, X-Api-Key: abc}": "headers: {Cookie: ***, X-Api-Key: ***}",
		"X-Gitlab-Event: abc":                    "X-Gitlab-Event: ***",
		"key_file: tls/key.pem":                  "key_file: tls/key.pem",
		"token: [abc, d]":                        "token: [***, d]",
		"signing_secret: [abc, d]":               "signing_secret: [**** *]",
		"signing_secret:\n- abc\n- d\nx: y":      "signing_secret:\n* ***\n* *\nx: y",
		"signing_secret_file: [abc, d]":          "signing_secret_file: [abc, d]",
		"x: whsec_abc":                           "x: whsec_***",
		"auth_password: |-\n    abc\n  to: x":    "auth_password: |-\n    ***\n  to: x",
	} {
		if got := string(Mask([]byte(in))); got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

// FuzzLoad takes anything: no panic, and nil exactly for what has an error.
func FuzzLoad(f *testing.F) {
	for _, dir := range []string{"good", "bad"} {
		for _, file := range files(&testing.T{}, dir) {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		c, list := Load("c.yml", src, env)
		if (c == nil) != list.HasErrors() {
			t.Fatalf("config %v with findings %v", c, list)
		}
		if a, b := len([]rune(string(src))), len([]rune(string(Mask(src)))); a != b {
			t.Fatalf("masking made %d characters of %d", b, a)
		}
	})
}
