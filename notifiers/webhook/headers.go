package webhook

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/qmpalert/qmpalert/notifiers/story"
)

var headerForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,75}$`)

// taken are the headers that the message is made of, and those of HTTP itself.
var taken = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host", "idempotency-key",
	"keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
	headerID, headerSignature, headerTimestamp,
}

// checkHeaders refuses headers that would replace one of ours, or that are none.
func checkHeaders(cfg *Config) error {
	seen := map[string]bool{}
	for _, h := range cfg.Headers {
		name := strings.ToLower(h.Name)
		switch {
		case !headerForm.MatchString(h.Name):
			return fmt.Errorf("webhook: headers: %q is not the name of a header", h.Name)
		case slices.Contains(taken, name):
			return fmt.Errorf("webhook: headers: %s is set by qmpalert itself", h.Name)
		case name == "authorization" && cfg.Auth.Used():
			return fmt.Errorf("webhook: headers: %s is set by http_config already", h.Name)
		case seen[name]:
			return fmt.Errorf("webhook: headers: %s is given twice", h.Name)
		case strings.ContainsFunc(h.Value, story.Unsafe):
			return fmt.Errorf("webhook: headers: the value of %s has control characters", h.Name)
		}
		seen[name] = true
	}
	return nil
}
