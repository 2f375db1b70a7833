package config

import (
	"math"
	"strconv"
	"strings"

	"github.com/qmpalert/qmpalert/internal/diag"
	"github.com/qmpalert/qmpalert/internal/yamldoc"
)

// sizeUnits are powers of 1000 and, with an i, of 1024.
var sizeUnits = []struct {
	name string
	of   int64
}{
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12},
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"B", 1}, // last: it ends all others
}

// size reads a number of bytes such as 2GB, at least least; absent is the
// default.
func (r *reader) size(n *yamldoc.Node, key string, def, least int64) int64 {
	text, ok := r.text(n, key)
	if !ok {
		return def
	}
	pos := n.Get(key).Pos
	size, ok := parseSize(text)
	switch {
	case !ok:
		r.list.Add(diag.New(diag.BadValue, pos, "`%s` is not a size", key).WithHint("write it as 500MB, 2GB or 2GiB"))
	case size < least:
		r.list.Errorf(diag.BadValue, pos, "`%s` must be at least %dMB", key, least/1e6)
	}
	return size
}

// parseSize reads a whole number with a unit.
func parseSize(s string) (size int64, ok bool) {
	for _, unit := range sizeUnits {
		digits, found := strings.CutSuffix(s, unit.name)
		if !found {
			continue
		}
		digits = strings.TrimRight(digits, " ")
		number, err := strconv.ParseUint(digits, 10, 63)
		if err != nil || int64(number) > math.MaxInt64/unit.of {
			return 0, false
		}
		return int64(number) * unit.of, true
	}
	return 0, false
}
