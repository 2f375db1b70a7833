package alertmanager

import "github.com/prometheus/alertmanager/pkg/labels"

// Equal returns the text of the matcher that takes exactly this value of a label.
func Equal(name, value string) string {
	m := labels.Matcher{Type: labels.MatchEqual, Name: name, Value: value}
	return m.String()
}
