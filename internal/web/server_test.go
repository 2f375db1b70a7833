package web_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served is a server on a real port.
type served struct {
	*web.Server
	url string
	log *logged
}

// logged is a log that is written while a test reads it.
type logged struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts a server that ends with the test; what is wrong with o is filled
// in.
func serve(t *testing.T, o web.Options) served {
	t.Helper()
	log := &logged{}
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	if o.Now == nil {
		o.Now = func() int64 { return webtest.Begin }
	}
	s := web.New(o)
	l, err := web.Listen(t.Context(), "127.0.0.1:0", o.Token != nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return served{s, "http://" + l.Addr().String(), log}
}

// ask sends a request; headers are "Name: value", Host is one of them.
func ask(t *testing.T, method, address, body string, headers ...string) (code int, header http.Header, text string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			req.Host = value
		}
		req.Header.Set(name, value)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

// detail is that of a problem.
func detail(t *testing.T, header http.Header, text string) string {
	t.Helper()
	var p web.Problem
	if err := json.Unmarshal([]byte(text), &p); err != nil || header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("no problem+json, but %s: %s", header.Get("Content-Type"), text)
	}
	return p.Detail
}

const firingID = "/api/v1/alerts/"

func idOf(f *webtest.Fake, i int) string { return f.Stories[i].Alert.ID.String() }

func TestRequests(t *testing.T) {
	fake := webtest.Busy()
	id := idOf(fake, 0)
	s := serve(t, web.Options{Backend: fake})
	const silence = `{"matchers":["vm=db9"],"duration":"2h","createdBy":"eve"}`
	tests := []struct {
		method, path, body string
		code               int
		want               string // in the answer
	}{
		{"GET", "/api/v1/status", "", 200, `"version":"1.2.3"`},
		{"GET", "/api/v1/status?x=1", "", 400, `unknown parameter \"x\": there is none`},
		{"GET", "/api/v1/status?%zz", "", 400, "the query of the URL"},
		{"GET", "/api/v1/sources", "", 200, `"state":"waiting"`},
		{"GET", "/api/v1/rules", "", 200, `"evaluations":7`},

		{"GET", "/api/v1/alerts", "", 200, `"status":"firing"`},
		{"GET", "/api/v1/alerts?state=resolved", "", 200, `"status":"resolved"`},
		{"GET", "/api/v1/alerts?state=gone", "", 400, "want active, pending, firing, resolved, inactive or all"},
		{"GET", "/api/v1/alerts?filter=vm%3D%22nobody%22", "", 200, `{"items":[],"more":false}`},
		{"GET", "/api/v1/alerts?filter=vm%3D%22db2%22&filter=host%3Dkvm07&evidence=false", "", 200, `"vm":"db2"`},
		{"GET", "/api/v1/alerts?filter=%7Bvm", "", 400, "filter: "},
		{"GET", "/api/v1/alerts?limit=1&state=all", "", 200, `"more":true`},
		{"GET", "/api/v1/alerts?limit=0", "", 400, "limit: want a number from 1 to 1000"},
		{"GET", "/api/v1/alerts?limit=1001", "", 400, "limit: want a number from 1 to 1000"},
		{"GET", "/api/v1/alerts?before=2026-11-21T14:00:00Z&state=all", "", 200, `{"items":[],"more":false}`},
		{"GET", "/api/v1/alerts?before=yesterday", "", 400, "before: want a time"},
		{"GET", "/api/v1/alerts?evidence=maybe", "", 400, "evidence: want true or false"},
		{"GET", "/api/v1/alerts?sate=firing", "", 400, `did you mean`},
		{"GET", "/api/v1/alerts?" + strings.Repeat("filter=&", 101), "", 400, "more than 100"},
		{"GET", firingID + id, "", 200, `"threshold":"3 matches"`},
		{"GET", firingID + id[:16], "", 200, `"id":"` + id},
		{"GET", firingID + id[:16] + "-1", "", 404, "there is no alert"},
		{"GET", firingID + "xyz", "", 400, "want the 16 hex digits"},
		{"GET", firingID + id[:16] + "-", "", 400, "want hex digits behind the hyphen"},
		{"POST", firingID + id + "/ack", `{"by":"eve","comment":"mine"}`, 200, `"by":"eve"`},
		{"POST", firingID + idOf(fake, 1) + "/ack", `{"by":"eve"}`, 409, "nothing to acknowledge"},
		{"POST", firingID + id + "/ack", `{"by":" "}`, 400, "by: say who you are"},
		{"POST", firingID + id + "/ack", `{"by":"` + strings.Repeat("x", 201) + `"}`, 400, "by: more than 200 bytes"},
		{"POST", firingID + id + "/ack", `{"by":"x","comment":"` + strings.Repeat("x", 4001) + `"}`, 400, "comment: more than 4000 bytes"},

		{"GET", "/api/v1/silences", "", 200, `"id":"b3f1"`},
		{"POST", "/api/v1/silences", silence, 201, `"matchers":["vm=\"db9\""],"startsAt":"2026-11-21T14:00:00.000000Z","endsAt":"2026-11-21T16:00:00.000000Z"`},
		{"POST", "/api/v1/silences", `{"id":"b3f1","matchers":["vm=db9"],"endsAt":"2026-11-21T17:00:00+01:00","createdBy":"eve"}`, 200, `"id":"b3f1"`},
		{"POST", "/api/v1/silences", `{"id":"none","matchers":["vm=db9"],"duration":"1h","createdBy":"eve"}`, 404, "there is no silence"},
		{"DELETE", "/api/v1/silences/b3f1?by=eve", "", 204, ""},
		{"DELETE", "/api/v1/silences/b3f1?by=" + strings.Repeat("x", 201), "", 400, "by: more than 200 bytes"},
		{"DELETE", "/api/v1/silences/none", "", 404, "there is no silence"},

		{"GET", "/api/v1/dead-letters?limit=5", "", 200, `"reason":"rejected"`},
		{"GET", "/api/v1/dead-letters?limit=many", "", 400, "limit: want a number"},
		{"POST", "/api/v1/dead-letters/" + fake.Dead[0].ID + "/resend", "", 204, ""},
		{"POST", "/api/v1/dead-letters/none/resend", "", 404, "there is no dead letter"},

		{"GET", "/api/v1/explain/route?label=severity%3Dcritical&label=host%3Dkvm07", "", 200, `"escalate":"managers after 15m"`},
		{"GET", "/api/v1/explain/route?label=vm%3D", "", 200, `"labels":{}`},
		{"GET", "/api/v1/explain/route?label=vm", "", 400, "label: want name=value"},
		{"GET", "/api/v1/explain/route?label=a%3D1&label=a%3D2", "", 400, "is there twice"},
		{"GET", "/api/v1/explain/route?at=2026-11-21T02:00:00Z", "", 200, `"at":"2026-11-21T02:00:00.000000Z"`},

		{"POST", "/-/reload", "", 200, `"action":"kept"`},
		{"GET", "/-/reload", "", 405, "POST"},
		{"GET", "/-/healthy", "", 200, "qmpalert is healthy"},
		{"GET", "/-/ready", "", 200, "qmpalert is ready"},
		{"HEAD", "/-/ready", "", 200, ""},
		{"GET", "/api/v1/openapi.json", "", 200, `"openapi": "3.1.0"`},
		{"GET", "/api/v1/nothing", "", 404, "/api/v1/openapi.json lists what there is"},
		{"GET", "/nothing", "", 404, "there is nothing here"},
		{"GET", "/metrics", "", 404, "there is nothing here"},
		{"GET", "/" + strings.Repeat("x", 17<<10), "", 414, "the URL has more than"},
	}
	for _, tt := range tests {
		name := tt.path
		if len(name) > 60 {
			name = name[:60]
		}
		t.Run(tt.method+" "+name, func(t *testing.T) {
			code, header, text := ask(t, tt.method, s.url+tt.path, tt.body)
			if code != tt.code || !strings.Contains(text, tt.want) {
				t.Errorf("%d %s\nwant %d and %s", code, text, tt.code, tt.want)
			}
			if code >= 400 {
				detail(t, header, text)
			}
		})
	}
}

func TestCreatedSilenceSaysWhere(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	_, header, _ := ask(t, "POST", s.url+"/api/v1/silences", `{"matchers":["vm=a"],"duration":"2h","createdBy":"eve"}`)
	if got := header.Get("Location"); got != "/api/v1/silences/silence-2" {
		t.Errorf("Location %q", got)
	}
}

// TestReloadRefused: what is wrong in the files comes back.
func TestReloadRefused(t *testing.T) {
	fake := webtest.Busy()
	fake.Reloads = func() (web.Reloaded, error) {
		p := web.NewProblem(http.StatusUnprocessableEntity, "the files cannot be used; nothing changed")
		p.Findings = []string{"rules/a.yml:3:5: error: unknown event"}
		return web.Reloaded{}, p
	}
	s := serve(t, web.Options{Backend: fake})
	code, header, text := ask(t, "POST", s.url+"/-/reload", "")
	if code != 422 || !strings.Contains(text, `"findings":["rules/a.yml:3:5`) {
		t.Errorf("%d %s", code, text)
	}
	detail(t, header, text)
}

// TestFaultsStayInside: the text of an error that is not meant for clients is
// in the log only, and a panic costs one answer.
func TestFaultsStayInside(t *testing.T) {
	fake := &webtest.Fake{Failing: &url.Error{Op: "open", URL: "/var/lib/secret", Err: io.ErrUnexpectedEOF}}
	s := serve(t, web.Options{Backend: fake})
	code, header, text := ask(t, "GET", s.url+"/api/v1/status", "")
	if code != 500 || strings.Contains(text, "secret") || detail(t, header, text) == "" {
		t.Errorf("%d %s", code, text)
	}
	fake.Failing = context.DeadlineExceeded
	if code, _, text := ask(t, "GET", s.url+"/api/v1/status", ""); code != 503 {
		t.Errorf("%d %s", code, text)
	}
	fake.Panics = true
	if code, _, text := ask(t, "GET", s.url+"/api/v1/status", ""); code != 500 || strings.Contains(text, "no good") {
		t.Errorf("%d %s", code, text)
	}
	fake.Unwell = io.ErrNoProgress
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		if code, _, text := ask(t, "GET", s.url+path, ""); code != 503 || text != io.ErrNoProgress.Error()+"\n" {
			t.Errorf("%s: %d %s", path, code, text)
		}
	}
	for _, want := range []string{"/var/lib/secret", "no good"} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log has no %q: %s", want, s.log)
		}
	}
}
