package daemon

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"testing"
)

// alerts is the address of alerts in the API of the running daemon.
func (s *site) alerts() string {
	s.t.Helper()
	s.log.wait(s.t, "msg=listening address=", 1)
	return "http://" + regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(s.log.String())[1] + "/api/v1/alerts"
}

// heard reads an answer.
func heard(t *testing.T) func(*http.Response, error) (int, []byte) {
	return func(r *http.Response, err error) (int, []byte) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, body
	}
}

// TestAckByAnyID: the ID of an alert that was seen pending names it when it
// fires, too; one that nobody ever gave names nothing.
func TestAckByAnyID(t *testing.T) {
	s := newSite(t, "groups: [{name: g, rules: [{alert: Paused, event: STOP, resolve: RESUME, for: 2s}]}]\n",
		away(t)+"web: {listen: '127.0.0.1:0'}\n")
	defer s.run()()
	api := s.alerts()
	ack := func(id string) int {
		code, _ := heard(t)(http.Post(api+"/"+id+"/ack", "application/json", bytes.NewReader([]byte(`{"by": "ann"}`))))
		return code
	}
	s.event("STOP", "db1")
	s.log.wait(t, `msg="alert pending"`, 1)
	var list struct{ Items []struct{ ID string } }
	if _, body := heard(t)(http.Get(api)); json.Unmarshal(body, &list) != nil || len(list.Items) != 1 {
		t.Fatalf("%s", body)
	}
	id := list.Items[0].ID
	if code := ack(id); code != http.StatusConflict {
		t.Errorf("pending: %d", code)
	}
	s.log.wait(t, `msg="alert firing"`, 1)
	if code := ack(id); code != http.StatusOK {
		t.Errorf("firing: %d", code)
	}
	if code := ack("ffffffffffffffff"); code != http.StatusNotFound {
		t.Errorf("unknown: %d", code)
	}
	s.event("RESUME", "db1")
	s.log.wait(t, `msg="alert resolved"`, 1)
	if code := ack(id[:16]); code != http.StatusConflict {
		t.Errorf("resolved: %d", code)
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestExplainedWithoutRoutes: the routes are left out of the story of an alert
// that does not ask them.
func TestExplainedWithoutRoutes(t *testing.T) {
	s := newSite(t, `groups: [{name: g, rules: [
  {alert: Routed, event: STOP, resolve: RESUME},
  {alert: Named, event: STOP, resolve: RESUME, receiver: ops},
  {alert: Shadow, event: STOP, resolve: RESUME, mode: shadow}]}]
`, away(t)+"web: {listen: '127.0.0.1:0'}\n")
	defer s.run()()
	api := s.alerts()
	s.event("STOP", "db1")
	s.log.wait(t, `msg="alert firing"`, 3)
	for name, want := range map[string]bool{"Routed": true, "Named": false, "Shadow": false} {
		var list struct{ Items []struct{ ID string } }
		if _, body := heard(t)(http.Get(api + "?filter=alertname%3D" + name)); json.Unmarshal(body, &list) != nil || len(list.Items) != 1 {
			t.Fatalf("%s: %s", name, body)
		}
		var story map[string]json.RawMessage
		_, body := heard(t)(http.Get(api + "/" + list.Items[0].ID))
		if err := json.Unmarshal(body, &story); err != nil {
			t.Fatal(err)
		}
		if _, ok := story["route"]; ok != want || story["alert"] == nil {
			t.Errorf("%s: routes %v: %s", name, ok, body)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// TestExplainedWithoutStorage: where nothing is kept the story of an alert is how
// it is now.
func TestExplainedWithoutStorage(t *testing.T) {
	s := newSite(t, pausedRule, "")
	s.write("qmpalert.yml", "sources: [{file: "+s.path("in.ndjson")+"}]\nrule_files: [rules.yml]\nweb: {listen: '127.0.0.1:0'}\n"+away(t))
	defer s.run()()
	api := s.alerts()
	s.event("STOP", "db1")
	s.log.wait(t, `msg="alert firing"`, 1)
	var list struct{ Items []struct{ ID string } }
	if _, body := heard(t)(http.Get(api)); json.Unmarshal(body, &list) != nil || len(list.Items) != 1 {
		t.Fatalf("%s", body)
	}
	var story struct{ Changes []struct{ Status string } }
	_, body := heard(t)(http.Get(api + "/" + list.Items[0].ID))
	if json.Unmarshal(body, &story) != nil || len(story.Changes) != 1 || story.Changes[0].Status != "firing" {
		t.Errorf("%s", body)
	}
	http.DefaultClient.CloseIdleConnections()
}
