package web_test

import (
	"bytes"
	"flag"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

var update = flag.Bool("update", false, "rewrite the copies of documents")

func document(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(web.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestOpenAPIIsValid(t *testing.T) {
	doc := document(t)
	if !doc.IsOpenAPI31OrLater() {
		t.Errorf("version %s", doc.OpenAPI)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
}

// TestOpenAPIInDocs: docs/openapi.json is what the daemon serves.
func TestOpenAPIInDocs(t *testing.T) {
	const name = "../../docs/openapi.json"
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not openapi.json: %v; go test ./internal/web -update", name, err)
	}
}

// TestOpenAPIHasEveryRoute: what the server answers is in the document, and the
// other way round.
func TestOpenAPIHasEveryRoute(t *testing.T) {
	source, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	var served []string
	for _, m := range regexp.MustCompile(`"(GET|POST|DELETE|PUT) (/[^"]*)"`).FindAllStringSubmatch(string(source), -1) {
		served = append(served, m[1]+" "+m[2])
	}
	served = append(served, "GET /-/healthy", "GET /-/ready")
	var described []string
	doc := document(t)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if !slices.Equal(served, described) {
		t.Errorf("served    %q\ndescribed %q", served, described)
	}
}

// TestAnswersAreAsDescribed holds real requests and answers against the
// document: every operation, in its good and its bad ways.
func TestAnswersAreAsDescribed(t *testing.T) {
	doc := webtest.Describe(t)
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "up 1\n")
	})
	fake := webtest.Busy()
	id := idOf(fake, 0)
	s := serve(t, web.Options{Backend: fake, Metrics: metrics})
	empty := serve(t, web.Options{Backend: &webtest.Fake{
		State:   web.Status{Outbox: []web.Outbox{}, StartedAt: 1, Now: 1, Reload: web.Reload{At: 1, OK: true}},
		Stories: []web.Explanation{fake.Stories[2]},
	}})
	unwell := serve(t, web.Options{Backend: &webtest.Fake{Unwell: io.EOF, Failing: web.Unavailable("starting")}})
	const silence = `{"matchers":["vm=db9"],"duration":"2h","createdBy":"eve","comment":"c"}`
	type request struct{ url, method, body string }
	requests := []request{
		{"/api/v1/alerts/" + id, "GET", ""}, {"/api/v1/alerts/" + id + "/ack", "POST", `{"by":"e"}`}, {"/api/v1/alerts/" + id[:16] + "-1", "GET", ""},
		{"/api/v1/alerts/" + idOf(fake, 1) + "/ack", "POST", `{"by":"e"}`},
		{"/api/v1/alerts?state=all&state=firing&filter=vm%3Ddb1&limit=5&evidence=true&before=2027-01-01T00:00:00Z", "GET", ""},
		{"/api/v1/alerts?state=all&evidence=false", "GET", ""},
		{"/api/v1/silences", "POST", silence}, {"/api/v1/silences", "POST", strings.Replace(silence, "{", `{"id":"b3f1",`, 1)},
		{"/api/v1/silences/b3f1", "DELETE", ""}, {"/api/v1/silences/none", "DELETE", ""},
		{"/api/v1/dead-letters?limit=3", "GET", ""}, {"/api/v1/dead-letters/" + fake.Dead[0].ID + "/resend", "POST", ""},
		{"/api/v1/explain/route?label=severity%3Dcritical", "GET", ""}, {"/-/reload", "POST", ""},
	}
	for _, path := range []string{"status", "sources", "rules", "alerts", "silences", "dead-letters", "explain/route", "openapi.json"} {
		requests = append(requests, request{"/api/v1/" + path, "GET", ""})
	}
	for _, path := range []string{"/metrics", "/-/healthy", "/-/ready"} {
		requests = append(requests, request{path, "GET", ""})
	}
	for _, on := range []served{s, empty, unwell} {
		for _, r := range requests {
			if on.url != s.url && r.url == "/metrics" {
				continue // these have none
			}
			doc.Check(t, on.url, "", r.method, r.url, r.body)
		}
	}
}
