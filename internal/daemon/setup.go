package daemon

import (
	"log/slog"
	"time"

	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/config"
	"github.com/qmpalert/qmpalert/internal/deliver"
	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/rules"
)

// setup is everything that a reload may exchange, checked and ready; and what is
// opened at the start only: storage and web.
type setup struct {
	host      string
	rules     *rules.Set
	files     []rules.File // of rules, to be loaded again after a restart
	route     dispatch.Config
	endpoints []deliver.Endpoint
	buttons   []buttons
	sources   []sourceSpec
	heartbeat config.Heartbeat

	storage storage
	web     config.Web
}

// storage is the state directory and its bounds.
type storage struct {
	path      string // "" keeps nothing
	sync      bool
	retention time.Duration
	maxBytes  int64
}

func storageOf(c *config.Storage) storage {
	return storage{c.Path, c.Sync, c.Retention, c.MaxSize}
}

// warn logs what was found in a setup that is taken.
func (s *setup) warn(log *slog.Logger, findings diag.List) {
	for _, f := range findings {
		log.Warn("rule finding", "finding", f.String())
	}
	if s.rules.Len() == 0 {
		log.Warn("there is no rule: nothing can alert until a rule file has one")
	}
}

// fixed says which keys changed that only a restart takes over.
func (s *setup) fixed(next *setup) []string {
	var keys []string
	if s.storage != next.storage {
		keys = append(keys, "storage")
	}
	if s.web.Listen != next.web.Listen {
		keys = append(keys, "web.listen")
	}
	if !s.web.Token.Same(next.web.Token) {
		keys = append(keys, "web.token")
	}
	return keys
}

// lost says that next has less than half of the rules of s left: somebody's
// mv or git checkout may be under way (docs/semantics.md, rule 20).
func (s *setup) lost(next *setup) bool {
	left := make(map[[2]string]bool)
	for _, r := range next.rules.Rules() {
		left[[2]string{r.Group, r.Name}] = true
	}
	gone := 0
	for _, r := range s.rules.Rules() {
		if !left[[2]string{r.Group, r.Name}] {
			gone++
		}
	}
	return 2*gone > s.rules.Len()
}
