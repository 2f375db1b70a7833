package web_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

var update = flag.Bool("update", false, "rewrite the copies of documents")

// document loads openapi.json. With strict, objects have no members but those
// that it names, so that one that was forgotten there shows.
func document(t *testing.T, strict bool) *openapi3.T {
	t.Helper()
	data, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if strict {
		closeObjects(v)
	}
	if data, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func closeObjects(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			closeObjects(e)
		}
	case map[string]any:
		if _, ok := v["properties"].(map[string]any); ok && v["type"] == "object" {
			v["additionalProperties"] = false
		}
		for _, e := range v {
			closeObjects(e)
		}
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	doc := document(t, false)
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
	doc := document(t, false)
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
	doc := document(t, true)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
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
			check(t, router, on, r.method, r.url, r.body)
		}
	}
}

// check sends one request and holds both sides against the document.
func check(t *testing.T, router routers.Router, s served, method, path, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:9595"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		if strings.HasPrefix(path, "/metrics") {
			return
		}
		t.Errorf("%s %s: %v", method, path, err)
		return
	}
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
		t.Errorf("%s %s: the request: %v", method, path, err)
	}
	code, header, text := ask(t, method, s.url+path, body)
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: code, Header: header, Options: in.Options}
	out.SetBodyBytes([]byte(text))
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("%s %s: %d: %v\n%s", method, path, code, err, text)
	}
}

func init() {
	plain := func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		b, err := io.ReadAll(body)
		return string(b), err
	}
	openapi3filter.RegisterBodyDecoder("text/plain", plain)
}
