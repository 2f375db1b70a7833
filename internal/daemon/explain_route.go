package daemon

import (
	"github.com/qmpalert/qmpalert/alert"
	"github.com/qmpalert/qmpalert/dispatch"
	"github.com/qmpalert/qmpalert/internal/config"
)

// ExplainRoute says who would be told by a configuration about an alert with
// these labels, sorted by name, at an instant in microseconds since 1970.
func ExplainRoute(cfg *config.Config, labels alert.Labels, at int64) (dispatch.Explanation, error) {
	p, err := dispatch.New(routeOf(cfg))
	if err != nil {
		return dispatch.Explanation{}, err
	}
	return p.Explain(labels, at), nil
}
