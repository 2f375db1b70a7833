package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/internal/web/webtest"
)

// listener reads server-sent events.
type listener struct {
	t     *testing.T
	lines *bufio.Reader
	stop  context.CancelFunc
}

// sse is one event of a stream.
type sse struct{ id, event, data, comment string }

func listen(t *testing.T, address string, headers ...string) *listener {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	req, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != 200 || got != "text/event-stream" {
		t.Fatalf("%d %s", resp.StatusCode, got)
	}
	l := &listener{t, bufio.NewReader(resp.Body), stop}
	if first := l.next(); first != (sse{}) { // the time to wait before coming back
		t.Fatalf("first: %+v", first)
	}
	return l
}

// next reads up to the next blank line.
func (l *listener) next() (e sse) {
	l.t.Helper()
	for {
		line, err := l.lines.ReadString('\n')
		if err != nil {
			l.t.Fatal(err)
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		switch name {
		case "":
			if line == "\n" {
				return e
			}
			e.comment = value
		case "id":
			e.id = value
		case "event":
			e.event = value
		case "data":
			e.data += value
		case "retry":
		default:
			l.t.Fatalf("line %q", line)
		}
	}
}

// number is a firing change that can be told from others.
func number(n int) *alert.Change {
	c := webtest.Paused(alert.Firing)
	c.Count = int64(n)
	return c
}

func countOf(t *testing.T, e sse) int64 {
	t.Helper()
	var c web.Change
	if err := json.Unmarshal([]byte(e.data), &c); err != nil || e.event != "change" {
		t.Fatalf("%+v: %v", e, err)
	}
	return c.Count
}

func TestStream(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	all, some := listen(t, s.url+"/api/v1/events"), listen(t, s.url+"/api/v1/events?filter=vm%3Ddb2")
	other := webtest.Paused(alert.Resolved)
	other.Labels[len(other.Labels)-1].Value = "db2"
	for i := range 3 {
		s.Publish(number(i))
	}
	s.Publish(other)
	for i := range 3 {
		e := all.next()
		if got := countOf(t, e); got != int64(i) || e.id == "" {
			t.Errorf("change %d: %+v", i, e)
		}
	}
	for _, e := range []sse{all.next(), some.next()} {
		if d := cmp.Diff(string(other.AppendJSON(nil)), e.data); d != "" {
			t.Error(d)
		}
	}
}

// TestStreamGoesOn: a client that comes back gets what it missed, or hears that
// it missed something.
func TestStreamGoesOn(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	first := listen(t, s.url+"/api/v1/events")
	for i := range 3 {
		s.Publish(number(i))
	}
	first.next()
	seen := first.next().id
	first.stop()
	again := listen(t, s.url+"/api/v1/events", "Last-Event-ID: "+seen)
	if got := countOf(t, again.next()); got != 2 {
		t.Errorf("goes on with %d", got)
	}
	for i := range 300 {
		s.Publish(number(i))
	}
	for _, id := range []string{seen, "deadbeef-1", "nonsense", strings.Split(seen, "-")[0] + "-999999"} {
		late := listen(t, s.url+"/api/v1/events", "Last-Event-ID: "+id)
		if e := late.next(); e.event != "gap" {
			t.Errorf("%s: %+v", id, e)
		}
		late.stop()
	}
}

func TestStreamIsQuiet(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy(), Heartbeat: time.Millisecond})
	l := listen(t, s.url+"/api/v1/events")
	for range 3 {
		if e := l.next(); e.comment != "all is quiet" {
			t.Errorf("%+v", e)
		}
	}
}

func TestStreamEndsWithTheServer(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	l := listen(t, s.url+"/api/v1/events")
	s.Publish(number(1))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if got := countOf(t, l.next()); got != 1 {
		t.Errorf("what waits is sent: got %d", got)
	}
	if e := l.next(); e.event != "end" || e.data != `{"reason":"shutdown"}` {
		t.Errorf("%+v", e)
	}
}

// TestSlowClient: whoever does not read is dropped, and holds up nobody.
func TestSlowClient(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(conn)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err) // it is listened to from here on
	}
	quick := listen(t, s.url+"/api/v1/events")
	big := number(0)
	big.Annotations = alert.Labels{{Name: "summary", Value: strings.Repeat("x", 100_000)}}
	for range 500 { // 50 MB: more than any buffer on the way
		s.Publish(big)
		quick.next()
	}
	text := strings.Builder{}
	for !strings.Contains(text.String(), `{"reason":"slow"}`) {
		line, err := reader.ReadString('\n')
		if err != nil {
			t.Fatalf("no last event: %v", err)
		}
		if strings.HasPrefix(line, "event:") || strings.Contains(line, "reason") {
			text.WriteString(line)
		}
	}
	if n := strings.Count(text.String(), "event: change"); n >= 500 {
		t.Errorf("all %d changes came", n)
	}
}

func TestTooManyStreams(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	for range 32 {
		listen(t, s.url+"/api/v1/events")
	}
	code, header, text := ask(t, "GET", s.url+"/api/v1/events", "")
	if code != 503 || header.Get("Retry-After") != "5" || !strings.Contains(text, "32 streams") {
		t.Errorf("%d %s", code, text)
	}
	for _, query := range []string{"?filter=%7Bvm", "?x=1"} {
		if code, header, text := ask(t, "GET", s.url+"/api/v1/events"+query, ""); code != 400 || detail(t, header, text) == "" {
			t.Errorf("%s: %d %s", query, code, text)
		}
	}
}

// TestClientGoes: who hangs up makes room.
func TestClientGoes(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	for range 100 {
		listen(t, s.url+"/api/v1/events").stop()
		for { // the server hears of it a moment later
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/api/v1/events", nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
	}
}

// TestTooManyConnections: one more waits until another goes.
func TestTooManyConnections(t *testing.T) {
	s := serve(t, web.Options{Backend: webtest.Busy()})
	var held []net.Conn
	for range 256 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	answered := make(chan int, 1)
	go func() {
		code, _, _ := ask(t, "GET", s.url+"/-/ready", "")
		answered <- code
	}()
	select {
	case code := <-answered:
		t.Errorf("answered with %s", strconv.Itoa(code))
	case <-time.After(50 * time.Millisecond):
	}
	for _, c := range held {
		c.Close()
	}
	if code := <-answered; code != 200 {
		t.Errorf("answered with %d", code)
	}
}
