package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// alerts are how many events a round of latencies waits for, one at a time.
	alerts = 200
	// soon is how long half of the alerts may take at most, with everything on disk.
	soon = 10 * time.Millisecond
)

// latencies measures how long it takes from an event in a monitor's socket until
// the webhook has been asked, when neither the rule nor the route waits (events
// that QEMU throttles wait for their lateness): one event after the other, each a
// new alert of a group of its own.
func latencies(w workload, _ int) error {
	for _, storage := range []string{"", storageOn} {
		name := "event to POST without storage: p50, p99"
		if storage != "" {
			name = "event to POST with storage: p50, p99"
		}
		all, err := w.latency(storage)
		if err != nil {
			return err
		}
		slices.Sort(all)
		half, most := all[len(all)/2].Round(10*time.Microsecond), all[len(all)*99/100].Round(10*time.Microsecond)
		fmt.Printf("%-44s %8v %8v  %7s", name, half, most, "")
		if storage != "" {
			fmt.Printf("  ≤ %v  %s", soon, verdict(half <= soon))
		}
		fmt.Println()
	}
	return nil
}

// latencyConfig has a receiver for each alert: a receiver is told once a second at
// most, which is not what is measured.
func latencyConfig(socket net.Addr, rules string, hook net.Addr, storage string) string {
	var receivers, routes strings.Builder
	for i := range alerts {
		fmt.Fprintf(&receivers, "- {name: hook%d, webhook_configs: [{url: 'http://%s/%d'}]}\n", i, hook, i)
		fmt.Fprintf(&routes, "  - {receiver: hook%d, matchers: ['device=\"%s\"']}\n", i, job(i))
	}
	return fmt.Sprintf("host: bench\nsources: [{qmp: %s}]\nrule_files: [%s]\n%sreceivers:\n%sroute:\n"+
		"  receiver: hook0\n  group_by: [device]\n  group_wait: 0s\n  routes:\n%s", socket, rules, storage, &receivers, &routes)
}

func job(i int) string { return fmt.Sprintf("job%03d", i) }

const latencyRules = `groups:
- name: bench
  rules:
  - {alert: JobError, event: BLOCK_JOB_ERROR, by: [device], expr: 'operation == "write"'}
`

func (w workload) latency(storage string) (all []time.Duration, err error) {
	dir, remove, err := w.folder()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	m, err := listen(filepath.Join(dir, "db1.qmp"))
	if err != nil {
		return nil, err
	}
	defer m.listener.Close()
	posts := make(chan string, alerts)
	hook, address, err := serveHook(posts)
	if err != nil {
		return nil, err
	}
	defer hook.Close()
	rules := filepath.Join(dir, "rules.yml")
	if err := write(rules, func(f io.Writer) error { _, err := io.WriteString(f, latencyRules); return err }); err != nil {
		return nil, err
	}
	d, err := w.start(dir, latencyConfig(m.listener.Addr(), rules, address, storage))
	if err != nil {
		return nil, err
	}
	all, err = timed(m, posts)
	return all, errors.Join(err, d.stop())
}

// timed sends events, each when the one before has arrived.
func timed(m *monitor, posts <-chan string) (all []time.Duration, err error) {
	conn, err := m.client()
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for i := range alerts {
		began := time.Now()
		if err := send(conn, job(i)); err != nil {
			return nil, err
		}
		select {
		case body := <-posts:
			if !strings.Contains(body, job(i)) {
				return nil, fmt.Errorf("the webhook got %q instead of an alert about %s", body, job(i))
			}
			all = append(all, time.Since(began))
		case <-time.After(time.Minute):
			return nil, fmt.Errorf("nothing about %s arrived within a minute", job(i))
		}
	}
	return all, nil
}

// serveHook puts the bodies of what is posted on a channel. Close it.
func serveHook(posts chan<- string) (*http.Server, net.Addr, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); err == nil {
			posts <- string(body)
		}
	})}
	go s.Serve(l) // ends with Close
	return s, l.Addr(), nil
}
