package config

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// Load reads a configuration. file is its name, for positions and for the
// directory of the paths in it; env looks up an environment variable. The
// Config is nil if and only if a finding is an error. It touches no disk.
func Load(file string, src []byte, env func(string) (string, bool)) (*Config, diag.List) {
	root, list := yamldoc.Parse(file, src)
	if root == nil {
		return nil, list
	}
	r := &reader{list: &list, dir: filepath.Dir(file)}
	expand(root, env, &list)
	c := &Config{File: file}
	if !root.IsNull() && root.AsMapping(&list) {
		r.config(root, c)
	}
	list.Sort()
	if list.HasErrors() {
		return nil, list
	}
	return c, list
}

var topKeys = yamldoc.Keys{
	Where:       "the configuration",
	Known:       []string{"host", "external_url", "sources", "rule_files", "route", "receivers"},
	Unsupported: []string{"web", "storage", "inhibit_rules", "time_intervals", "mute_time_intervals", "global", "templates", "clock_step"},
}

func (r *reader) config(n *yamldoc.Node, c *Config) {
	n.CheckKeys(r.list, topKeys)
	c.Host = r.name(n, "host")
	c.ExternalURL = r.externalURL(n)
	if v := n.Get("sources"); v != nil {
		items, _ := v.AsSequence(r.list)
		c.Sources = make([]Source, 0, len(items))
		for _, item := range items {
			r.source(item, c)
		}
	}
	if v := n.Get("rule_files"); v != nil {
		nodes, _ := v.AsScalarList(r.list)
		c.RuleFiles = make([]string, 0, len(nodes))
		for _, node := range nodes {
			r.ruleFile(node, c)
		}
	}
	if v := n.Get("receivers"); v != nil {
		items, _ := v.AsSequence(r.list)
		for _, item := range items {
			r.receiver(item, c)
		}
	}
	r.route(n, c)
}

func (r *reader) externalURL(n *yamldoc.Node) string {
	s, ok := r.text(n, "external_url")
	if !ok {
		return ""
	}
	if problem := httpURL(s); problem != "" {
		r.list.Errorf(diag.BadAddress, n.Get("external_url").Pos, "`external_url` %s", problem)
	}
	return strings.TrimSuffix(s, "/")
}

func (r *reader) ruleFile(n *yamldoc.Node, c *Config) {
	if n.Kind != yamldoc.Scalar || n.IsNull() {
		return // reported
	}
	if n.Value == "" {
		r.list.Errorf(diag.BadValue, n.Pos, "an empty text in `rule_files`")
		return
	}
	path := r.path(n.Value)
	if _, err := filepath.Match(path, ""); err != nil {
		r.list.Add(diag.New(diag.BadAddress, n.Pos, "%q is no glob", n.Value).WithHint("close the [ or write \\[ for the character"))
		return
	}
	c.RuleFiles = append(c.RuleFiles, path)
}

var routeKeys = yamldoc.Keys{
	Where: "the route",
	Known: []string{"receiver"},
	Unsupported: []string{"group_by", "group_wait", "group_interval", "repeat_interval", "routes", "matchers", "match", "match_re",
		"continue", "escalate", "mute_time_intervals", "active_time_intervals"},
}

// route finds who is told: the receiver named, else the only one.
func (r *reader) route(root *yamldoc.Node, c *Config) {
	c.Route.Pos = diag.Pos{File: c.File}
	if key := root.Key("receivers"); key != nil {
		c.Route.Pos = key.Pos
	}
	names := c.ReceiverNames()
	if n := root.Get("route"); n != nil && n.AsMapping(r.list) {
		c.Route.Pos = n.Pos
		n.CheckKeys(r.list, routeKeys)
		if name, ok := r.text(n, "receiver"); ok {
			c.Route.Receiver, c.Route.Pos = name, n.Get("receiver").Pos
			if c.Receiver(name) == nil {
				f := diag.New(diag.UnknownReceiver, c.Route.Pos, "there is no receiver `%s`", name)
				switch f.Hint = diag.DidYouMean(name, names); {
				case len(names) == 0:
					f.Hint = "add it under `receivers:`"
				case f.Hint == "":
					f.Hint = "the receivers are " + strings.Join(names, ", ")
				}
				r.list.Add(f)
			}
			return
		}
		if n.Get("receiver") != nil {
			return // it is there, and a finding
		}
	}
	switch len(names) {
	case 0:
	case 1:
		c.Route.Receiver = names[0]
	default:
		r.list.Add(diag.New(diag.NoReceiver, c.Route.Pos, "there are %d receivers, and nothing says which one is told", len(names)).
			WithHint("add `route: {receiver: %s}`", names[0]))
	}
}

// httpURL says what is wrong with an address, "" if nothing. It does not quote
// the address, which may hold a secret.
func httpURL(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "is not a URL"
	case u.Scheme != "http" && u.Scheme != "https":
		return "must begin with https:// or http://"
	case u.Hostname() == "":
		return "has no host"
	}
	return ""
}
