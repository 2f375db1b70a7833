package rules

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/duration"
	"github.com/qmpalert/qmpalert/internal/term"
)

// severalForOne are events of which one occurrence can send several: how many,
// and why.
var severalForOne = map[string]struct {
	most      int
	unless    string // a member that tells them apart
	why, hint string
}{
	"RESET": {3, "", "one reboot sends one to three RESETs, because firmware resets the machine again",
		"ask for more than 3, for reboots that are meant count twice as many"},
	"DEVICE_DELETED": {10, "device", "one unplug sends a DEVICE_DELETED for each part of the device",
		"add `expr: device != nil`: only the device itself has its id"},
	"SPICE_CONNECTED": {10, "", "one SPICE client opens several channels, each with its own events",
		"count SPICE_INITIALIZED with `expr: client.channel_type == 1`, the main channel"},
	"SPICE_DISCONNECTED": {10, "", "one SPICE client has several channels, each with its own events",
		"count SPICE_INITIALIZED with `expr: client.channel_type == 1`, the main channel"},
}

// comesOnce are events that are silent until somebody arms them again, and the
// members of which one value can send only one.
var comesOnce = map[string]struct {
	by  []string
	why string
}{
	"BLOCK_WRITE_THRESHOLD": {[]string{"node-name"},
		"a threshold is gone when it was passed, until `block-set-write-threshold` sets a new one"},
	"NIC_RX_FILTER_CHANGED": {[]string{"", "name", "path"},
		"QEMU sends no further one until somebody asks `query-rx-filter`"},
	"BLOCK_IMAGE_CORRUPTED": {[]string{"node-name"},
		"QEMU tells of a damaged image once for each time it is opened"},
}

// lintCount looks at how many of an event are asked for.
func (c *compiler) lintCount(r *Rule, places []place) {
	match, least := matchOf(places), c.least(r)
	if least < 2 || match == nil || len(match.defs) != 1 {
		return
	}
	d, pos := match.defs[0], c.countPos()
	// What is taken back within a moment has thought of it.
	settles := r.For > 0 && r.HasResolve && strings.HasPrefix(d.Name, "SPICE_")
	if s, ok := severalForOne[d.Name]; ok && !settles && least <= s.most && (s.unless == "" || !match.cond.Reads(s.unless) && !c.hasBy(s.unless)) {
		c.add(diag.New(diag.SeveralForOne, pos, "%d %s need not be %d occurrences: %s", least, d.Name, least, s.why).WithHint("%s", s.hint))
	}
	once, ok := comesOnce[d.Name]
	if !ok || r.Scope != ScopeVM {
		return
	}
	pinned := c.hasBy(once.by...) || len(c.spec.By) == 0 && once.by[0] == ""
	if pinned {
		c.add(diag.New(diag.ComesOnce, pos, "%d %s rarely come: %s", least, d.Name, once.why).
			WithHint("alert at the first one: leave out `count`, `having` and `within`"))
	}
}

// countPos is where the number stands.
func (c *compiler) countPos() diag.Pos {
	if c.spec.wrote("having") {
		return c.keyPos("having")
	}
	return c.keyPos("count")
}

// least is how many matches a window needs at least, as far as that can be
// seen: `count: N`, or `count >= N` and `rate > X` in `having`. 0: no window.
func (c *compiler) least(r *Rule) int {
	switch r.Form {
	case FormCount:
		return r.Count
	case FormHaving:
		return leastOf(term.Parse(r.View().Having), r.Within)
	}
	return 0
}

// leastOf reads the greatest number that count must reach for t to hold.
func leastOf(t *term.Term, within time.Duration) int {
	least := 0
	eachNumber(t, within, func(op string, x float64) {
		switch op {
		case ">":
			least = max(least, atMost(math.Floor(x))+1)
		case ">=", "==":
			least = max(least, atMost(math.Ceil(x)))
		}
	})
	return least
}

// eachNumber calls do for each number that count is compared with where t needs
// it. A rate is count per second of the window.
func eachNumber(t *term.Term, within time.Duration, do func(op string, x float64)) {
	for _, cond := range t.Conjuncts() {
		if len(cond.Args) != 2 {
			continue
		}
		a, b, op := cond.Args[0], cond.Args[1], cond.Head
		if what := b.Path(); what == "count" || what == "rate" {
			a, b, op = b, a, map[string]string{"<=": ">=", "<": ">", "==": "==", ">=": "<=", ">": "<"}[op]
		}
		x, err := strconv.ParseFloat(strings.TrimSuffix(b.Lit, "f"), 64)
		switch {
		case err != nil || b.Lit == "":
			continue
		case a.Path() == "rate":
			x *= within.Seconds()
		case a.Path() != "count":
			continue
		}
		do(op, x)
	}
}

// lintEmpty: a window without a match is not looked at.
func (c *compiler) lintEmpty(r *Rule) {
	if r.Form != FormHaving {
		return
	}
	never := false
	eachNumber(term.Parse(r.View().Having), r.Within, func(op string, x float64) {
		never = never || x < 1 && (op == "==" || op == "<=") || x <= 1 && op == "<"
	})
	if never {
		c.add(diag.New(diag.NeverEmpty, c.keyPos("having"), "an empty window is not looked at: `having` never holds").
			WithHint("that nothing came for so long is `absent_for: %s`", duration.Format(r.Within)))
	}
}

// atMost keeps a number small enough to calculate with.
func atMost(x float64) int {
	return int(min(max(x, 0), 1e9))
}
