package main

import (
	"cmp"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/web"
)

func explainRouteCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "route LABEL=VALUE…",
		Short: "Say who would be told about an alert with these labels",
		Long: `Prints the tree of routes of the configuration and what each makes of an alert with
these labels: which take it, who is told, in which group, and when. A rule that
names its receiver itself does not ask the routes.

It reads the configuration and needs no daemon. With --api the daemon is asked: it
knows its silences and which alerts fire now and hide others.`,
		Example: `  qmpalert explain route alertname=PausedOnIOError severity=critical host=kvm07 vm=db1
  qmpalert explain route severity=critical --at 2026-11-28T03:00:00Z
  qmpalert explain route severity=critical --api http://127.0.0.1:9595 --token-file token`,
		Args: arguments(1, -1, "say which labels the alert has: severity=critical vm=db1"),
	}
	at := cmd.Flags().String("at", "", "for which `time`, such as 2026-11-28T03:00:00Z, or a duration from now (default: now)")
	asked, output := apiFlags(cmd), outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		labels, err := labelArgs(args)
		if err != nil {
			return err
		}
		when, err := instantOf(*at, time.Now)
		if err != nil {
			return usage("", "explain route: --at: %v", err)
		}
		var x web.RouteExplanation
		if asked.address != "" {
			client, err := asked.client(cmd)
			if err != nil {
				return err
			}
			if x, err = client.ExplainRoute(cmd.Context(), args, when); err != nil {
				return asked.failed(err)
			}
		} else if x, err = routeOffline(cmd.ErrOrStderr(), asked.file, labels, cmp.Or(int64(when), time.Now().UnixMicro())); err != nil {
			return err
		}
		if *output == formatJSON {
			return writeJSON(cmd.OutOrStdout(), x)
		}
		var text strings.Builder
		routeNode(colours(cmd.OutOrStdout()), &x).print(&text)
		_, err = io.WriteString(cmd.OutOrStdout(), text.String())
		return err
	}
	return cmd
}

func labelArgs(args []string) (alert.Labels, error) {
	m := make(map[string]string)
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" {
			return nil, usage("", "explain route: want LABEL=VALUE, not %q", arg)
		}
		if _, twice := m[name]; twice {
			return nil, usage("", "explain route: %s is there twice", name)
		}
		m[name] = strings.Trim(value, `"`)
	}
	for name, value := range m {
		if value == "" {
			delete(m, name) // as if it were not there
		}
	}
	return labelsOf(m), nil
}

// routeOffline asks a configuration.
func routeOffline(w io.Writer, file string, labels alert.Labels, at int64) (web.RouteExplanation, error) {
	var none web.RouteExplanation
	if file = cmp.Or(file, config.Find()); file == "" {
		return none, usage("name it with --config FILE, or ask the daemon with --api URL",
			"explain route: there is no configuration: neither ./qmpalert.yml nor /etc/qmpalert/qmpalert.yml")
	}
	cfg, _, findings := config.LoadFile(file)
	if cfg == nil {
		return none, printInvalid(w, findings)
	}
	e, err := daemon.ExplainRoute(cfg, labels, at)
	if err != nil {
		return none, usage("", "explain route: %s: %v", file, err)
	}
	return web.RouteOf(labels, at, e), nil
}

// routeNode is the tree of routes.
func routeNode(p painter, x *web.RouteExplanation) *node {
	n := newNode("%s %s", p.paint(bold, "routes"), p.paint(dim, "at "+x.At.String()))
	for _, m := range x.Muted {
		n.say(p.paint(yellow, muteText(m)))
	}
	path := []*node{n}
	for i := range x.Routes {
		r := &x.Routes[i]
		if r.Depth+1 > len(path) { // no parent: nothing that we print
			continue
		}
		path = append(path[:r.Depth+1], oneRoute(p, path[r.Depth], r))
	}
	return n
}

func oneRoute(p painter, parent *node, r *web.Route) *node {
	receiver := safe(cmp.Or(r.Receiver, "nobody"))
	switch {
	case r.Decides:
	case !r.Matches:
		return parent.add("%s", p.paint(dim, safe(r.Matchers)+"  does not match"))
	case !r.Reached:
		return parent.add("%s", p.paint(dim, safe(r.Matchers)+"  a route above has taken it"))
	default:
		return parent.add("%s  %s", safe(r.Matchers), p.paint(dim, "a route below takes it"))
	}
	n := parent.add("%s  %s", safe(r.Matchers), p.paint(green, "tells "+receiver))
	if t := r.Telling; t != nil {
		group := make([]string, 0, len(t.Labels))
		for _, l := range labelsOf(t.Labels) {
			group = append(group, l.Name+"="+labelText(l.Value))
		}
		n.say("in the group {" + strings.Join(group, " ") + "}")
		text := "the first message waits " + t.Wait + ", more alerts " + t.Interval
		if t.Repeat == "" {
			text += ", never repeated"
		} else {
			text += ", repeated every " + t.Repeat
		}
		n.say(text)
		if t.Escalate != "" {
			n.say("if nobody acknowledges: " + safe(t.Escalate))
		}
		for _, m := range t.Muted {
			n.say(p.paint(yellow, muteText(m)))
		}
	}
	if r.Continue {
		n.say("and goes on to the next route")
	}
	return n
}
