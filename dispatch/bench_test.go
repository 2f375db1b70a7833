package dispatch

import (
	"fmt"
	"testing"
	"time"

	"github.com/qmpalert/qmpalert/alert"
)

// storms are many alerts that fire and end, each as an input of its own, which
// is the worst: nanoseconds an alert must not grow with their number.
var storms = []struct {
	name string
	cfg  func() Config
	make func(i int, status alert.Status, at int64) alert.Change
}{
	{"one group", grouped("host", "alertname"), guest},
	{"each its own group", grouped("vm"), guest},
	{"inhibit a twin by rule", func() Config {
		c := grouped("vm")()
		c.InhibitRules = []InhibitRule{{SourceMatchers: []string{`alertname="Down"`}, TargetMatchers: []string{`alertname="Paused"`}, Equal: []string{"host"}}}
		return c
	}, func(i int, status alert.Status, at int64) alert.Change {
		c := guest(i, status, at)
		if i%2 == 0 {
			return about(status, at, "Down", "kvm07", fmt.Sprintf("vm%05d", i))
		}
		return c
	}},
	{"all inhibit the next", grouped("vm"), func(i int, status alert.Status, at int64) alert.Change {
		c := guest(i, status, at)
		c.Inhibits = []string{"Paused"}
		return c
	}},
}

func grouped(by ...string) func() Config {
	return func() Config {
		return Config{
			Route:     Route{Receiver: "ops", GroupBy: by, GroupWait: time.Second, GroupInterval: time.Minute, RepeatInterval: 4 * time.Hour},
			Receivers: []Receiver{{Name: "ops", SendResolved: true}},
		}
	}
}

func BenchmarkStorm(b *testing.B) {
	for _, storm := range storms {
		for _, n := range []int{1000, 10_000} {
			b.Run(fmt.Sprintf("%s/%d", storm.name, n), func(b *testing.B) {
				firing, ends := make([]alert.Change, n), make([]alert.Change, n)
				for i := range n {
					firing[i], ends[i] = storm.make(i, alert.Firing, 1), storm.make(i, alert.Resolved, 2)
				}
				b.ReportAllocs()
				for b.Loop() {
					p := plan(b, storm.cfg())
					at := int64(0)
					for _, list := range [][]alert.Change{firing, ends} {
						for i := range list {
							at += 1000
							p.Step(list[i], at)
							p.Stale(at)
							p.Advance(at)
						}
						at += 10_000_000
						p.Advance(at)
					}
					if len(p.lives)+len(p.agenda) > 0 {
						b.Fatal("something is left")
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/alert")
			})
		}
	}
}

// BenchmarkShort is alerts that are all over before their group is told.
func BenchmarkShort(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			cfg := grouped("host")()
			cfg.Route.GroupWait = time.Hour
			b.ReportAllocs()
			for b.Loop() {
				p := plan(b, cfg)
				at := int64(0)
				for i := range n {
					for _, status := range []alert.Status{alert.Firing, alert.Resolved} {
						at += 1000
						p.Step(guest(i, status, at), at)
						p.Stale(at)
						p.Advance(at)
					}
				}
				told := 0
				for at += micros(time.Hour); len(p.past) > 0; at += micros(time.Hour) {
					for _, message := range p.Advance(at).Notifications {
						told += len(message.Alerts)
					}
				}
				if told != n {
					b.Fatalf("%d of %d are told", told, n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/alert")
		})
	}
}

// BenchmarkIdle is what an event costs that decides nothing while alerts fire.
func BenchmarkIdle(b *testing.B) {
	p := plan(b, grouped("vm")())
	for i := range 10_000 {
		p.Step(guest(i, alert.Firing, 1), 1)
	}
	p.Advance(2_000_000)
	p.Advance(9_000_000)
	b.ReportAllocs()
	for b.Loop() {
		p.Stale(9_000_001)
		p.Advance(9_000_001)
	}
}
