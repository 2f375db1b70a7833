package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/event"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/daemon"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/notifiers"
	"github.com/qmpalert/qmpalert/qmp"
)

func notifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "notify",
		Short: "Try receivers",
		Long:  "Sends messages by hand, to see whether a receiver works.",
		Args:  cobra.ArbitraryArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(notifyTestCommand())
	return cmd
}

func notifyTestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test RECEIVER",
		Short: "Send a test notification to a receiver",
		Long: `Sends one firing alert, marked as a test, to every address of a receiver of the
configuration, through the same code that real alerts take, and says what came
back. It tries once. With --resolve the alert is resolved right after: Slack edits
its message, mail continues the thread.

The exit code is 1 when an address did not take the message.`,
		Example: `  qmpalert notify test ops
  qmpalert notify test oncall --resolve --config /etc/qmpalert/qmpalert.yml`,
		Args: arguments(1, 1, "name a receiver of the configuration"),
	}
	file := cmd.Flags().String("config", "", "the configuration `file` (default: ./qmpalert.yml, then /etc/qmpalert/qmpalert.yml)")
	resolve := cmd.Flags().Bool("resolve", false, "resolve the alert afterwards")
	timeout := cmd.Flags().String("timeout", "30s", "the `duration` that an address may take")
	output := outputFlag(cmd, formatText, formatJSON)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		allowed, err := duration.Parse(*timeout)
		if err == nil && allowed == 0 {
			err = errors.New("nothing can be sent in no time")
		}
		if err != nil {
			return usage("", "notify test: --timeout: %v", err)
		}
		endpoints, host, err := receiverEndpoints(*file, args[0], cmd.ErrOrStderr())
		if err != nil {
			return err
		}
		t := tester{out: cmd.OutOrStdout(), format: *output, timeout: allowed, resolve: *resolve}
		ctx, stop := untilSignal(cmd.Context())
		defer stop()
		for _, e := range endpoints {
			if err := t.try(ctx, e, testChange(host)); err != nil {
				return err
			}
		}
		if t.failed {
			return silent(exitFindings)
		}
		return nil
	}
	return cmd
}

// receiverEndpoints returns the addresses of a receiver of the configuration.
// Findings go to w, and what the receiver console prints.
func receiverEndpoints(file, name string, w io.Writer) (endpoints []deliver.Endpoint, host string, err error) {
	if file = cmp.Or(file, config.Find()); file == "" {
		return nil, "", usage("name it: qmpalert notify test --config FILE "+name,
			"notify test: there is no configuration: neither ./qmpalert.yml nor /etc/qmpalert/qmpalert.yml")
	}
	cfg, _, findings := config.LoadFile(file)
	if cfg == nil {
		return nil, "", printInvalid(w, findings)
	}
	if cfg.Receiver(name) == nil {
		hint := diag.DidYouMean(name, cfg.ReceiverNames())
		if hint == "" {
			hint = "the receivers are " + strings.Join(cfg.ReceiverNames(), ", ")
		}
		return nil, "", usage(hint, "notify test: %s has no receiver %q", file, name)
	}
	all, findings := daemon.Endpoints(cfg, w)
	if findings.HasErrors() {
		return nil, "", printInvalid(w, findings)
	}
	for _, e := range all {
		if e.Receiver == name {
			endpoints = append(endpoints, e)
		}
	}
	if len(endpoints) == 0 {
		return nil, "", usage("add slack_configs, email_configs or webhook_configs to it", "notify test: receiver %q tells nobody", name)
	}
	host = cfg.Host
	if host == "" {
		if host, err = os.Hostname(); err != nil {
			host = "localhost"
		}
	}
	return endpoints, host, nil
}

// testChange is an alert that nobody can take for a real one, of now.
func testChange(host string) alert.Change {
	now := time.Now().UnixMicro()
	labels := alert.Labels{
		{Name: "alertname", Value: "QmpalertTest"}, {Name: "host", Value: host},
		{Name: "severity", Value: "info"}, {Name: "vm", Value: "test"},
	}
	return alert.Change{
		At: now, Status: alert.Firing, Name: "QmpalertTest", Labels: labels, Fingerprint: labels.Fingerprint(),
		Annotations: alert.Labels{{Name: "summary", Value: "This is a test of qmpalert. Nothing is wrong."}},
		ActiveAt:    now, StartsAt: now, EndsAt: qmp.NoTime, Count: 1, Reason: alert.ReasonMatch,
		Evidence: alert.Evidence{Events: []*event.Event{{
			Event: qmp.MakeEvent(&qmp.QMPAlertBlind{Reason: qmp.Some("a test, sent by hand")}, now),
			Host:  host, VM: event.VM{Name: "test"}, Source: "qmpalert", Received: now,
		}}},
	}
}

// tester sends and says what came back.
type tester struct {
	out     io.Writer
	format  format
	timeout time.Duration
	resolve bool
	failed  bool
}

func (t *tester) try(ctx context.Context, e deliver.Endpoint, c alert.Change) error {
	if c, ok := e.Notifier.(interface{ Check(context.Context) error }); ok {
		if err := t.check(ctx, e, c.Check); err != nil {
			return err
		}
	}
	receipt, sent, err := t.send(ctx, e, c, "")
	if err != nil || !sent || !t.resolve {
		return err
	}
	if !e.SendResolved {
		return t.say(e, alert.Resolved, 0, "not sent: send_resolved is false", nil)
	}
	c.Status, c.At, c.Reason = alert.Resolved, time.Now().UnixMicro(), alert.ReasonResolve
	c.EndsAt = c.At
	_, _, err = t.send(ctx, e, c, receipt)
	return err
}

func testKind(s alert.Status) notifiers.Kind {
	if s == alert.Resolved {
		return notifiers.KindResolved
	}
	return notifiers.KindFiring
}

// check asks the far end what it thinks of the configuration. Silence is
// consent: the message that follows tells more.
func (t *tester) check(ctx context.Context, e deliver.Endpoint, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	began := time.Now()
	failure := ask(ctx)
	if failure == nil {
		return nil
	}
	t.failed = true
	return t.say(e, "check", time.Since(began), "", failure)
}

// send tries one message; sent says that it arrived, err is that of printing.
func (t *tester) send(ctx context.Context, e deliver.Endpoint, c alert.Change, prev notifiers.Receipt) (receipt notifiers.Receipt, sent bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	began := time.Now()
	receipt, failure := e.Notifier.Notify(ctx, notifiers.Notification{
		ID:       fmt.Sprintf("test-%d-%s", c.StartsAt, c.Status),
		Receiver: e.Receiver, GroupKey: e.Receiver + "/" + c.Fingerprint.String(), Status: c.Status, At: c.At,
		Alerts: []alert.Change{c}, GroupLabels: c.Labels, CommonLabels: c.Labels, CommonAnnotations: c.Annotations,
		Kind: testKind(c.Status), Timeline: []notifiers.Moment{{At: c.StartsAt, What: notifiers.Fired, Names: []string{c.Name}}},
		Test: true,
	}, prev)
	if failure != nil {
		t.failed = true
	}
	return receipt, failure == nil, t.say(e, c.Status, time.Since(began), "", failure)
}

// say prints one result.
func (t *tester) say(e deliver.Endpoint, status alert.Status, took time.Duration, note string, failure error) error {
	class := ""
	var classified *notifiers.Error
	if errors.As(failure, &classified) {
		class = classified.Class.String()
	}
	if t.format == formatJSON {
		return json.NewEncoder(t.out).Encode(struct {
			Receiver string       `json:"receiver"`
			Endpoint string       `json:"endpoint"`
			Status   alert.Status `json:"status"`
			OK       bool         `json:"ok"`
			Millis   int64        `json:"milliseconds"`
			Note     string       `json:"note,omitempty"`
			Class    string       `json:"class,omitempty"`
			Error    string       `json:"error,omitempty"`
		}{e.Receiver, e.Name, status, failure == nil, took.Milliseconds(), note, class, errorText(failure)})
	}
	w, p := bufio.NewWriter(t.out), colours(t.out)
	fmt.Fprintf(w, "%s %s: %s: ", safe(e.Receiver), e.Name, status)
	switch {
	case note != "":
		fmt.Fprintln(w, note)
	case failure == nil:
		fmt.Fprintf(w, "%s in %d ms\n", p.paint(green, "accepted"), took.Milliseconds())
	default:
		fmt.Fprintf(w, "%s: %s\n", p.paint(red, "failed"), safe(failure.Error()))
		advice := classAdvice[class]
		if errors.Is(failure, fs.ErrNotExist) || errors.Is(failure, fs.ErrPermission) {
			advice = "nothing was sent: this file has to be there and readable"
		}
		if advice != "" {
			fmt.Fprintf(w, "  hint: %s\n", advice)
		}
	}
	return w.Flush()
}

// classAdvice says what the daemon would do about a failure.
var classAdvice = map[string]string{
	notifiers.Retry.String():         "the daemon would try again",
	notifiers.Wait.String():          "the daemon would wait as long as it was told to, and try again",
	notifiers.Misconfigured.String(): "the far end refuses us: mend the configuration (token, channel, address)",
	notifiers.Rejected.String():      "the far end refuses this message",
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
