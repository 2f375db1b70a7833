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
	r := &reader{list: &list, dir: filepath.Dir(file), expanded: map[*yamldoc.Node]bool{}}
	expand(root, env, r)
	c := &Config{File: file, ignores: yamldoc.FindIgnores(file, src, root)}
	if !root.IsNull() && root.AsMapping(&list) {
		r.config(root, c)
	}
	broken := list.HasErrors()
	// What needs the rules CheckRules finds; of a file with errors not everything
	// is looked at.
	list = c.ignores.Obey(list, func(code diag.Code) bool {
		return !broken && code != diag.UnusedName && code != diag.MatchesNoAlert
	})
	list.Sort()
	if broken {
		return nil, list
	}
	return c, list
}

var topKeys = yamldoc.Keys{
	Where: "the configuration",
	Known: []string{"host", "external_url", "sources", "rule_files", "route", "inhibit_rules", "time_intervals", "receivers",
		"web", "storage", "heartbeat"},
	Unsupported: []string{"mute_time_intervals", "global", "templates", "tracing", "event_recorder", "clock_step"},
	Instead: func(key string, _ *yamldoc.Node) string {
		return map[string]string{
			"mute_time_intervals": "call it `time_intervals`; a route names those that mute it under `mute_time_intervals`",
			"global":              "write at each receiver what it needs: `smarthost`, `api_url`, `http_config`",
			"templates":           "what people read is the rule's `annotations`; a webhook may have a `body` of its own",
		}[key]
	},
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
	r.each(n, "receivers", func(v *yamldoc.Node) { r.receiver(v, c) })
	r.each(n, "time_intervals", func(v *yamldoc.Node) { r.timeInterval(v, c) })
	r.each(n, "inhibit_rules", func(v *yamldoc.Node) { c.InhibitRules = append(c.InhibitRules, r.inhibitRule(v)) })
	r.rootRoute(n, c)
	c.Web = r.web(n)
	c.Storage = r.storage(n)
	c.Heartbeat = r.heartbeat(n)
	c.wanted = r.wanted
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
