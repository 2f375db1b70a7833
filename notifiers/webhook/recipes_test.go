package webhook

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/notifiers/body"
	"github.com/qmpalert/qmpalert/notifiers/notifiertest"
)

const manual = "../../docs/receivers.md"

// recipes reads the YAML of each section of the manual that is a whole list of
// receivers, by the name of its receiver.
func recipes(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(manual)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```yaml\n(receivers:\n  - name: (\\w+)\n.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		all[m[2]] = m[1]
	}
	return all
}

// files are the secrets that the recipes read, beside the addresses.
var files = map[string]string{
	"oncall.key": oldSecret, "matrix.token": "syt_bWF0cml4_hunter2", "ntfy.token": "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2", "pagerduty.key": "e93facc04764012d7bfb002500d5d1a6",
}

// recipe makes the notifier of a recipe, whose address is that of a fake.
func recipe(t *testing.T, yaml, address string) *Notifier {
	t.Helper()
	dir := t.TempDir()
	for name, value := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, found := config.Load(filepath.Join(dir, "qmpalert.yml"), []byte(yaml), func(string) (string, bool) { return "", false })
	if cfg == nil {
		t.Fatal(found)
	}
	hook := cfg.Receivers[0].Webhook[0]
	c := Config{URL: secret(address), MaxAlerts: hook.MaxAlerts, Timeout: hook.Timeout}
	if where, err := hook.URL.Read(); err == nil { // else it is a file that the reader has
		c.URL = secret(strings.Replace(where, regexp.MustCompile(`^https://[^/]+`).FindString(where), address, 1))
	}
	if hook.HTTP.Credentials.IsSet() {
		c.Auth.Credentials = hook.HTTP.Credentials.Read
	}
	for _, s := range hook.SigningSecrets {
		c.SigningSecrets = append(c.SigningSecrets, s.Read)
	}
	for _, h := range hook.Headers {
		c.Headers = append(c.Headers, Header(h))
	}
	if hook.Body != nil {
		if c.Body = body.Compile(hook.Body, &found); c.Body == nil {
			t.Fatal(found)
		}
	}
	n, err := New(c, clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// TestRecipes sends all kinds of notifications by the recipes of the manual to
// far ends that check what each service documents.
func TestRecipes(t *testing.T) {
	all := recipes(t)
	if got, want := slices.Sorted(maps.Keys(all)), append(slices.Sorted(maps.Keys(services)), "oncall"); !slices.Equal(got, sorted(want)) {
		t.Fatalf("the manual has recipes for %v, want %v", got, want)
	}
	notes := notifications()
	for name, check := range services {
		t.Run(name, func(t *testing.T) {
			var refused []string
			far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				raw, err := io.ReadAll(r.Body)
				if err != nil {
					t.Error(err)
				}
				c := &checker{r: r, raw: raw}
				check(c)
				if refused = c.problems; len(refused) > 0 {
					w.WriteHeader(http.StatusBadRequest)
				}
			}))
			t.Cleanup(far.Close)
			n := recipe(t, all[name], far.URL)
			for what, note := range notes {
				if _, err := n.Notify(t.Context(), note, ""); err != nil || len(refused) > 0 {
					t.Errorf("%s: %v: %s", what, err, strings.Join(refused, "; "))
				}
			}
		})
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }

// TestFirstRecipe: that of Alertmanager's JSON is signed.
func TestFirstRecipe(t *testing.T) {
	f := newFar(t)
	if _, err := recipe(t, recipes(t)["oncall"], f.server.URL).Notify(t.Context(), notifiertest.Firing(), ""); err != nil {
		t.Fatal(err)
	}
	if h := f.headers[0]; !strings.HasPrefix(h.Get(headerSignature), "v1,") || h.Get("X-Team") != "storage" {
		t.Errorf("%v", h)
	}
}

// notifications are all kinds of them, and what guests could make of them.
func notifications() map[string]notifiers.Notification {
	all := map[string]notifiers.Notification{
		"firing": notifiertest.Firing(), "resolved": notifiertest.Resolved(), "attached": notifiertest.Attached(), "empty": notifiertest.Empty(),
		"one that is big": notifiertest.Big(1), "many that are big": notifiertest.Big(30),
	}
	for i, p := range notifiertest.Payloads {
		all[fmt.Sprintf("payload %d", i)] = notifiertest.Hostile(alert.Firing, p)
		all[fmt.Sprintf("many times payload %d", i)] = notifiertest.Hostile(alert.Resolved, strings.Repeat(p, 500))
	}
	for _, p := range []string{"\U0001F4A5", "```\n@everyone", "</pre><a href='https://evil.example'>x</a>", "\n", "&<>"} {
		all["many times "+p] = notifiertest.Hostile(alert.Firing, strings.Repeat(p, 5000))
	}
	test := notifiertest.Firing()
	test.Test = true
	bare := notifiertest.Firing()
	bare.ExternalURL = ""
	silence := notifiertest.Firing()
	silence.Kind = notifiers.KindSilence
	silence.Silence = &notifiers.Silence{ID: "s1", Matchers: []string{`vm="db1"`}, EndsAt: silence.At + 900_000_000, CreatedBy: "ann", Comment: "swap"}
	digest := notifiertest.Firing()
	digest.Kind, digest.Alerts, digest.CommonLabels, digest.CommonAnnotations = notifiers.KindDigest, nil, nil, nil
	for range 1000 {
		digest.Digest = append(digest.Digest, notifiers.DigestEntry{ID: "x", Kind: notifiers.KindFiring, Status: alert.Firing, At: digest.At, Summary: "db1 is paused", Alerts: 1})
	}
	all["test"], all["without external_url"], all["silence"], all["digest"] = test, bare, silence, digest
	return all
}
