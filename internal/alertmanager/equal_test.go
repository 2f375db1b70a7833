package alertmanager

import (
	"testing"

	"pgregory.net/rapid"
)

type one struct{ name, value string }

func (o one) Get(name string) string {
	if name == o.name {
		return o.value
	}
	return ""
}

// TestEqual: whatever the value is, the matcher can be read and takes it and no
// other.
func TestEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value, other := rapid.String().Draw(t, "value"), rapid.String().Draw(t, "other")
		text := Equal("vm", value)
		m, err := ParseMatcherList([]string{text})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !m.Match(one{"vm", value}) {
			t.Fatalf("%s does not take %q", text, value)
		}
		if other != value && m.Match(one{"vm", other}) {
			t.Fatalf("%s takes %q", text, other)
		}
	})
}
