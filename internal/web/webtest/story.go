package webtest

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/web"
	"github.com/qmpalert/qmpalert/qmp"
)

// Evil is text as a guest may choose it: it clears a terminal, turns the
// direction of writing, ends lines and tags.
const Evil = "\x1b[2J\u202edb1\u2066<script>\r\n\u0085"

// Busy returns a daemon with one or more of everything.
func Busy() *Fake {
	firing := Paused(alert.Firing)
	return &Fake{
		State: web.Status{
			Version: "1.2.3", Host: "kvm07", StartedAt: Begin, Now: Begin + 600_000_000, Config: "/etc/qmpalert/qmpalert.yml",
			Storage: web.Storage{Path: "/var/lib/qmpalert", Degraded: "no space left on device", JournalBytes: 1 << 20, Damaged: 1, Position: 42},
			Reload:  web.Reload{At: Begin, Error: "rules/a.yml:3:5: unknown event"},
			Events:  web.Events{Received: 10, Evaluated: 7, Dropped: 1, Pending: 2, Late: 1},
			Counts:  web.Counts{Rules: 1, Sources: 2, Connected: 1, Pending: 1, Firing: 1, Muted: 1, Silences: 1, DeadLetter: 1},
			Outbox: []web.Outbox{
				{Receiver: "oncall", Endpoint: "slack #vm-oncall", Queued: 2, OldestAt: Begin, Delivered: 5, Dead: 1, Paused: "5 failures in a row"},
				{Receiver: "ops", Endpoint: "email ops@example.org"},
			},
			Buttons: &web.Buttons{Apps: 1},
		},
		Conns: []web.Source{
			{Source: "qmp:/run/qemu/*.qmp", Host: "kvm07", State: "waiting", Since: Begin, Reason: "nothing matches"},
			{Source: "qmp:/run/qemu/db1.qmp", Host: "kvm07", VM: &web.VM{Name: Evil, UUID: "5d6f"}, State: "connected", Since: Begin, Version: "7.2.22", Counts: web.SourceCounts{Received: 3, Emitted: 3}},
		},
		Loaded: []web.Rule{{
			Group: "storage", Name: "PausedOnIOError", Kind: "alert", File: "rules/storage.yml", Line: 4, Form: "match",
			Fires: "Fires when a VM is stopped by a failed write.", Notes: []string{"QEMU does not limit these events."},
			Evaluations: 7, Seconds: 0.002, Keys: 1, Firing: 1,
		}},
		Stories: []web.Explanation{Story(firing), Story(Paused(alert.Resolved)), pendingStory()},
		Muting: []web.Silence{{
			ID: "b3f1", Matchers: []string{`vm="db2"`}, StartsAt: Begin, EndsAt: Begin + 3_600_000_000,
			CreatedBy: "eve", Comment: "maintenance " + Evil, UpdatedAt: Begin, State: "active",
		}},
		Dead: []web.DeadLetter{{
			ID: "0123456789abcdef0123456789abcdef", Receiver: "ops", Endpoint: "email ops@example.org", Group: "{}:{alertname=\"PausedOnIOError\"}",
			Kind: "firing", Status: "firing", At: Begin, DiedAt: Begin + 5_000_000, Reason: "rejected", Error: "550 no such user " + Evil, Tries: 1, Alerts: 1,
			Summary: "db1 is paused " + Evil,
		}},
		Routes: routes,
		Reloads: func() (web.Reloaded, error) {
			return web.Reloaded{
				Rules:    1,
				Verdicts: []web.Verdict{{Group: "storage", Rule: "PausedOnIOError", Action: "kept"}},
				Warnings: []string{"rules/storage.yml:4:5: warning: no test"},
			}, nil
		},
	}
}

// Paused is a change of an alert with everything that one can have.
func Paused(status alert.Status) *alert.Change {
	ev := func(at int64, data qmp.Data) *event.Event {
		return &event.Event{
			Event: qmp.MakeEvent(data, at), Host: "kvm07", VM: event.VM{Name: "db1", UUID: "5d6f"},
			Source: "qmp:/run/qemu/db1.qmp", Received: at + 40, Seq: 41,
		}
	}
	ls := alert.Labels{{Name: "alertname", Value: "PausedOnIOError"}, {Name: "host", Value: "kvm07"},
		{Name: "node_name", Value: Evil}, {Name: "severity", Value: "critical"}, {Name: "vm", Value: "db1"}}
	c := &alert.Change{
		At: Begin + 120_000_000, Status: status, Name: "PausedOnIOError", Labels: ls, Fingerprint: ls.Fingerprint(),
		Annotations: alert.Labels{{Name: "summary", Value: "db1 on kvm07 is paused: write on " + Evil + " failed"}},
		ActiveAt:    Begin + 119_000_000, StartsAt: Begin + 120_000_000, EndsAt: qmp.NoTime, Count: 3, Reason: alert.ReasonCount,
		Evidence: alert.Evidence{
			Events: []*event.Event{
				ev(Begin+119_000_000, &qmp.BlockIOError{Device: qmp.Some("vda"), Reason: qmp.Some(Evil)}),
				ev(Begin+120_000_000, &qmp.Stop{}),
			},
			Omitted: 4, Bounded: 1, Note: "not confirmed: " + Evil,
		},
	}
	switch status {
	case alert.Resolved: // an older life
		c.At, c.ActiveAt, c.StartsAt, c.EndsAt = Begin+60_000_000, Begin+30_000_000, Begin+31_000_000, Begin+60_000_000
		c.Reason = alert.ReasonResolve
	case alert.Pending:
		c.StartsAt, c.Reason = qmp.NoTime, alert.ReasonMatch
	}
	return c
}

func pendingStory() web.Explanation {
	c := Paused(alert.Pending)
	c.Labels[len(c.Labels)-1].Value = "db2"
	c.Fingerprint = c.Labels.Fingerprint()
	c.Shadow = true
	return web.Explanation{
		Alert:   web.Alert{ID: web.IDOf(c), Change: web.ChangeOf(c, true), Muted: []web.Mute{}, Told: []string{}},
		Changes: []web.Change{web.ChangeOf(c, true)}, Decisions: []web.Decision{}, Messages: []web.Message{},
	}
}

// Story is the explanation of a change.
func Story(c *alert.Change) web.Explanation {
	pending := *c
	pending.Status, pending.Reason, pending.At, pending.Count = alert.Pending, alert.ReasonMatch, c.ActiveAt, 1
	pending.StartsAt, pending.EndsAt = qmp.NoTime, qmp.NoTime
	pending.Evidence.Events = c.Evidence.Events[:1]
	pending.Evidence.Omitted = 0
	route := routes(c.Labels, c.At)
	out := web.Explanation{
		Alert: web.Alert{
			ID: web.IDOf(c), Change: web.ChangeOf(c, true), Told: []string{"oncall"},
			Muted: []web.Mute{{By: "silence", Name: "b3f1", Text: "eve: maintenance " + Evil}},
		},
		Rule: &web.RuleWords{
			Group: "storage", Name: "PausedOnIOError", File: "rules/storage.yml", Line: 4,
			Fires: "Fires when one VM has 3 failed writes within 5m.", Notes: []string{"It asks the VM first."},
			Form: "count", Key: []string{"host", "vm", "node-name"}, Threshold: "3 matches", Within: "5m", For: "1s", KeepFor: "5m",
			Confirm: "query-status", Inhibits: []string{"Slow"},
		},
		Changes: []web.Change{web.ChangeOf(&pending, true), web.ChangeOf(c, true)},
		Decisions: []web.Decision{
			{At: web.Time(c.At), What: "told", Receiver: "oncall", Group: "oncall/x", Message: "m1", Text: "first of its group"},
			{At: web.Time(c.At), What: "muted", Receiver: "ops", Group: "ops/x", Message: "m2", By: "silence b3f1", Text: "maintenance " + Evil},
		},
		Messages: []web.Message{
			{
				ID: "m1", Receiver: "oncall", Endpoint: "slack #vm-oncall", Route: `{severity="critical"}`, Kind: "firing", Status: "firing",
				At: web.Time(c.At), State: "delivered", CarriedBy: "d1",
				Tries: []web.Try{
					{At: web.Time(c.At), Outcome: "wait", Error: "429 " + Evil, Milliseconds: 80, NextAt: web.Time(c.At + 3_000_000)},
					{At: web.Time(c.At + 3_000_000), Outcome: "accepted", Milliseconds: 95},
				},
			},
			{ID: "m2", Receiver: "ops", Endpoint: "email ops@example.org", Kind: "firing", Status: "firing", At: web.Time(c.At), State: "queued", Tries: []web.Try{}},
		},
		Route: &route,
	}
	if c.Status == alert.Firing {
		out.Alert.Ack = &web.Ack{By: "eve", Comment: "on it " + Evil, At: web.Time(c.At + 60_000_000)}
	}
	return out
}

// routes tells oncall of what is critical, and ops of everything.
func routes(ls alert.Labels, at int64) web.RouteExplanation {
	critical := ls.Get("severity") == "critical"
	out := web.RouteExplanation{
		Labels: web.LabelMap(ls), At: web.Time(at),
		Muted: []web.Mute{{By: "silence", Name: "b3f1", Text: "eve: maintenance " + Evil}},
		Routes: []web.Route{
			{Route: "{}", Matchers: "{}", Matches: true, Reached: true, Decides: !critical, Receiver: "ops"},
			{Depth: 1, Route: `{}/{severity="critical"}`, Matchers: `{severity="critical"}`, Matches: critical, Reached: true, Decides: critical, Receiver: "oncall"},
		},
	}
	out.Routes[0].Telling = &web.Telling{
		Group: "ops/{}", Labels: map[string]string{"host": ls.Get("host")}, Wait: "1s", Interval: "1m", Repeat: "4h",
		Muted: []web.Mute{{By: "time interval", Name: "nights", Text: "outside of it"}},
	}
	if critical {
		out.Routes[0].Telling = nil
		out.Routes[1].Telling = &web.Telling{
			Group: "oncall/{}", Labels: web.LabelMap(ls), Wait: "0s", Interval: "1m", Escalate: "managers after 15m", Muted: []web.Mute{},
		}
	}
	return out
}
