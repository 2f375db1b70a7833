package main

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/web"
)

// exitUnreachable is the code when there is no daemon to ask. It is a contract
// with scripts, as those of exit.go.
const exitUnreachable = 3

// defaultAPI is where a daemon is asked when nobody says otherwise.
const defaultAPI = "http://127.0.0.1:9595"

// api is where the daemon is, as the command line and the configuration say.
type api struct {
	verb      string
	address   string
	tokenFile string
	file      string
	silent    string // a configuration without web.listen
}

// apiFlags adds the flags of verbs that ask the daemon.
func apiFlags(cmd *cobra.Command) *api {
	a := &api{}
	cmd.Flags().StringVar(&a.address, "api", "", "the `URL` of the daemon (default: web.listen of the configuration, else "+defaultAPI+")")
	cmd.Flags().StringVar(&a.tokenFile, "token-file", "", "the `file` that holds the token of the API (default: as the configuration says)")
	cmd.Flags().StringVar(&a.file, "config", "", "the configuration `file` (default: ./qmpalert.yml, then /etc/qmpalert/qmpalert.yml)")
	return a
}

// client makes a client for the daemon. A configuration that cannot be used only
// matters when it was named: somebody may be in the middle of changing the usual
// one while the daemon runs on.
func (a *api) client(cmd *cobra.Command) (*web.Client, error) {
	a.verb = prefix(cmd)
	address := a.address
	var token func() (string, error)
	if address == "" || a.tokenFile == "" {
		cfg, err := a.config(cmd)
		if err != nil {
			return nil, err
		}
		// The token goes where the configuration says that the daemon is, and
		// nowhere else by itself.
		if cfg != nil && address == "" {
			address = apiAddress(cfg.Web.Listen)
			if cfg.Web.Token.IsSet() {
				token = cfg.Web.Token.Read
			}
			if cfg.Web.Listen == "" {
				a.silent = cfg.File
			}
		}
	}
	if a.tokenFile != "" {
		token = readToken(a.tokenFile)
	}
	c, err := web.NewClient(cmp.Or(address, defaultAPI), token)
	if err != nil {
		return nil, usage("", "%s--api: %w", a.verb, err)
	}
	return c, nil
}

func (a *api) config(cmd *cobra.Command) (*config.Config, error) {
	file := cmp.Or(a.file, config.Find())
	if file == "" {
		return nil, nil
	}
	cfg, _, findings := config.LoadFile(file)
	if cfg == nil && a.file != "" {
		return nil, printInvalid(cmd.ErrOrStderr(), findings)
	}
	return cfg, nil
}

// apiAddress is the URL of a daemon that listens there. One that listens
// everywhere is asked on loopback.
func apiAddress(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	switch host {
	case "", "0.0.0.0":
		host = "127.0.0.1"
	case "::":
		host = "::1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func readToken(file string) func() (string, error) {
	return func() (string, error) {
		b, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		token := strings.TrimSpace(string(b))
		if token == "" {
			return "", fmt.Errorf("%s: there is no token in it", file)
		}
		return token, nil
	}
}

// failed words what came back instead of an answer.
func (a *api) failed(err error) error {
	var away *web.Unreachable
	var problem *web.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &away):
		hint := "does `qmpalert run` run, with web.listen in its configuration? --api names another address"
		if a.silent != "" {
			hint = a.silent + " has no web.listen: a daemon with it answers nobody; add web: {listen: '127.0.0.1:9595'}"
		}
		return &failure{code: exitUnreachable, err: fmt.Errorf("%s%w", a.verb, err), hint: hint}
	case !errors.As(err, &problem):
		return fmt.Errorf("%s%w", a.verb, err)
	case problem.Status == http.StatusUnauthorized:
		return usage("--token-file names the file that holds the daemon's token", "%sthe daemon wants a token", a.verb)
	}
	return usage("", "%s%s", a.verb, cmp.Or(problem.Detail, problem.Title))
}

// authorFlag adds the flag that says who acknowledges and silences, and returns
// who it is.
func authorFlag(cmd *cobra.Command) func() string {
	name := cmd.Flags().String("author", "", "`who` you are (default: your login name)")
	return func() string { return cmp.Or(*name, userName()) }
}

func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return cmp.Or(os.Getenv("USER"), "somebody")
}

// completeAlerts lists the ids of alerts that are not over.
func completeAlerts(a *api) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		out := []string{}
		if client, err := a.client(cmd); err == nil {
			all, _, _ := client.Alerts(cmd.Context(), web.ListQuery{}) // without a daemon: nothing
			for i := range all {
				if id := all[i].ID.String(); strings.HasPrefix(id, prefix) {
					out = append(out, id+"\t"+safe(all[i].Name+" "+all[i].Labels["vm"]))
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// completeSilences lists the ids of silences that are not over.
func completeSilences(a *api) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, prefix string) ([]string, cobra.ShellCompDirective) {
		out := []string{}
		if client, err := a.client(cmd); err == nil {
			all, _ := client.Silences(cmd.Context())
			for _, s := range all {
				if s.State != "expired" && strings.HasPrefix(s.ID, prefix) {
					out = append(out, safe(s.ID)+"\t"+safe(strings.Join(s.Matchers, ", ")))
				}
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}

// filterArgs makes matchers of arguments: a word without an operator is the name
// of an alert.
func filterArgs(args []string) []string {
	var out []string
	for _, arg := range args {
		if !strings.ContainsAny(arg, "=~{") {
			arg = fmt.Sprintf("alertname=%q", arg)
		}
		out = append(out, arg)
	}
	return out
}
