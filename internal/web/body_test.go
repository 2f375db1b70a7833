package web_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

func serverOptions() web.Options {
	return web.Options{
		Backend: webtest.Busy(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() int64 { return webtest.Begin },
	}
}

func TestSilenceBodies(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	const good = `{"matchers":["vm=a"],"duration":"1h","createdBy":"eve"}`
	tests := []struct {
		name, body string
		code       int
		want       string
	}{
		{"good", good, 201, ""},
		{"white space", " \n" + good + "\t", 201, ""},
		{"empty", " ", 400, "not a JSON object"},
		{"a list", `[]`, 400, "not a JSON object"},
		{"null", `null`, 400, "not a JSON object"},
		{"cut", good[:20], 400, "the body: "},
		{"two values", good + good, 400, "something behind"},
		{"unknown member", `{"matcher":["vm=a"]}`, 400, `unknown member \"matcher\": did you mean`},
		{"another case", `{"Matchers":["vm=a"]}`, 400, `unknown member \"Matchers\"`},
		{"twice", `{"comment":"a","comment":"b"}`, 400, `\"comment\" is there twice`},
		{"wrong type", `{"matchers":"vm=a"}`, 400, "matchers: want a list, not string"},
		{"wrong type of a time", `{"endsAt":5}`, 400, "endsAt"},
		{"no time", `{"endsAt":"soon"}`, 400, "soon"},
		{"not UTF-8", "{\"comment\":\"\xff\"}", 400, "not UTF-8"},
		{"large", `{"comment":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "more than 1048576 bytes"},
		{"deep", `{"comment":` + strings.Repeat("[", 100_000), 400, "the body: "},
		{"no author", `{"matchers":["vm=a"],"duration":"1h"}`, 400, "createdBy: say who you are"},
		{"no matcher", `{"matchers":[],"duration":"1h","createdBy":"e"}`, 400, "these hide everything"},
		{"matches all", `{"matchers":["vm=~\".*\""],"duration":"1h","createdBy":"e"}`, 400, "these hide everything"},
		{"bad matcher", `{"matchers":["vm"],"duration":"1h","createdBy":"e"}`, 400, "matchers: "},
		{"many matchers", `{"matchers":[` + strings.Repeat(`"a=b",`, 50) + `"a=b"],"duration":"1h","createdBy":"e"}`, 400, "matchers: more than 50"},
		{"no end", `{"matchers":["vm=a"],"createdBy":"e"}`, 400, "either endsAt or duration"},
		{"two ends", `{"matchers":["vm=a"],"duration":"1h","endsAt":"2027-01-01T00:00:00Z","createdBy":"e"}`, 400, "either endsAt or duration"},
		{"bad duration", `{"matchers":["vm=a"],"duration":"soon","createdBy":"e"}`, 400, "duration: "},
		{"backwards", `{"matchers":["vm=a"],"startsAt":"2027-01-02T00:00:00Z","endsAt":"2027-01-01T00:00:00Z","createdBy":"e"}`, 400, "ends before it begins"},
		{"over", `{"matchers":["vm=a"],"startsAt":"2026-01-02T00:00:00Z","duration":"1h","createdBy":"e"}`, 400, "over already"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, header, text := ask(t, "POST", s.url+"/api/v1/silences", tt.body)
			if code != tt.code || !strings.Contains(text, tt.want) {
				t.Errorf("%d %.300s\nwant %d and %s", code, text, tt.code, tt.want)
			}
			if code >= 400 {
				detail(t, header, text)
			}
		})
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "application/json/x", ""} {
		if code, _, _ := ask(t, "POST", s.url+"/api/v1/silences", good, "Content-Type: "+kind); code != 415 {
			t.Errorf("%q: %d", kind, code)
		}
	}
	if code, _, text := ask(t, "POST", s.url+"/api/v1/silences", good, "Content-Type: application/json; charset=utf-8"); code != 201 {
		t.Errorf("with a charset: %d %s", code, text)
	}
}

// FuzzSilence: any body is answered with a silence or a problem, never with a
// fault of ours.
func FuzzSilence(f *testing.F) {
	for _, seed := range []string{
		`{"matchers":["vm=a"],"duration":"1h","createdBy":"eve"}`, `{"endsAt":"2027-01-01T00:00:00Z"}`, `{"a":1,"a":2}`, `[`, `{}x`,
		`{"matchers":["a=b","c!~\"x|y\""],"startsAt":"","duration":"1d","createdBy":"e","comment":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	h := web.New(serverOptions()).Handler()
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/api/v1/silences", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}

// FuzzPaths: any path and query is answered, in JSON or plain text.
func FuzzPaths(f *testing.F) {
	for _, seed := range []string{
		"/api/v1/alerts?filter=vm%3Da&state=all", "/api/v1/alerts/0000000000000001-5", "/api/v1/explain/route?label=a%3Db&at=2027-01-01T00:00:00Z",
		"/api/v1/dead-letters?limit=5", "//api/../x", "/api/v1/silences/%2e%2e%2f",
	} {
		f.Add(seed)
	}
	h := web.New(serverOptions()).Handler()
	f.Fuzz(func(t *testing.T, target string) {
		r := httptest.NewRequest("GET", "/", nil)
		u, err := r.URL.Parse(target)
		if err != nil || strings.HasPrefix(u.Path, "/api/v1/events") {
			return // a stream does not end
		}
		r.URL, r.RequestURI = u, u.RequestURI()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
