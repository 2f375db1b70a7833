package config

import (
	"path/filepath"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

var execKeys = yamldoc.Keys{
	Where:       "exec_configs",
	Known:       []string{"command", "timeout", "send_resolved"},
	Unsupported: []string{"args", "env", "user", "shell"},
	Instead: func(key string, _ *yamldoc.Node) string {
		if key == "args" {
			return "the arguments stand in `command`, behind the program"
		}
		return "let a program of your own do that, and name it in `command`"
	},
}

func (r *reader) exec(n *yamldoc.Node) Exec {
	n.CheckKeys(r.list, execKeys)
	return Exec{
		Command:      r.command(n),
		Timeout:      r.duration(n, "timeout", 0, 0),
		SendResolved: r.boolean(n, "send_resolved", true),
		Pos:          n.Pos,
	}
}

// command is the program and its arguments. The program is the one path that is
// not relative to the file: which program is run must not depend on anything.
func (r *reader) command(n *yamldoc.Node) []string {
	v := n.Require(r.list, "an exec receiver", "command")
	if v == nil {
		return nil
	}
	nodes, ok := v.AsScalarList(r.list)
	if !ok {
		return nil
	}
	words := make([]string, len(nodes))
	for i, node := range nodes {
		words[i] = node.Value
	}
	switch {
	case len(words) == 0 || words[0] == "":
		r.list.Errorf(diag.BadValue, v.Pos, "`command` does not name a program")
		return nil
	case v.Kind == yamldoc.Scalar && strings.ContainsAny(words[0], " \t|;&><$"):
		r.list.Add(diag.New(diag.BadValue, v.Pos, "no shell reads `command`: this would be the name of a program").
			WithHint("write program and arguments as a list: command: [%s]", strings.Join(strings.Fields(words[0]), ", ")))
	case strings.Contains(words[0], "/") && !filepath.IsAbs(words[0]):
		r.list.Add(diag.New(diag.BadAddress, v.Pos, "the path of a program must be absolute").
			WithHint("begin it with /, or write its name alone to have it searched in PATH"))
	}
	return words
}
