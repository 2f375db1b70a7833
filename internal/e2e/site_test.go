package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/web"
)

// site is a host whose daemon keeps its state, answers on an address, and follows
// a recording that the test writes.
type site struct {
	*host
	api    *web.Client
	url    string
	starts int
}

// newSite makes a host with these rules; config is the configuration without
// what all sites have.
func newSite(t *testing.T, rules, config string) *site {
	t.Helper()
	s := &site{host: newHost(t)}
	s.write("events.ndjson", "")
	s.write("rules/rules.yml", rules)
	s.configure(config)
	return s
}

// configure writes the configuration: config, and what all sites have.
func (s *site) configure(config string) {
	s.t.Helper()
	s.write("qmpalert.yml", `host: kvm07
sources: [{file: events.ndjson}, {qmp: run/*.qmp}]
rule_files: [rules/*.yml]
storage: {path: state, sync: false}
web: {listen: '127.0.0.1:0'}
`+config)
}

// run starts the daemon, for the first time or again.
func (s *site) run(change ...func(*daemon.Options)) (stop func()) {
	s.t.Helper()
	stop = s.watch(change...)
	s.starts++
	s.log.said(s.t, s.starts, "msg=running")
	s.log.said(s.t, s.starts, "msg=listening")
	found := listening.FindAllStringSubmatch(s.log.String(), -1)
	s.url = "http://" + found[s.starts-1][1]
	var err error
	s.api, err = web.NewClient(s.url, nil)
	s.must(err)
	return stop
}

var listening = regexp.MustCompile(`msg=listening address=(\S+)`)

// process runs the daemon as a process of its own.
func (s *site) process() *process {
	s.t.Helper()
	p := s.launch("run", "--config", "qmpalert.yml", "--log-format", "json")
	s.starts++
	s.log.said(s.t, s.starts, `"msg":"listening"`)
	s.url = "http://" + listeningJSON.FindAllStringSubmatch(s.log.String(), -1)[s.starts-1][1]
	var err error
	s.api, err = web.NewClient(s.url, nil)
	s.must(err)
	return p
}

var listeningJSON = regexp.MustCompile(`"msg":"listening","address":"([^"]+)"`)

// occurs is a line of the recording: something happens to a VM now.
func occurs(name, vm, data string) string {
	if data != "" {
		data = `,"data":` + data
	}
	now := time.Now().UnixMicro()
	return fmt.Sprintf(`{"timestamp":{"seconds":%d,"microseconds":%d},"event":%q,"vm":%q%s}`+"\n", now/1e6, now%1e6, name, vm, data)
}

// happens appends events to the recording.
func (s *site) happens(events ...string) {
	s.t.Helper()
	f, err := os.OpenFile(s.path("events.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
	s.must(err)
	_, err = f.WriteString(strings.Join(events, ""))
	s.must(err)
	s.must(f.Close())
}

// verb runs the program as people do, against the daemon; it must succeed.
func (s *site) verb(args ...string) string {
	s.t.Helper()
	path, err := program()
	s.must(err)
	cmd := exec.Command(path, args...)
	var said bytes.Buffer
	cmd.Dir, cmd.Stderr = s.dir, &said
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("qmpalert %s: %v\n%s%s", strings.Join(args, " "), err, out, said.String())
	}
	return string(out)
}

// ask is a verb that asks the daemon.
func (s *site) ask(args ...string) string {
	s.t.Helper()
	return s.verb(append(args, "--api", s.url)...)
}

// alert waits for the alert of a name and a VM that satisfies the test.
func (s *site) alert(name, vm, what string, is func(*web.Alert) bool) web.Alert {
	s.t.Helper()
	var found web.Alert
	s.until(name+" of "+vm+" "+what, func() bool {
		all, _, err := s.api.Alerts(s.t.Context(), web.ListQuery{
			Filters: []string{fmt.Sprintf("alertname=%q", name), fmt.Sprintf("vm=%q", vm)}, States: []string{"all"}, Evidence: true})
		s.must(err)
		for i := range all {
			if is(&all[i]) {
				found = all[i]
				return true
			}
		}
		return false
	})
	return found
}

// until asks again and again until it holds.
func (s *site) until(what string, holds func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(patience); !holds(); {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("waited in vain until %s", what)
		}
	}
}
