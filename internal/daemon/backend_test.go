package daemon

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"testing"
)

// TestAckByAnyID: the ID of an alert that was seen pending names it when it
// fires, too; one that nobody ever gave names nothing.
func TestAckByAnyID(t *testing.T) {
	s := newSite(t, "groups: [{name: g, rules: [{alert: Paused, event: STOP, resolve: RESUME, for: 2s}]}]\n",
		away(t)+"web: {listen: '127.0.0.1:0'}\n")
	defer s.run()()
	s.log.wait(t, "msg=listening address=", 1)
	api := "http://" + regexp.MustCompile(`address=(\S+)`).FindStringSubmatch(s.log.String())[1] + "/api/v1/alerts"
	ask := func(r *http.Response, err error) (int, []byte) {
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
	ack := func(id string) int {
		code, _ := ask(http.Post(api+"/"+id+"/ack", "application/json", bytes.NewReader([]byte(`{"by": "ann"}`))))
		return code
	}
	s.event("STOP", "db1")
	s.log.wait(t, `msg="alert pending"`, 1)
	var list struct{ Items []struct{ ID string } }
	if _, body := ask(http.Get(api)); json.Unmarshal(body, &list) != nil || len(list.Items) != 1 {
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
